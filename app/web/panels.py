"""The names of a unit's panels: the same in addresses, in embedding, and in the JSON of a panel.

A technique's panel bears the technique's own name.
"""

from __future__ import annotations

PICTURE = "picture"
SEEDS = "seeds"
EXAMPLES = "examples"
MINIMUM = "minimum"
RANGE = "range"
HISTOGRAM = "histogram"
CLASSES = "classes"
EFFECTS = "effects"
UNITS = "units"
SIMILAR = "similar"
PROVENANCE = "provenance"

# In the order of the page; techniques stand after the picture.
PANELS = (
    PICTURE,
    SEEDS,
    EXAMPLES,
    MINIMUM,
    RANGE,
    HISTOGRAM,
    CLASSES,
    EFFECTS,
    UNITS,
    SIMILAR,
    PROVENANCE,
)

# What a frame on another site shows unless its address says otherwise.
EMBEDDED = (PICTURE, EXAMPLES)

# The panel of each kind of examples; other kinds bear their own name.
BY_KIND = {"top": EXAMPLES, "minimum": MINIMUM}

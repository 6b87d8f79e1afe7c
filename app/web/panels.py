"""The names of a unit's panels: the same in addresses, in embedding, and in the JSON of a panel.

A technique's panel bears the technique's own name.
"""

from __future__ import annotations

from collections.abc import Iterable

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

# What of a unit each panel shows; a technique's panel shows pictures, compared with examples.
_PARTS = {
    EXAMPLES: {"examples", "scans", "statistics"},
    MINIMUM: {"examples", "scans", "statistics"},
    RANGE: {"examples", "scans", "statistics"},
    HISTOGRAM: {"pictures", "scans", "statistics"},
    CLASSES: {"scans", "statistics"},
    EFFECTS: {"effects", "scans"},
    UNITS: {"effects", "scans"},
    SIMILAR: {"neighbours", "scans"},
    PROVENANCE: {"pictures", "scans"},
}


def parts_of(panels: Iterable[str]) -> set[str]:
    """What of a unit these panels show: `parts` of `unit_detail.unit`."""
    return set().union(*(_PARTS.get(panel, {"pictures", "examples"}) for panel in panels))

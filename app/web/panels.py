"""The names of a unit's panels: the same in addresses, in embedding, and in the JSON of a panel.

A technique's panel bears the technique's own name.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.techniques import OF_UNITS

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

# The parts of `unit_detail` that each panel of the page needs. Pictures are compared with peaks.
_PICTURES = {"pictures", "peaks"}
_EXAMPLES = {"examples", "scans", "statistics"}
_PARTS = {
    **dict.fromkeys((PICTURE, SEEDS, *OF_UNITS), _PICTURES),
    **dict.fromkeys((EXAMPLES, MINIMUM, RANGE), _EXAMPLES),
    HISTOGRAM: {"pictures", "scans", "statistics"},
    CLASSES: {"scans", "statistics"},
    EFFECTS: {"effects", "scans"},
    UNITS: {"effects", "scans"},
    SIMILAR: {"neighbours", "scans"},
    PROVENANCE: {"pictures", "scans"},
}


def parts_of(panels: Iterable[str]) -> set[str]:
    """The parts of a unit that these panels need.

    A name that is none of them may be that of another technique, or of another kind of examples.
    """
    return set().union(*(_PARTS.get(panel, _PICTURES | _EXAMPLES) for panel in panels))

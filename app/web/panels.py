"""The names of a unit's panels: the same in addresses, in embedding, and in the JSON of a panel.

They come from the kinds of evidence. A technique's panel bears the technique's own name.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.evidence import panels
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
PANELS = (*(panel.name for _, panel in panels()), PROVENANCE)

# What a frame on another site shows unless its address says otherwise.
EMBEDDED = (PICTURE, EXAMPLES)

# The panel of each kind of examples; other kinds bear their own name.
BY_KIND = {"top": EXAMPLES, "minimum": MINIMUM}

# The parts of `unit_detail` that each panel of the page needs. Pictures are compared with peaks.
_PICTURES = frozenset({"visualizations", "peaks"})
_EXAMPLES = frozenset({"examples", "scans", "statistics"})
_PARTS = {
    **dict.fromkeys(OF_UNITS, _PICTURES),
    **{panel.name: panel.parts | {kind.name} for kind, panel in panels()},
    PROVENANCE: frozenset({"visualizations", "scans"}),
}


def parts_of(panels: Iterable[str]) -> set[str]:
    """The parts of a unit that these panels need.

    A name that is none of them may be that of another technique, or of another kind of examples.
    """
    return set().union(*(_PARTS.get(panel, _PICTURES | _EXAMPLES) for panel in panels))

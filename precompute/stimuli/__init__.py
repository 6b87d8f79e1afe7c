"""Drawn images whose content is known: the toy network's data set, and stimuli for tuning.

`grid`, `periodic`, `radial`, `shapes` and `texture` draw from exact parameters; `catalogue` makes
classes of them, `drawing` pictures, `collection` a data set. NumPy and Pillow only.
"""

from precompute.stimuli.catalogue import CLASSES, StimulusClass, find
from precompute.stimuli.collection import HELD_OUT_SEED, DrawnCollection, DrawnItem
from precompute.stimuli.drawing import DEFAULT_SIZE, draw

__all__ = [
    "CLASSES",
    "DEFAULT_SIZE",
    "HELD_OUT_SEED",
    "DrawnCollection",
    "DrawnItem",
    "StimulusClass",
    "draw",
    "find",
]

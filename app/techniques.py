"""The visualization techniques, in the order of a page's tabs: what each is for, and in words.

The only table of techniques: pages, searches, runs and `precompute/render`, which adds the
objectives, derive from it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Technique:
    """A technique, in data and in words."""

    slug: str
    """Its name in the database, in addresses and in `--techniques`."""
    name: str
    """As it stands before the word `picture`."""
    heading: str
    objective: str
    """What is maximised, without a full stop."""
    shows: str
    """What its pictures show, in one sentence."""
    method: str
    """How its pictures were made, and what their numbers mean."""
    of_maps: bool = True
    """Whether layers with a map have it."""
    of_logits: bool = False
    """Whether classes have it."""
    whole_layer: bool = False
    """One picture of a layer, not one of each unit."""
    members: int = 1
    """Pictures of each unit and seed."""
    is_minimized: bool = False
    """Whether it lowers the unit's activation: its pictures compare with the lowest examples."""
    is_one_cell: bool = False
    """Whether it shows what one cell sees, cropped: its pictures are small."""
    photograph_of: str = ""
    """The technique that it repeats from a photograph; it is not requested by its own name."""


CLEAN = "All are measured on the stored picture, clean."
CELLS = f"maximum is the largest cell of the map, before the ReLU. {CLEAN}"

CHANNEL = Technique(
    "channel",
    "channel",
    "Channel",
    "mean of the unit's map",
    "What excites the unit everywhere in its map.",
    "An image was changed, step by step, so that the mean of this unit's map grows. "
    f"Activation is that mean, after the ReLU; {CELLS}",
)
LOGIT = Technique(
    "logit",
    "logit",
    "Logit",
    "the class's logit",
    "What the network takes for this class.",
    "An image was changed, step by step, so that this class's logit grows: its score before the "
    f"softmax. Activation is that logit; {CELLS}",
    of_maps=False,
    of_logits=True,
)
NEURON = Technique(
    "neuron",
    "neuron",
    "Centre neuron",
    "centre of the map",
    "What excites the unit at the centre of its map only, cropped to where the unit can see.",
    "An image was changed, step by step, so that the cell at the centre of this unit's map grows, "
    "and cropped to the pixels that this cell can see. "
    f"Activation is that cell, before the ReLU; {CELLS}",
    is_one_cell=True,
)
NEGATIVE = Technique(
    "negative",
    "negative",
    "Negative",
    "suppression",
    "What suppresses the unit most.",
    "An image was changed, step by step, so that the mean of this unit's map, before the ReLU, "
    "sinks. Activation is minus that mean, so that more is more suppressed; minimum is the "
    f"smallest cell of the map, before the ReLU. {CLEAN}",
    of_logits=True,
    is_minimized=True,
)
DIVERSITY = Technique(
    "diversity",
    "diversity",
    "Diversity",
    "diversity",
    "Pictures that excite the unit in different ways.",
    "Several images were changed together, step by step, so that the mean of this unit's map "
    "grows in each of them while they stay unlike each other. "
    f"Activation is that mean, after the ReLU; {CELLS}",
    members=4,
)
DIRECTION = Technique(
    "direction",
    "direction",
    "Direction",
    "direction",
    "What moves the layer along a direction in the space of its units.",
    "An image was changed, step by step, so that the mean dot product of the layer's cells with "
    f"the direction grows. Activation is that mean; {CELLS}",
    of_maps=False,
)
DEEPDREAM = Technique(
    "deepdream",
    "DeepDream",
    "DeepDream",
    "mean of the squared activations of the layer",
    "Pictures that excite the layer as a whole: the mean of the squared activations of all its "
    "units was raised.",
    "An image was changed, step by step, so that the mean of the squared activations of the whole "
    "layer grows. Activation is that mean; maximum is the largest value of the layer. "
    f"{CLEAN}",
    whole_layer=True,
)
DEEPDREAM_PHOTOGRAPH = Technique(
    "deepdream-photograph",
    "DeepDream from a photograph",
    "DeepDream from a photograph",
    DEEPDREAM.objective,
    "What the layer sees in a photograph: the same, in a few small steps from it.",
    "A photograph was changed, in a few small steps, so that the mean of the squared activations "
    "of the whole layer grows. Activation is that mean; maximum is the largest value of the layer. "
    f"{CLEAN}",
    whole_layer=True,
    photograph_of=DEEPDREAM.slug,
)
# Images of a data set are found, not rendered.
EXAMPLES, EFFECTS = "examples", "effects"
# Stands for a unit's strongest example where lists show it in place of a picture.
EXAMPLE = "example"


class Techniques(dict[str, Technique]):
    """Techniques by slug; one that is unknown gets words made from its name."""

    def __missing__(self, name: str) -> Technique:
        return Technique(
            name,
            name,
            name.capitalize(),
            f"{name} objective",
            f"Pictures of the {name} objective.",
            f"An image was changed, step by step, so that the {name} objective grows. "
            f"Activation is its value; {CELLS}",
        )


TECHNIQUES = Techniques(
    (each.slug, each)
    for each in (
        CHANNEL,
        LOGIT,
        NEURON,
        NEGATIVE,
        DIVERSITY,
        DIRECTION,
        DEEPDREAM,
        DEEPDREAM_PHOTOGRAPH,
    )
)
# The usual picture of a unit, of layers with a map and of classes.
MAIN = (CHANNEL.slug, LOGIT.slug)
RENDERED = tuple(name for name, each in TECHNIQUES.items() if each.of_maps or each.of_logits)
OF_UNITS = tuple(name for name in RENDERED if not TECHNIQUES[name].whole_layer)
OF_LAYERS = tuple(name for name in RENDERED if TECHNIQUES[name].whole_layer)
# What `--techniques` is by default.
DEFAULT = (*MAIN, EXAMPLES)


def rank(name: str) -> tuple[int, str]:
    """The place of a technique among those of units, to sort names by; others follow by name."""
    return (OF_UNITS.index(name) if name in OF_UNITS else len(OF_UNITS), name)


def suits(name: str, is_logits: bool) -> bool:
    """Whether a layer can have this technique."""
    kind = TECHNIQUES.get(name)
    return kind is not None and (kind.of_logits if is_logits else kind.of_maps)

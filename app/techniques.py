"""The words for each technique: its heading, its objective, what its pictures show, its method.

What `activation`, `maximum` and `minimum` mean in the store is told here to people.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Technique:
    """A technique in words."""

    name: str
    """As it stands before the word `picture`."""
    heading: str
    objective: str
    """What is maximised, without a full stop."""
    shows: str
    """What its pictures show, in one sentence."""
    method: str
    """How its pictures were made, and what their numbers mean."""


CLEAN = "All are measured on the stored picture, clean."
CELLS = f"maximum is the largest cell of the map, before the ReLU. {CLEAN}"

CHANNEL = Technique(
    "channel",
    "Channel",
    "mean of the unit's map",
    "What excites the unit everywhere in its map.",
    "An image was changed, step by step, so that the mean of this unit's map grows. "
    f"Activation is that mean, after the ReLU; {CELLS}",
)
LOGIT = Technique(
    "logit",
    "Logit",
    "the class's logit",
    "What the network takes for this class.",
    "An image was changed, step by step, so that this class's logit grows: its score before the "
    f"softmax. Activation is that logit; {CELLS}",
)
NEURON = Technique(
    "neuron",
    "Centre neuron",
    "centre of the map",
    "What excites the unit at the centre of its map only, cropped to where the unit can see.",
    "An image was changed, step by step, so that the cell at the centre of this unit's map grows, "
    "and cropped to the pixels that this cell can see. "
    f"Activation is that cell, before the ReLU; {CELLS}",
)
NEGATIVE = Technique(
    "negative",
    "Negative",
    "suppression",
    "What suppresses the unit most.",
    "An image was changed, step by step, so that the mean of this unit's map, before the ReLU, "
    "sinks. Activation is minus that mean, so that more is more suppressed; minimum is the "
    f"smallest cell of the map, before the ReLU. {CLEAN}",
)
DIVERSITY = Technique(
    "diversity",
    "Diversity",
    "diversity",
    "Pictures that excite the unit in different ways.",
    "Several images were changed together, step by step, so that the mean of this unit's map "
    "grows in each of them while they stay unlike each other. "
    f"Activation is that mean, after the ReLU; {CELLS}",
)
DIRECTION = Technique(
    "direction",
    "Direction",
    "direction",
    "What moves the layer along a direction in the space of its units.",
    "An image was changed, step by step, so that the mean dot product of the layer's cells with "
    f"the direction grows. Activation is that mean; {CELLS}",
)
DEEPDREAM = Technique(
    "DeepDream",
    "DeepDream",
    "mean of the squared activations of the layer",
    "Pictures that excite the layer as a whole: the mean of the squared activations of all its "
    "units was raised.",
    "An image was changed, step by step, so that the mean of the squared activations of the whole "
    "layer grows. Activation is that mean; maximum is the largest value of the layer. "
    f"{CLEAN}",
)
DEEPDREAM_PHOTOGRAPH = Technique(
    "DeepDream from a photograph",
    "DeepDream from a photograph",
    DEEPDREAM.objective,
    "What the layer sees in a photograph: the same, in a few small steps from it.",
    "A photograph was changed, in a few small steps, so that the mean of the squared activations "
    "of the whole layer grows. Activation is that mean; maximum is the largest value of the layer. "
    f"{CLEAN}",
)
TECHNIQUES = {
    each.name.lower(): each
    for each in (CHANNEL, LOGIT, NEURON, NEGATIVE, DIVERSITY, DIRECTION, DEEPDREAM)
} | {"deepdream-photograph": DEEPDREAM_PHOTOGRAPH}


def technique(name: str) -> Technique:
    """The words for a technique; for one that has none, words made from its name."""
    return TECHNIQUES.get(name) or Technique(
        name,
        name.capitalize(),
        f"{name} objective",
        f"Pictures of the {name} objective.",
        f"An image was changed, step by step, so that the {name} objective grows. "
        f"Activation is its value; {CELLS}",
    )


def objective(name: str) -> str:
    """What a technique maximises."""
    return technique(name).objective

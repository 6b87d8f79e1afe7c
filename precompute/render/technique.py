"""The techniques that precompute knows: what each climbs, what it measures, and its recipe.

A technique here is data and a few lines; a new one is a row of `app.techniques` and an entry of
`TECHNIQUES`. What a researcher composes by hand needs none (docs/visualize.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from app import techniques
from app.errors import InputError
from precompute.network import LOGITS, Layer, Variant
from precompute.render.objective import Objective
from precompute.render.parameterize import Fourier
from precompute.render.recipe import Nadam, Photograph, Recipe
from precompute.render.terms import Channel, DeepDream, Diversity, Level, Negative, Neuron, Units
from precompute.render.transform import JITTER, SLIGHT, STANDARD, Transformation

# Sides that are multiples of this divide evenly into the vectors that a processor computes with;
# then a picture's bytes do not depend on its place in a batch.
SIDE_STEP = 16
SMALLEST_SIDE, LARGEST_SIDE = 32, 1024

MEMBERS = techniques.DIVERSITY.members
"""Pictures of a unit that differ (Olah et al. 2017 show four)."""
SIDE_OF_SEVERAL = 128
"""The largest canvas of pictures that are shown four at a time."""
DIVERSITY_WEIGHT = 0.15
PHOTOGRAPH_STEPS = 24

MakeObjective = Callable[[str, Units], Objective]


@dataclass(frozen=True)
class RenderTechnique:
    """How pictures of one kind are made: a row of `app.techniques` with its objectives."""

    kind: techniques.Technique
    says: str
    """The objective in words, for the recipe."""
    climbs: MakeObjective
    """From a layer and each picture's unit to what the optimizer climbs."""
    measures: MakeObjective
    """The same for the number that is stored beside the picture."""
    diversity: float = 0.0
    """The weight of its members' likeness, for the recipe."""

    @property
    def name(self) -> str:
        return self.kind.slug

    @property
    def whole_layer(self) -> bool:
        """One picture of a layer, not one of each unit."""
        return self.kind.whole_layer

    @property
    def members(self) -> int:
        return self.kind.members

    @property
    def from_photograph(self) -> bool:
        """Whether its pictures start from a photograph, not from noise."""
        return bool(self.kind.photograph_of)

    @property
    def sees_one_cell(self) -> bool:
        """Only the pixels that the map's centre sees matter; the others are cropped away."""
        return self.kind.is_one_cell

    @property
    def wants_activity(self) -> bool:
        """Whether a map without a positive value means that the unit could not be excited."""
        return not self.kind.is_minimized

    def suits(self, layer: Layer) -> bool:
        """Whether the layer can be asked for it."""
        return techniques.suits(self.name, layer.name == LOGITS)


def _diverse(layer: str, units: Units) -> Objective:
    """The cost of likeness grows with the objective, so that one weight serves every layer."""
    channel = Channel(layer, units)
    return channel - DIVERSITY_WEIGHT * Level(channel) * Diversity(layer, MEMBERS)


def _dream(layer: str, units: Units) -> Objective:
    return DeepDream(layer)


TECHNIQUES: Mapping[str, RenderTechnique] = {
    technique.name: technique
    for technique in (
        RenderTechnique(techniques.CHANNEL, Recipe.objective, Channel, Channel),
        RenderTechnique(techniques.LOGIT, "the class's logit", Channel, Channel),
        RenderTechnique(
            techniques.NEURON, "the centre of the unit's map before the ReLU", Neuron, Neuron,
        ),
        RenderTechnique(
            techniques.NEGATIVE, "minus the mean of the unit's map before the ReLU",
            Negative, Negative,
        ),
        RenderTechnique(
            techniques.DIVERSITY,
            "the mean of the unit's map after the ReLU, less its members' likeness: the sum of the "
            "cosines between their Gram matrices",
            _diverse, Channel, DIVERSITY_WEIGHT,
        ),
        RenderTechnique(
            techniques.DEEPDREAM, "the mean of the layer's squared activations", _dream, _dream,
        ),
        RenderTechnique(
            techniques.DEEPDREAM_PHOTOGRAPH, "the mean of the layer's squared activations",
            _dream, _dream,
        ),
    )
}  # fmt: skip


def recipe_for(
    technique: RenderTechnique,
    variant: Variant,
    layer: Layer,
    steps: int | None = None,
    size: int | None = None,
    dtype: str = "float32",
    start: Photograph | None = None,
) -> Recipe:
    """A technique's recipe for a layer; `steps` and `size` in place of those that suit it.

    Raises:
        InputError: a number of steps or a canvas that cannot be rendered.
    """
    check(steps, size)
    side = size or _canvas(technique, variant, layer)
    batch = 1 if technique.whole_layer else Recipe.batch
    recipe = Recipe(
        technique.name, technique.says, Fourier(side), _transformations(technique, layer),
        Nadam(steps or _steps(layer), _rate(layer)), batch=batch, members=technique.members,
        diversity=technique.diversity, start=start, dtype=dtype,
    )  # fmt: skip
    return _from_photograph(recipe, steps) if technique.from_photograph else recipe


def check(steps: int | None, size: int | None) -> None:
    """Refuses what cannot be rendered.

    Raises:
        InputError: it cannot.
    """
    if steps is not None and steps < 1:
        raise InputError(f"--steps {steps}: at least one step is needed.")
    if size is not None and (size % SIDE_STEP or not SMALLEST_SIDE <= size <= LARGEST_SIDE):
        raise InputError(
            f"--size {size}: a canvas is a multiple of {SIDE_STEP} pixels, from "
            f"{SMALLEST_SIDE} to {LARGEST_SIDE}."
        )


def _canvas(technique: RenderTechnique, variant: Variant, layer: Layer) -> int:
    """The network's input, but for early layers, which see little: eight receptive fields.

    On 224 px the stripes of conv2d0, 7 px wide in all, would be too fine to see. A picture of one
    cell needs only what the cell sees, and room to move it.
    """
    largest = SIDE_OF_SEVERAL if technique.members > 1 else variant.input_size
    if layer.receptive_field is None:
        return largest
    wanted = layer.receptive_field * (1 if technique.sees_one_cell else 8)
    room = 32 if technique.sees_one_cell else 16
    side = -(-(wanted + room) // SIDE_STEP) * SIDE_STEP
    return min(max(side, 64), largest)


def _transformations(technique: RenderTechnique, layer: Layer) -> tuple[Transformation, ...]:
    """What a feature of this size survives.

    Moving a picture by four pixels takes half of what a cell of conv2d0 looks for out of its
    sight, and ten degrees turn an edge by a pixel. So a single cell of the earliest layers sees
    the picture as it is, and their maps see it only moved; the next are turned and scaled a little.
    """
    field = layer.receptive_field
    if field is None or field > 100:
        return STANDARD
    if field > 30:
        return SLIGHT
    return () if technique.sees_one_cell else JITTER


def _steps(layer: Layer) -> int:
    """Deep layers need more: their objects are put together from parts."""
    field = layer.receptive_field
    if field is None or field > 500:
        return 72
    return 44 if field > 200 else 36


def _rate(layer: Layer) -> float:
    """A quarter of the usual for the first layer, which is linear in the picture.

    A step as long as elsewhere makes every pixel black, white or a pure colour, whatever the
    filter's own; the shape is the same.
    """
    is_first = layer.receptive_field is not None and layer.receptive_field < 8
    return Nadam.learning_rate / 4 if is_first else Nadam.learning_rate


def _from_photograph(recipe: Recipe, steps: int | None) -> Recipe:
    """Fewer and smaller steps, so that the photograph can still be recognised."""
    rate = recipe.optimiser.learning_rate / 4
    gentle = replace(
        recipe.optimiser, steps=steps or PHOTOGRAPH_STEPS, learning_rate=rate, settle=0.0
    )
    return replace(recipe, optimiser=gentle)

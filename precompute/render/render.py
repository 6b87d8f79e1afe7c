"""Pictures as they are stored: a batch of units of one layer, rendered, encoded, measured.

A pure function of (weights, technique, recipe, layer, units, seed): a unit's picture does not
depend on the others, nor on what ran before. It writes nothing and keeps nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from PIL import Image
from torch import Tensor

from app.errors import InputError
from precompute.network import LOGITS, Inception
from precompute.network.precision import in_dtype
from precompute.network.receptive_field import sight
from precompute.render.dead import why_dead
from precompute.render.measure import PictureMeasurement, decode, measure
from precompute.render.optimize import visualize
from precompute.render.picture import encode, media_type, to_uint8
from precompute.render.recipe import Recipe
from precompute.render.seeding import generator
from precompute.render.technique import TECHNIQUES, RenderTechnique

Box = tuple[int, int, int, int]
"""Left, upper, right, lower, as Pillow has it."""


@dataclass(frozen=True)
class Picture:
    """A picture as it is stored, and what was measured on it, decoded again."""

    unit: int | None
    """None: it is of the whole layer."""
    member: int
    bytes: bytes
    media_type: str
    width: int
    height: int
    activation: float
    """The value of the technique's objective."""
    maximum: float
    """The largest value of the unit's map, before the ReLU."""
    minimum: float
    note: str | None
    """Why the picture is not what one expects."""
    seconds: float
    """The batch's time, shared evenly among its pictures."""


@dataclass(frozen=True)
class Job:
    """What the pictures of one call have in common."""

    network: Inception
    recipe: Recipe
    layer: str
    seed: int = 0
    photograph: Tensor | None = None
    """`[1, 3, size, size]`, where the recipe starts from one."""

    @property
    def technique(self) -> RenderTechnique:
        return TECHNIQUES[self.recipe.technique]


def render(
    network: Inception,
    recipe: Recipe,
    layer: str,
    units: Sequence[int | None],
    seed: int = 0,
    photograph: Tensor | None = None,
    tick: Callable[[], None] = lambda: None,
) -> list[Picture]:
    """Renders units of one layer.

    Args:
        network: frozen, in float32; its device is used.
        recipe: every number of the rendering, its technique included.
        layer: a layer's name, `logits` included.
        units: indices in the layer, any number of them, or None for the whole layer; as many as
            fit into `recipe.batch` are rendered at a time.
        seed: of the noise that the pictures start from.
        photograph: `[1, 3, size, size]`, RGB in 0..1, where the recipe starts from one.
        tick: called after every step of every batch.

    Raises:
        InputError: a photograph is missing, or is given to a recipe that starts from noise.
    """
    if TECHNIQUES[recipe.technique].from_photograph != (photograph is not None):
        needs = "starts from a photograph" if photograph is None else "starts from noise"
        raise InputError(f"The recipe of {recipe.technique} {needs}.")
    job = Job(network, recipe, layer, seed, photograph)
    size = units_in_batch(recipe)
    batches = (units[cut : cut + size] for cut in range(0, len(units), size))
    return [picture for batch in batches for picture in _batch(job, batch, tick)]


def units_in_batch(recipe: Recipe) -> int:
    """How many units are rendered together."""
    return max(recipe.batch // recipe.members, 1)


def _batch(job: Job, units: Sequence[int | None], tick: Callable[[], None]) -> Iterator[Picture]:
    begun = time.perf_counter()
    # A short batch is padded with its first unit: shapes decide rounding, so there is only one.
    padded = [*units, *[units[0]] * (units_in_batch(job.recipe) - len(units))]
    subjects = [(unit, member) for unit in padded for member in range(job.recipe.members)]
    boxes = [_box(job, unit) for unit, _ in subjects]
    images = to_uint8(_ascend(job, subjects, tick))
    encoded = [
        encode(image.crop(box), job.recipe.encoding)
        for image, box in zip(images, boxes, strict=True)
    ]
    measured = _measure(job, [unit for unit, _ in subjects], encoded, boxes)
    wanted = len(units) * job.recipe.members
    seconds = (time.perf_counter() - begun) / wanted
    for place in range(wanted):
        subject, box = subjects[place], boxes[place]
        yield _picture(job, *subject, encoded[place], box, measured[place], seconds)


def _picture(
    job: Job,
    unit: int | None,
    member: int,
    data: bytes,
    box: Box,
    measurement: PictureMeasurement,
    seconds: float,
) -> Picture:
    size = box[2] - box[0], box[3] - box[1]
    dead = measurement.maximum <= 0 and job.technique.wants_activity and job.layer != LOGITS
    return Picture(
        unit, member, data, media_type(size, job.recipe.encoding), *size,
        measurement.activation, measurement.maximum, measurement.minimum,
        why_dead(job.network, job.layer, unit) if dead and unit is not None else None,
        seconds,
    )  # fmt: skip


def _ascend(
    job: Job, subjects: Sequence[tuple[int | None, int]], tick: Callable[[], None]
) -> Tensor:
    recipe = job.recipe
    noise = [generator(*_noise_of(job, unit, member)) for unit, member in subjects]
    return visualize(
        in_dtype(job.network, recipe.dtype),
        job.technique.climbs(job.layer, _indices([unit for unit, _ in subjects])),
        recipe.parameterisation, recipe.transformations, recipe.optimiser,
        noise=noise, start=job.photograph,
        transformation_seed=recipe.transformation_seed, tick=tick,
    )  # fmt: skip


def _noise_of(job: Job, unit: int | None, member: int) -> tuple[str | int, ...]:
    whose = (job.seed, job.layer, "layer" if unit is None else unit)
    return (*whose, member) if member else whose


def _indices(units: Sequence[int | None]) -> tuple[int, ...]:
    """The index of each picture's unit; a whole layer's objective does not look at it."""
    return tuple(unit or 0 for unit in units)


def _box(job: Job, unit: int | None) -> Box:
    """The part of the canvas that is stored: all of it, or what the unit's one cell sees."""
    side = job.recipe.parameterisation.size
    if not job.technique.sees_one_cell:
        return 0, 0, side, side
    variant = job.network.variant
    cells = job.network.cells(job.layer, side)
    first, last = sight(variant, job.layer, cells // 2, side, unit)
    first, stop = max(first, 0), min(last + 1, side)
    return first, first, stop, stop


def _measure(
    job: Job, units: Sequence[int | None], encoded: Sequence[bytes], boxes: Sequence[Box]
) -> list[PictureMeasurement]:
    side = job.recipe.parameterisation.size
    canvases = [_on_canvas(decode(d), box, side) for d, box in zip(encoded, boxes, strict=True)]
    return measure(
        job.network, job.technique.measures(job.layer, _indices(units)), job.layer, units,
        canvases, job.technique.sees_one_cell,
    )  # fmt: skip


def _on_canvas(image: Image.Image, box: Box, side: int) -> Image.Image:
    """A stored picture where it lay, on grey: its cell sees nothing of the grey."""
    if image.size == (side, side):
        return image
    canvas = Image.new("RGB", (side, side), (128, 128, 128))
    canvas.paste(image, box[:2])
    return canvas

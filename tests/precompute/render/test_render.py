"""Pictures as they are stored: what they must not depend on, and that their numbers are theirs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image
from torch import Tensor

from app.errors import InputError
from precompute.executors.devices import fix_threads
from precompute.network import LOGITS, Inception, load
from precompute.render.objective import Objective
from precompute.render.optimize import visualize
from precompute.render.parameterize import Fourier
from precompute.render.recipe import Nadam
from precompute.render.render import Picture, render, units_in_batch
from precompute.render.seeding import generator
from precompute.render.terms import Channel, Diversity, Level
from precompute.stimuli import DrawnCollection
from tests.memory import MEMORY, alone, resident
from tests.precompute.render.rendering import maps, noise, pixels, seen, short


@pytest.fixture
def threads_of_a_run() -> Iterator[int]:
    before = torch.get_num_threads()
    yield fix_threads()
    torch.set_num_threads(before)


def told(picture: Picture) -> tuple[object, ...]:
    """All of a picture but the time that it took."""
    return tuple(value for name, value in vars(picture).items() if name != "seconds")


def of(unit: int, pictures: list[Picture]) -> list[tuple[object, ...]]:
    return [told(picture) for picture in pictures if picture.unit == unit]


@pytest.mark.usefixtures("threads_of_a_run")
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize(
    ("technique", "layer", "size"),
    [
        ("channel", "mixed4c", 64),
        ("negative", "conv2d2", 48),
        ("neuron", "mixed3a", 96),
        ("logit", LOGITS, 32),
        ("diversity", "mixed3b", 64),
    ],
)
def test_a_picture_does_not_depend_on_its_neighbours_or_its_place(
    toy: Inception, technique: str, layer: str, size: int, dtype: str
) -> None:
    recipe = replace(short(toy, technique, layer, 2, size), dtype=dtype)
    alone = of(7, render(toy, recipe, layer, [7]))
    assert len(alone) == recipe.members
    first, last = [7, 1, 2, 3, 4, 5, 6, 0], [1, 2, 3, 4, 5, 6, 0, 7]
    second_batch = [*range(20, 29), 7]
    for units in (first, last, second_batch, [7]):
        assert of(7, render(toy, recipe, layer, units)) == alone, units


def test_pictures_come_back_in_the_order_asked_with_their_members(toy: Inception) -> None:
    single = render(toy, short(toy, "channel", "conv2d1", 1, 32), "conv2d1", [9, 3, *range(8)])
    assert [picture.unit for picture in single] == [9, 3, *range(8)]
    recipe = short(toy, "diversity", "conv2d1", 1, 32)
    several = render(toy, recipe, "conv2d1", [9, 3, 4])
    assert units_in_batch(recipe) == 2
    assert [(p.unit, p.member) for p in several] == [(u, m) for u in (9, 3, 4) for m in range(4)]


@pytest.mark.parametrize(("count", "batches"), [(1, 1), (8, 1), (9, 2), (17, 3)])
def test_every_step_of_every_batch_is_told(toy: Inception, count: int, batches: int) -> None:
    ticks: list[None] = []
    recipe = short(toy, "channel", "conv2d0", 2, 32)
    units = [unit % 16 for unit in range(count)]
    pictures = render(toy, recipe, "conv2d0", units, tick=lambda: ticks.append(None))
    assert (len(pictures), len(ticks)) == (count, 2 * batches)
    assert all(picture.seconds > 0 for picture in pictures)


def test_seeds_units_members_and_layers_make_different_pictures(toy: Inception) -> None:
    recipe = short(toy, "diversity", "mixed3a", 2, 32)
    pictures = render(toy, recipe, "mixed3a", [1, 2])
    pictures += render(toy, recipe, "mixed3a", [1], seed=1)
    pictures += render(toy, recipe, "mixed3b", [1])
    assert len({picture.bytes for picture in pictures}) == len(pictures) == 16


def test_the_numbers_are_those_of_the_stored_picture_decoded_again(toy: Inception) -> None:
    """An AVIF, which is not what was rendered: measured is what is stored."""
    (picture,) = render(toy, short(toy, "channel", "mixed4a", 6, 112), "mixed4a", [11])
    assert (picture.media_type, picture.width, picture.height) == ("image/avif", 112, 112)
    assert Image.open(io.BytesIO(picture.bytes)).format == "AVIF"
    own = maps(toy, "mixed4a", seen([picture]))[0, 11].numpy()
    assert picture.activation == pytest.approx(np.maximum(own, 0).mean(), rel=1e-4)
    assert picture.maximum == pytest.approx(own.max(), rel=1e-4)
    assert picture.minimum == pytest.approx(own.min(), rel=1e-4)


def test_suppression_is_told_as_minus_the_mean_before_the_relu(toy: Inception) -> None:
    (picture,) = render(toy, short(toy, "negative", "mixed3a"), "mixed3a", [11])
    own = maps(toy, "mixed3a", seen([picture]))[0, 11].numpy()
    start = maps(toy, "mixed3a", noise("mixed3a", [11], 64))[0, 11].numpy()
    assert picture.activation == pytest.approx(-own.mean(), rel=1e-4)
    assert own.mean() < start.mean() - 0.5


# A unit of each branch: the side of what its centre sees, and where that begins, by hand.
NEURONS = {
    ("conv2d0", 5, 64): (29, 7),  # cell 16 of 32: 16 · 2 - 3
    ("mixed3a", 0, 96): (41, 27),  # cell 6 of 12, of conv2d0 cells 22 to 32
    ("mixed3a", 16, 96): (33, 43),  # cells 18 to 36
    ("mixed3a", 48, 96): (25, 59),  # cells 14 to 40
    ("mixed3a", 56, 96): (33, 43),
}


@pytest.mark.parametrize(("asked", "box"), NEURONS.items(), ids=str)
def test_a_neurons_picture_is_what_its_cell_sees_and_nothing_else_counts(
    toy: Inception, asked: tuple[str, int, int], box: tuple[int, int]
) -> None:
    (layer, unit, size), (first, side) = asked, box
    (picture,) = render(toy, short(toy, "neuron", layer, 3, size), layer, [unit])
    assert (picture.width, picture.height) == (side, side)
    assert picture.media_type == "image/webp"
    around = torch.rand(3, 3, size, size, generator=generator("around"))
    around[0] = 0.5
    around[:, :, first : first + side, first : first + side] = seen([picture])
    found = maps(toy, layer, around)[:, unit]
    middle = found.shape[1] // 2
    centres = found[:, middle, middle].tolist()
    assert centres == pytest.approx([picture.activation] * 3, rel=1e-4)
    assert picture.activation == picture.maximum == picture.minimum


def test_a_neuron_that_sees_more_than_the_canvas_keeps_all_of_it(toy: Inception) -> None:
    (picture,) = render(toy, short(toy, "neuron", "mixed5b", 2, 64), "mixed5b", [5])
    assert (picture.width, picture.height) == (64, 64)


def test_a_dream_is_one_picture_of_the_whole_layer(toy: Inception) -> None:
    recipe = short(toy, "deepdream", "mixed4a")
    (picture,) = render(toy, recipe, "mixed4a", [None])
    found = maps(toy, "mixed4a", seen([picture])).clamp(min=0).double()
    assert (picture.unit, picture.member, picture.note) == (None, 0, None)
    assert picture.activation == pytest.approx(found.square().mean().item(), rel=1e-4)
    assert picture.maximum == pytest.approx(found.max().item(), rel=1e-4)


def photograph() -> Tensor:
    image = DrawnCollection(per_class=1).image(7).convert("RGB").resize((64, 64))
    return torch.from_numpy(np.asarray(image).transpose(2, 0, 1) / 255).float()[None]


def correlation(picture: Picture, other: Tensor) -> float:
    flat = other[0].permute(1, 2, 0).numpy().ravel()
    return float(np.corrcoef(pixels(picture.bytes).ravel(), flat)[0, 1])


def test_a_dream_from_a_photograph_stays_near_it_and_excites_the_layer_more(
    toy: Inception,
) -> None:
    layer, start = "mixed4c", photograph()
    recipe = short(toy, "deepdream-photograph", layer, 24)
    (picture,) = render(toy, recipe, layer, [None], photograph=start)
    (noisy,) = render(toy, short(toy, "deepdream", layer, 5), layer, [None])
    before = maps(toy, layer, start).clamp(min=0).square().mean().item()
    assert picture.activation > 1.5 * before
    assert correlation(picture, start) > 0.6
    assert abs(correlation(noisy, start)) < 0.3


@pytest.mark.parametrize(
    ("technique", "given"), [("deepdream-photograph", False), ("channel", True)]
)
def test_a_photograph_is_given_where_the_recipe_starts_from_one_and_nowhere_else(
    toy: Inception, technique: str, given: bool
) -> None:
    start = photograph() if given else None
    with pytest.raises(InputError, match=rf"recipe of {technique} starts from"):
        render(toy, short(toy, technique, "mixed4c"), "mixed4c", [0], photograph=start)


def test_a_dream_of_no_step_of_any_length_is_the_photograph(toy: Inception) -> None:
    recipe = short(toy, "deepdream-photograph", "mixed4c", 1)
    still = replace(recipe, optimiser=Nadam(1, learning_rate=0.0))
    (picture,) = render(toy, still, "mixed4c", [None], photograph=photograph())
    off = pixels(picture.bytes) / 255 - photograph()[0].permute(1, 2, 0).numpy()
    assert np.abs(off).max() < 1 / 255


def distance(toy: Inception, layer: str, pictures: Tensor) -> float:
    """The mean, over pairs, of one less the cosine between Gram matrices."""
    cells = np.maximum(maps(toy, layer, pictures).double().numpy(), 0)
    grams = np.einsum("nahw,nbhw->nab", cells, cells).reshape(len(cells), -1)
    unit: npt.NDArray[np.float64] = grams / np.linalg.norm(grams, axis=1, keepdims=True)
    return float(1 - (unit @ unit.T)[np.triu_indices(len(cells), 1)].mean())


@pytest.mark.parametrize(("layer", "unit"), [("mixed4c", 7), ("mixed3b", 40)])
def test_members_differ_the_more_the_more_their_likeness_costs(
    toy: Inception, layer: str, unit: int
) -> None:
    def made(weight: float) -> Tensor:
        channel = Channel(layer, unit)
        objective: Objective = channel - weight * Level(channel) * Diversity(layer, 4)
        own = [generator(0, layer, unit, member) for member in range(4)]
        return visualize(toy, objective, Fourier(48), optimiser=Nadam(14), noise=own)

    alike, apart, further = (distance(toy, layer, made(weight)) for weight in (0.0, 0.3, 1.0))
    assert apart > alike + 0.1
    assert further > apart


def resident_while_rendering() -> list[float]:
    """Megabytes that this process has after every ten batches."""
    fix_threads()
    toy, levels = load("toy"), list[float]()
    recipe = short(toy, "channel", "mixed4c", 2, 32)
    for batch in range(30):
        render(toy, recipe, "mixed4c", range(batch, batch + 8))
        if batch % 10 == 9:
            levels.append(resident())
    return levels


@pytest.mark.skipif(not MEMORY.exists(), reason="tells its memory elsewhere than in /proc")
def test_rendering_again_and_again_takes_no_more_memory() -> None:
    levels = alone(resident_while_rendering)
    assert levels[-1] < levels[0] + 4

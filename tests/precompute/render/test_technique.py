"""The techniques: what they find where the truth is known, and the recipes they choose."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor

from app.db.records import RecipeRecord
from app.errors import InputError
from precompute.network import LOGITS, VARIANTS, Inception
from precompute.network.layers import layers
from precompute.render.optimize import visualize
from precompute.render.parameterize import Fourier
from precompute.render.recipe import Nadam, Photograph, Recipe
from precompute.render.render import render
from precompute.render.seeding import generator
from precompute.render.technique import TECHNIQUES, check, recipe_for
from precompute.render.terms import Channel, Direction
from precompute.stimuli import CLASSES
from tests.precompute.render.rendering import maps, noise, pixels, seen, short

SLUGS = [entry.slug for entry in CLASSES]
Array = npt.NDArray[np.float64]


def energy(picture: Array) -> complex:
    """The direction in which `[3, h, w]` changes most, as a complex number of twice its angle.

    The structure tensor: the energy of the gradients, taken from the spectrum, which is why each
    frequency counts by its square. The angle is anticlockwise, y upwards.
    """
    grey = picture.mean(0)
    window = np.hanning(len(grey))
    grey = (grey - grey.mean()) * window[:, None] * window[None, :]
    y, x = np.meshgrid(*[np.fft.fftfreq(len(grey))] * 2, indexing="ij")
    power = np.abs(np.fft.fft2(grey)) ** 2 * (x * x + y * y)
    return complex((power * np.exp(2j * np.arctan2(-y, x))).sum() / power.sum())


def test_what_the_network_takes_for_a_grating_is_a_grating_of_its_orientation(
    toy: Inception,
) -> None:
    angles = (0, 45, 90, 135)
    units = [SLUGS.index(f"grating-{angle:03d}") for angle in angles]
    recipe = replace(short(toy, "logit", LOGITS, 64, 128), batch=4)
    seeds = [render(toy, recipe, LOGITS, units, seed) for seed in range(3)]
    # Not every start leads there: of three, the picture counts that the network likes best.
    best = [max(each, key=lambda picture: picture.activation) for each in zip(*seeds, strict=True)]
    for angle, picture in zip(angles, best, strict=True):
        found = energy(pixels(picture.bytes).transpose(2, 0, 1))
        turned = np.degrees(np.angle(found)) / 2
        assert abs((turned - angle + 90) % 180 - 90) < 20
        assert picture.activation > 3


def test_the_direction_of_one_logit_is_climbed_as_that_logit(toy: Inception) -> None:
    unit = SLUGS.index("grating-045")
    one_hot = torch.eye(len(SLUGS))[unit]
    by_logit, by_direction = (
        visualize(toy, objective, Fourier(32), optimiser=Nadam(6), noise=[generator(0)])
        for objective in (Channel(LOGITS, unit), Direction(LOGITS, one_hot))
    )
    torch.testing.assert_close(by_direction, by_logit, atol=0.02, rtol=0)
    found = {LOGITS: maps(toy, LOGITS, by_logit)}
    assert Direction(LOGITS, one_hot)(found).tolist() == Channel(LOGITS, unit)(found).tolist()


def excited(toy: Inception, layer: str, units: list[int], pictures: Tensor) -> Array:
    """`[n, n]`: how much each picture (rows) excites each unit (columns), after the ReLU."""
    found = maps(toy, layer, pictures).clamp(min=0).flatten(2).mean(2)
    return found[:, units].double().numpy()


@pytest.mark.parametrize(("layer", "first"), [("mixed4c", 8), ("mixed5a", 100), ("mixed5b", 8)])
def test_a_units_picture_excites_it_more_than_the_pictures_of_others(
    toy: Inception, layer: str, first: int
) -> None:
    units = list(range(first, first + 8))
    pictures = seen(render(toy, short(toy, "channel", layer, 16), layer, units))
    found = excited(toy, layer, units, pictures)
    own = found.diagonal()
    others = (found.sum(0) - own) / 7
    assert (own > 1.5 * others).all()
    assert own.mean() > 3 * others.mean()


@pytest.mark.parametrize(("layer", "size"), [("conv2d0", 64), ("mixed3a", 96), ("mixed4a", 96)])
def test_neurons_pictures_excite_their_cell_far_beyond_noise(
    toy: Inception, layer: str, size: int
) -> None:
    units = list(range(0, 16, 2))
    pictures = render(toy, short(toy, "neuron", layer, 12, size), layer, units)
    start = maps(toy, layer, noise(layer, units, size))
    middle = start.shape[2] // 2
    gains = [
        pictures[n].activation - start[n, unit, middle, middle].item()
        for n, unit in enumerate(units)
    ]
    assert np.median(gains) > 2


@pytest.mark.parametrize("layer", ["conv2d0", "mixed3a", "mixed4a", LOGITS])
def test_negative_pictures_suppress_their_unit_far_below_noise(toy: Inception, layer: str) -> None:
    units = list(range(0, 16, 2))
    steps = 48 if layer == "conv2d0" else 12  # whose steps are short
    pictures = render(toy, short(toy, "negative", layer, steps), layer, units)
    start = maps(toy, layer, noise(layer, units, 64)).flatten(2 if layer != LOGITS else 1)
    means = [start[n, unit].mean().item() for n, unit in enumerate(units)]
    drops = [start[n, unit].min().item() - pictures[n].minimum for n, unit in enumerate(units)]
    assert all(-picture.activation < mean for picture, mean in zip(pictures, means, strict=True))
    assert np.median(drops) > 0.8


TOY = VARIANTS["toy"]
ASKED = [
    (technique, variant, layer)
    for variant in ("toy", "inceptionv1")
    for technique in TECHNIQUES.values()
    for layer in layers(VARIANTS[variant], 5)
    if technique.suits(layer)
]


TOYS = {layer.name: layer for layer in layers(TOY, 5)}


def recipe(technique: str, layer: str, steps: int | None = None, size: int | None = None) -> Recipe:
    return recipe_for(TECHNIQUES[technique], TOY, TOYS[layer], steps, size)


def test_every_recipe_is_json_and_a_canvas_that_can_be_rendered() -> None:
    for technique, variant, layer in ASKED:
        found = recipe_for(technique, VARIANTS[variant], layer)
        body = found.body()
        assert json.loads(json.dumps(body, allow_nan=False)) == body
        assert (body["technique"], body["objective"]) == (technique.name, technique.says)
        check(found.optimiser.steps, found.parameterisation.size)
        assert found.batch % found.members == 0


@pytest.mark.parametrize(
    ("technique", "layer", "size"),
    [
        ("channel", "conv2d0", 80),  # 8 · 7 px and 16 px of room, to a multiple of 16
        ("channel", "conv2d1", 112),
        ("channel", "mixed3a", 224),
        ("logit", LOGITS, 224),
        ("neuron", "conv2d0", 64),
        ("neuron", "mixed3a", 96),  # 59 px and 32 px of room
        ("neuron", "mixed5b", 224),
        ("diversity", "mixed5b", 128),
        ("deepdream", "mixed4c", 224),
    ],
)
def test_early_layers_have_small_canvases(technique: str, layer: str, size: int) -> None:
    assert recipe(technique, layer).parameterisation.size == size


def test_a_canvas_for_a_neuron_holds_all_that_it_sees() -> None:
    for technique, variant, layer in ASKED:
        if technique.sees_one_cell and layer.receptive_field is not None:
            side = recipe_for(technique, VARIANTS[variant], layer).parameterisation.size
            assert side >= min(layer.receptive_field, 224)


def test_another_number_is_another_recipe() -> None:
    recipes = [
        recipe("channel", "mixed4c"),
        recipe("channel", "mixed4c", steps=7),
        recipe("channel", "mixed4c", size=96),
        recipe("negative", "mixed4c"),
        recipe("diversity", "mixed4c"),
        recipe("deepdream", "mixed4c"),
        recipe("deepdream-photograph", "mixed4c"),
    ]
    assert len({RecipeRecord.from_body(each.body()).sha256 for each in recipes}) == len(recipes)


@pytest.mark.parametrize("technique", TECHNIQUES)
def test_steps_and_size_are_those_asked_for(technique: str) -> None:
    layer = LOGITS if technique == "logit" else "mixed4c"
    found = recipe(technique, layer, steps=7, size=48)
    assert (found.optimiser.steps, found.parameterisation.size) == (7, 48)


@pytest.mark.parametrize(
    ("steps", "size"), [(0, 128), (-3, 128), (64, 100), (64, 16), (64, 1040), (64, 0), (64, -64)]
)
def test_what_cannot_be_rendered_is_refused(steps: int, size: int) -> None:
    with pytest.raises(InputError, match=r"--steps|--size"):
        recipe("channel", "mixed4c", steps=steps, size=size)


@pytest.mark.parametrize("size", [32, 48, 224, 1024])
def test_what_can_be_rendered_is_not(size: int) -> None:
    assert recipe("channel", "mixed4c", steps=1, size=size).parameterisation.size == size


def test_a_photograph_is_changed_gently_and_named() -> None:
    layer = TOYS["mixed4c"]
    start = Photograph("cat.jpg", "ab12")
    found = recipe_for(TECHNIQUES["deepdream-photograph"], TOY, layer, start=start)
    plain = recipe_for(TECHNIQUES["deepdream"], TOY, layer)
    assert found.start == start
    assert found.optimiser.learning_rate < plain.optimiser.learning_rate
    assert found.optimiser.steps < plain.optimiser.steps


def test_techniques_are_offered_for_the_layers_that_they_suit() -> None:
    suits = {(t.name, layer.name) for t, variant, layer in ASKED if variant == "toy"}
    of_logits = {name for name, layer in suits if layer == LOGITS}
    of_maps = {name for name, layer in suits if layer == "mixed4c"}
    assert of_logits == {"logit", "negative"}
    assert of_maps == set(TECHNIQUES) - {"logit"}

"""Units that no picture excites: what is proved of them, and what is stored with their picture."""

from __future__ import annotations

import copy
import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from precompute.network import VARIANTS, Inception
from precompute.network.architecture import Normalisation
from precompute.render import terms
from precompute.render.dead import ceiling, why_dead
from precompute.render.recipe import Recipe
from precompute.render.render import Picture, render
from precompute.render.seeding import generator
from tests.precompute.render.rendering import maps, noise, short

UNIT = 5
# mixed3a's branches in the toy: where each begins, and the convolution that makes it.
BRANCHES = {0: "mixed3a_1x1", 16: "mixed3a_3x3", 48: "mixed3a_5x5", 56: "mixed3a_pool_reduce"}


def edited(toy: Inception, convolution: str, unit: int, weight: Tensor, bias: float) -> Inception:
    """A copy in which one filter is another."""
    network = copy.deepcopy(toy)
    with torch.no_grad():
        network.get_submodule(convolution).get_parameter("weight")[unit] = weight
        network.get_submodule(convolution).get_parameter("bias")[unit] = bias
    return network


def rendered(network: Inception, layer: str, unit: int, steps: int = 12) -> Picture:
    recipe: Recipe = replace(short(network, "channel", layer, steps, 48), batch=1)
    (picture,) = render(network, recipe, layer, [unit])
    return picture


def small_filter(seed: int) -> Tensor:
    return 0.1 * torch.randn(3, 7, 7, generator=generator("filter", seed))


def test_the_ceiling_of_the_first_layer_is_reached_by_the_best_of_all_black_and_white_patches(
    toy: Inception,
) -> None:
    """A filter that reads three colours of two pixels: all 64 patches of black and white."""
    weight = torch.zeros(3, 7, 7)
    weight[:, 3, 3], weight[:, 2, 5] = (
        torch.tensor([0.5, -0.3, 0.2]),
        torch.tensor([-0.7, 0.1, 0.4]),
    )
    network = edited(toy, "conv2d0", UNIT, weight, -1.0)
    pictures = torch.full((64, 3, 48, 48), 0.5)
    for n, values in enumerate(itertools.product((0.0, 1.0), repeat=6)):
        # The centre of cell (10, 10) is pixel (20, 20).
        pictures[n, :, 20, 20], pictures[n, :, 19, 22] = torch.tensor(values).view(2, 3)
    best = maps(network, "conv2d0", pictures)[:, UNIT, 10, 10].max().item()
    assert ceiling(network, "conv2d0", UNIT) == pytest.approx(best, rel=1e-5)


@pytest.mark.parametrize("seed", range(4))
def test_no_picture_exceeds_the_ceiling_and_the_filters_own_picture_reaches_it(
    toy: Inception, seed: int
) -> None:
    network = edited(toy, "conv2d0", UNIT, small_filter(seed), 0.3)
    chance = generator("pictures", seed)
    pictures = torch.rand(16, 3, 32, 32, generator=chance)
    pictures[8:] = pictures[8:].round()
    pictures[0, :, 17:24, 17:24] = (small_filter(seed) > 0).float()
    found = maps(network, "conv2d0", pictures)[:, UNIT]
    most = ceiling(network, "conv2d0", UNIT)
    assert found.max().item() <= most * (1 + 1e-5)
    assert found[0, 10, 10].item() == pytest.approx(most, rel=1e-5)


def test_padding_may_excite_more_than_any_pixel_and_is_within_the_ceiling() -> None:
    """With another normalisation black is 0.2: what padding saves counts too."""
    variant = replace(VARIANTS["toy"], normalisation=Normalisation(1.0, (-0.2, -0.2, -0.2)))
    network = Inception(variant, classes=5).eval().requires_grad_(False)
    with torch.no_grad():
        network.get_submodule("conv2d0").get_parameter("weight")[UNIT] = -1.0
        network.get_submodule("conv2d0").get_parameter("bias")[UNIT] = 3.0
    corner = maps(network, "conv2d0", torch.zeros(1, 3, 32, 32))[0, UNIT, 0, 0].item()
    middle = maps(network, "conv2d0", torch.zeros(1, 3, 32, 32))[0, UNIT, 8, 8].item()
    assert middle < corner <= ceiling(network, "conv2d0", UNIT)


@pytest.mark.parametrize(("start", "convolution"), BRANCHES.items())
@pytest.mark.parametrize("bias", [-0.5, 0.0, 0.25])
def test_deeper_weights_without_a_positive_one_leave_the_bias(
    toy: Inception, start: int, convolution: str, bias: float
) -> None:
    network = edited(toy, convolution, 2, torch.tensor(-0.1), bias)
    pictures = torch.rand(8, 3, 48, 48, generator=generator("pictures"))
    assert ceiling(network, "mixed3a", start + 2) == pytest.approx(bias)
    assert maps(network, "mixed3a", pictures)[:, start + 2].max().item() <= bias
    assert ceiling(network, "mixed3a", start + 3) == np.inf


def test_a_single_positive_weight_leaves_no_ceiling(toy: Inception) -> None:
    weight = torch.full((16, 1, 1), -1.0)
    weight[7] = 1e-6
    assert ceiling(edited(toy, "conv2d1", 3, weight, -5.0), "conv2d1", 3) == np.inf


def test_a_filter_that_cannot_be_excited_is_stored_with_the_proof(toy: Inception) -> None:
    network = edited(toy, "conv2d0", UNIT, torch.tensor(0.01), -3 * 49 * 0.01 - 0.25)
    picture = rendered(network, "conv2d0", UNIT, 4)
    assert picture.maximum < 0 == picture.activation
    assert picture.note == why_dead(network, "conv2d0", UNIT)
    assert "cannot be excited" in picture.note
    assert "-0.25 before the ReLU" in picture.note


def test_a_deep_unit_that_cannot_be_excited_is_stored_with_the_proof(toy: Inception) -> None:
    network = edited(toy, "mixed4c_3x3", 8, torch.tensor(-0.01), -0.125)
    picture = rendered(network, "mixed4c", 32 + 8, 4)
    assert picture.activation == 0
    assert picture.note is not None
    assert "cannot be excited" in picture.note
    assert "-0.125" in picture.note


def test_a_unit_that_was_not_excited_is_not_said_to_be_unable(toy: Inception) -> None:
    weight = toy.get_submodule("mixed4c_3x3").get_parameter("weight")[8]
    picture = rendered(edited(toy, "mixed4c_3x3", 8, weight, -1e4), "mixed4c", 32 + 8, 4)
    assert picture.note is not None
    assert "could not be excited" in picture.note
    assert "cannot" not in picture.note


@pytest.mark.parametrize("layer", ["conv2d0", "mixed3a", "mixed4c"])
def test_a_living_unit_has_no_note(toy: Inception, layer: str) -> None:
    picture = rendered(toy, layer, UNIT)
    assert picture.maximum > 0
    assert picture.note is None


def test_a_suppressed_unit_is_not_called_dead(toy: Inception) -> None:
    weight = toy.get_submodule("mixed3a_1x1").get_parameter("weight")[UNIT]
    network = edited(toy, "mixed3a_1x1", UNIT, weight, -2.0)
    recipe = replace(short(toy, "negative", "mixed3a", 8, 48), batch=1)
    (picture,) = render(network, recipe, "mixed3a", [UNIT])
    assert picture.maximum <= 0
    assert picture.note is None


def closed_at_first(toy: Inception) -> Inception:
    """A unit that is closed everywhere on noise, but that a picture can open."""
    weight = toy.get_submodule("mixed3a_1x1").get_parameter("weight")[UNIT].abs()
    network = edited(toy, "mixed3a_1x1", UNIT, weight, -4.0)
    start = maps(network, "mixed3a", noise("mixed3a", [UNIT], 48))[0, UNIT]
    assert start.max() < 0
    return network


def test_a_unit_that_starts_closed_is_opened_by_the_redirected_gradient(toy: Inception) -> None:
    picture = rendered(closed_at_first(toy), "mixed3a", UNIT)
    assert picture.activation > 0.3
    assert picture.note is None


def test_without_redirection_it_would_stay_dead(
    toy: Inception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terms, "redirected", F.relu)
    picture = rendered(closed_at_first(toy), "mixed3a", UNIT)
    assert picture.activation == 0
    assert picture.note is not None

"""Rendering: what it finds where the truth is known, and what it must not depend on."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from precompute.network import LOGITS, Inception
from precompute.render.optimize import Picture, render
from precompute.render.picture import from_uint8, to_uint8
from precompute.render.recipe import Recipe
from precompute.stimuli import CLASSES

SHORT = Recipe.channel(steps=12, size=64)


def pixels(picture: Picture) -> np.ndarray:
    """`[h, w, 3]`, 0..255."""
    return np.asarray(Image.open(io.BytesIO(picture.bytes)).convert("RGB"), dtype=np.float64)


def direction_of_energy(picture: np.ndarray) -> float:
    """The angle of the picture's spectral energy, degrees in 0..180, anticlockwise, y upwards.

    From the structure tensor of the spectrum: twice the angle, weighted by energy.
    """
    grey = picture.mean(2)
    window = np.hanning(len(grey))
    grey = (grey - grey.mean()) * window[:, None] * window[None, :]
    energy = np.abs(np.fft.fft2(grey)) ** 2
    y, x = np.meshgrid(*[np.fft.fftfreq(len(grey))] * 2, indexing="ij")
    twice = np.angle((energy * np.exp(2j * np.arctan2(-y, x))).sum())
    return float(np.degrees(twice) / 2 % 180)


@pytest.mark.parametrize("angle", [0, 45, 90, 135])
def test_the_logit_of_a_grating_is_a_grating_of_its_orientation(toy: Inception, angle: int) -> None:
    slugs = [entry.slug for entry in CLASSES]
    unit = next(i for i, slug in enumerate(slugs) if slug == f"grating-{angle:03d}")
    picture = render(toy, Recipe.channel(steps=96, size=128), LOGITS, [unit])[0]
    off = abs((direction_of_energy(pixels(picture)) - angle + 90) % 180 - 90)
    assert off < 15
    assert picture.activation > 3


def test_rendering_excites_the_unit_far_beyond_noise(toy: Inception) -> None:
    units = range(8, 16)
    start = replace(SHORT, optimiser=replace(SHORT.optimiser, steps=1))
    before = render(toy, start, "mixed4c", units)
    after = render(
        toy, replace(start, optimiser=replace(SHORT.optimiser, steps=48)), "mixed4c", units
    )
    assert all(b.activation < a.activation for b, a in zip(before, after, strict=True))
    assert sum(a.activation for a in after) > 3 * sum(b.activation for b in before)


def test_a_picture_does_not_depend_on_its_neighbours_or_its_place(toy: Inception) -> None:
    alone = render(toy, SHORT, "mixed4c", [7])[0]
    together = render(toy, SHORT, "mixed4c", [1, 2, 3, 4, 5, 6, 0, 7])[7]
    crowd = render(toy, SHORT, "mixed4c", [*range(20, 29), 7])[9]
    for other in (together, crowd):
        assert other.bytes == alone.bytes
        assert (other.activation, other.maximum) == (alone.activation, alone.maximum)


def test_seeds_and_units_make_different_pictures(toy: Inception) -> None:
    first, second = render(toy, SHORT, "mixed3a", [1, 2])
    (other_seed,) = render(toy, SHORT, "mixed3a", [1], seed=1)
    assert len({first.bytes, second.bytes, other_seed.bytes}) == 3


def test_the_numbers_are_those_of_the_stored_picture_decoded_again(toy: Inception) -> None:
    (picture,) = render(toy, SHORT, "mixed4a", [11])
    stored = from_uint8([Image.open(io.BytesIO(picture.bytes)).convert("RGB")])
    with torch.no_grad():
        cells = toy(stored, layers=["mixed4a"], pre_relu=True)["mixed4a"][0, 11]
    assert picture.activation == pytest.approx(cells.relu().mean().item(), rel=1e-4)
    assert picture.maximum == pytest.approx(cells.max().item(), rel=1e-4)


def test_global_random_state_is_neither_read_nor_changed(toy: Inception) -> None:
    torch.manual_seed(1)
    state = torch.get_rng_state()
    first = render(toy, SHORT, "conv2d2", [3])[0]
    assert torch.equal(state, torch.get_rng_state())
    torch.manual_seed(2)
    assert render(toy, SHORT, "conv2d2", [3])[0].bytes == first.bytes


def test_every_step_is_told(toy: Inception) -> None:
    ticks: list[None] = []
    render(toy, SHORT, "conv2d0", [0, 1], tick=lambda: ticks.append(None))
    assert len(ticks) == SHORT.optimiser.steps


def test_pictures_and_tensors_convert_there_and_back() -> None:
    values = torch.arange(256).float().div(255).view(1, 1, 16, 16).expand(1, 3, 16, 16)
    (image,) = to_uint8(values)
    assert torch.equal(from_uint8([image]), values)

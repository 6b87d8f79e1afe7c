"""The numbers beside a picture, against a plain call of the network on the decoded picture."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image

from precompute.network import LOGITS, Inception
from precompute.render.measure import PictureMeasurement, decode, measure
from precompute.render.objective import Objective
from precompute.render.seeding import generator
from precompute.render.terms import Channel, DeepDream, Negative, Neuron
from tests.precompute.render.rendering import maps, pixels

SIDE = 64


def photographs(count: int) -> list[Image.Image]:
    shape = (count, SIDE, SIDE, 3)
    arrays = torch.randint(0, 256, shape, generator=generator("photographs")).byte().numpy()
    return [Image.fromarray(array) for array in arrays]


def found_by_hand(toy: Inception, layer: str, pictures: list[Image.Image]) -> np.ndarray:
    """`[n, c, h, w]` or `[n, c]`, before the ReLU."""
    arrays = [np.asarray(picture).transpose(2, 0, 1) / 255 for picture in pictures]
    return maps(toy, layer, torch.from_numpy(np.stack(arrays)).float()).numpy()


def test_each_picture_is_measured_on_its_own_units_map(toy: Inception) -> None:
    pictures, units = photographs(3), [5, 60, 5]
    ours = measure(toy, Channel("mixed3a", (5, 60, 5)), "mixed3a", units, pictures)
    found = found_by_hand(toy, "mixed3a", pictures)
    for n, unit in enumerate(units):
        own = found[n, unit]
        assert ours[n].activation == pytest.approx(np.maximum(own, 0).mean(), rel=1e-4)
        assert ours[n].maximum == pytest.approx(own.max(), rel=1e-4)
        assert ours[n].minimum == pytest.approx(own.min(), rel=1e-4)


def test_of_one_cell_only_the_centre_counts(toy: Inception) -> None:
    pictures, units = photographs(2), [5, 60]
    ours = measure(toy, Neuron("mixed3a", (5, 60)), "mixed3a", units, pictures, one_cell=True)
    found = found_by_hand(toy, "mixed3a", pictures)
    assert found.shape[2:] == (8, 8)
    for n, unit in enumerate(units):
        told = [ours[n].activation, ours[n].maximum, ours[n].minimum]
        assert told == pytest.approx([found[n, unit, 4, 4]] * 3, rel=1e-4)


def test_of_a_whole_layer_all_maps_count(toy: Inception) -> None:
    pictures = photographs(2)
    ours = measure(toy, DeepDream("mixed3b"), "mixed3b", [None, None], pictures)
    found = found_by_hand(toy, "mixed3b", pictures)
    for n in range(2):
        squares = np.maximum(found[n].astype(float), 0) ** 2
        assert ours[n].activation == pytest.approx(squares.mean(), rel=1e-4)
        assert ours[n].maximum == pytest.approx(found[n].max(), rel=1e-4)
        assert ours[n].minimum == pytest.approx(found[n].min(), rel=1e-4)


@pytest.mark.parametrize(
    ("objective", "sign"), [(Channel(LOGITS, 7), 1), (Negative(LOGITS, 7), -1)]
)
def test_of_a_logit_all_three_are_the_logit(
    toy: Inception, objective: Objective, sign: int
) -> None:
    pictures = photographs(1)
    logit = float(found_by_hand(toy, LOGITS, pictures)[0, 7])
    (ours,) = measure(toy, objective, LOGITS, [7], pictures)
    told = [sign * ours.activation, ours.maximum, ours.minimum]
    assert told == pytest.approx([logit] * 3, rel=1e-4)


def test_an_objective_in_another_layer_is_measured_there(toy: Inception) -> None:
    pictures = photographs(1)
    (ours,) = measure(toy, Channel("mixed4a", 3), "conv2d0", [2], pictures)
    deep, early = (found_by_hand(toy, name, pictures)[0] for name in ("mixed4a", "conv2d0"))
    assert ours.activation == pytest.approx(np.maximum(deep[3], 0).mean(), rel=1e-4)
    assert ours.maximum == pytest.approx(early[2].max(), rel=1e-4)


def test_nothing_is_recorded_for_a_gradient(toy: Inception) -> None:
    with torch.enable_grad():
        (ours,) = measure(toy, Channel("conv2d0", 3), "conv2d0", [3], photographs(1))
    assert isinstance(ours, PictureMeasurement)
    assert {type(number) for number in vars(ours).values()} == {float}


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA"])
def test_whatever_is_decoded_is_rgb(mode: str) -> None:
    buffer = io.BytesIO()
    photographs(1)[0].convert(mode).save(buffer, "png")
    decoded = decode(buffer.getvalue())
    assert decoded.mode == "RGB"
    assert np.array_equal(np.asarray(decoded), pixels(buffer.getvalue()))

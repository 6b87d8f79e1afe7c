"""The weights that come with the package."""

import pytest
from safetensors import safe_open

from precompute.network import load
from precompute.network.published_weights import TOY_WEIGHTS
from precompute.stimuli import CLASSES
from precompute.toy.evaluate import Measurement, measure
from precompute.toy.pictures import held_out


@pytest.fixture(scope="module")
def measurement() -> Measurement:
    return measure(load("toy"), held_out(4))


def test_they_are_small_enough_to_come_with_the_package() -> None:
    assert TOY_WEIGHTS.stat().st_size <= 3_000_000


def test_they_know_held_out_pictures(measurement: Measurement) -> None:
    assert measurement.accuracy >= 0.95, measurement.confusions


def test_hardly_a_channel_is_dead(measurement: Measurement) -> None:
    assert max(measurement.dead.values()) <= 0.10, measurement.dead


def test_they_say_what_they_reach_and_which_classes_they_know() -> None:
    with safe_open(TOY_WEIGHTS, "pt") as stored:
        metadata = stored.metadata()
    assert float(metadata["held_out_accuracy"]) >= 0.95
    assert metadata["classes"].split(",") == [entry.slug for entry in CLASSES]

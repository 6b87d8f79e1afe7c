"""Training learns, and writes a file that says what it is."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from precompute.stimuli import CLASSES
from precompute.toy.batch_norm import build, folded, plain
from precompute.toy.evaluate import Measurement
from precompute.toy.pictures import Pictures, training
from precompute.toy.train import Plan, fit, save

SMALL = Plan(epochs=8, per_class=2, batch=16, rate=2e-3)


@pytest.fixture(scope="module")
def few() -> Pictures:
    """Eight classes that differ at a glance, two pictures of each."""
    everything = training(SMALL.per_class)
    chosen = (everything.labels % 6 == 0).nonzero().flatten()[:16]
    return Pictures(everything.images[chosen], everything.labels[chosen])


def _fitted(few: Pictures) -> list[float]:
    rng = torch.Generator().manual_seed(0)
    plan = replace(SMALL, epochs=12)
    return fit(build(rng), few, plan, rng)


def test_a_few_steps_lower_the_loss(few: Pictures) -> None:
    losses = _fitted(few)
    assert len(losses) == 12
    assert sum(losses[-3:]) < 0.8 * sum(losses[:3])


def test_the_plan_counts_its_steps() -> None:
    assert SMALL.steps == 8 * (2 * len(CLASSES) // 16)


def test_the_file_carries_the_plan_and_the_result(tmp_path: Path) -> None:
    tensors = folded(build(torch.Generator().manual_seed(0)))
    file = tmp_path / "toy.safetensors"
    save(file, tensors, SMALL, Measurement(0.9875, {}, ()))
    with safe_open(file, "pt") as stored:
        metadata = stored.metadata()
        assert set(stored.keys()) == set(tensors)
    assert metadata["held_out_accuracy"] == "0.9875"
    assert metadata["classes"].split(",") == [entry.slug for entry in CLASSES]
    assert (metadata["steps"], metadata["seed"]) == (str(SMALL.steps), "0")
    assert plain(tensors).variant.slug == "toy"

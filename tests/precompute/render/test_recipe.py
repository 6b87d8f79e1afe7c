"""The recipe as data, and the optimiser's numbers."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from app.db.records import RecipeRecord
from precompute.render.parameterize import COLOUR_COVARIANCE_ROOT, Fourier
from precompute.render.picture import Encoding
from precompute.render.recipe import Nadam, Photograph, Recipe
from precompute.render.transform import JITTER, Jitter, Rotate, Scale

RECIPE = Recipe()


def hashed(recipe: Recipe) -> str:
    return RecipeRecord.from_body(recipe.body()).sha256


def test_every_number_is_in_the_body_and_comes_back_from_json() -> None:
    body = RECIPE.body()
    assert json.loads(json.dumps(body, allow_nan=False)) == body
    assert body["optimiser"] == {
        "kind": "nadam", "steps": 44, "learning_rate": 0.05, "betas": [0.8, 0.99],
        "epsilon": 1e-8, "momentum_decay": 0.004, "settle": 0.4,
    }  # fmt: skip
    assert body["parameterisation"] == {
        "kind": "fourier", "size": 224, "deviation": 0.01, "decay": 1.4, "divisor": 4.0,
        "colour_covariance_root": [list(row) for row in COLOUR_COVARIANCE_ROOT],
    }  # fmt: skip
    kinds = [part["kind"] for part in body["transformations"]]
    assert kinds == ["jitter", "scale", "rotate", "jitter"]
    assert body["transformations"][1]["factors"][0] == 0.9
    assert body["outside"] == 0.5
    assert body["start"] == {"kind": "noise"}
    assert body["encoding"]["quality"] == 75


def test_a_photograph_that_is_started_from_is_named_in_the_body() -> None:
    body = replace(RECIPE, start=Photograph("cat.jpg", "ab12")).body()
    assert body["start"] == {"kind": "photograph", "name": "cat.jpg", "sha256": "ab12"}


CHANGES: dict[str, Recipe] = {
    "technique": replace(RECIPE, technique="negative"),
    "objective": replace(RECIPE, objective="another"),
    "size": replace(RECIPE, parameterisation=Fourier(96)),
    "decay": replace(RECIPE, parameterisation=Fourier(decay=1.0)),
    "deviation": replace(RECIPE, parameterisation=Fourier(deviation=0.02)),
    "divisor": replace(RECIPE, parameterisation=Fourier(divisor=3.0)),
    "no transformation": replace(RECIPE, transformations=()),
    "less jitter": replace(RECIPE, transformations=JITTER),
    "a jitter of 4": replace(RECIPE, transformations=(Jitter(4),)),
    "a scale": replace(RECIPE, transformations=(Scale((1.0, 1.1)),)),
    "another scale": replace(RECIPE, transformations=(Scale((1.0, 1.2)),)),
    "a turn of these factors": replace(RECIPE, transformations=(Rotate((1.0, 1.1)),)),
    "steps": replace(RECIPE, optimiser=Nadam(steps=41)),
    "learning rate": replace(RECIPE, optimiser=Nadam(learning_rate=0.06)),
    "betas": replace(RECIPE, optimiser=Nadam(betas=(0.9, 0.99))),
    "epsilon": replace(RECIPE, optimiser=Nadam(epsilon=1e-7)),
    "settle": replace(RECIPE, optimiser=Nadam(settle=0.0)),
    "seed of transformations": replace(RECIPE, transformation_seed=1),
    "batch": replace(RECIPE, batch=4),
    "members": replace(RECIPE, members=4),
    "diversity": replace(RECIPE, diversity=0.1),
    "photograph": replace(RECIPE, start=Photograph("cat.jpg", "ab12")),
    "another photograph": replace(RECIPE, start=Photograph("cat.jpg", "cd34")),
    "dtype": replace(RECIPE, dtype="bfloat16"),
    "quality": RECIPE.encoded(Encoding(quality=80)),
    "format": RECIPE.encoded(Encoding(media_type="image/webp")),
    "effort": RECIPE.encoded(Encoding(effort=4)),
    "side without loss": RECIPE.encoded(Encoding(lossless_side=64)),
}


def test_any_other_number_is_another_recipe() -> None:
    hashes = {name: hashed(recipe) for name, recipe in CHANGES.items()}
    assert len({hashed(RECIPE), *hashes.values()}) == len(CHANGES) + 1


def test_the_same_numbers_are_the_same_recipe() -> None:
    assert hashed(Recipe()) == hashed(replace(RECIPE, optimiser=Nadam(44, 0.05)))


def test_another_encoding_changes_nothing_else() -> None:
    other = RECIPE.encoded(Encoding(quality=50)).body()
    differing = {key for key, value in RECIPE.body().items() if other[key] != value}
    assert differing == {"encoding"}


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.integers(1, 200), st.floats(0.01, 1.0))
def test_the_rate_is_flat_and_then_falls_to_nearly_nothing(steps: int, settle: float) -> None:
    rates = [Nadam(steps, 0.1, settle=settle).rate(step) for step in range(steps)]
    flat = [rate for step, rate in enumerate(rates) if (step + 0.5) / steps <= 1 - settle]
    assert flat == pytest.approx([0.1] * len(flat))
    falling = rates[len(flat) :]
    assert falling == sorted(falling, reverse=True)
    assert rates[-1] == pytest.approx(min(0.1, 0.1 / (2 * steps * settle)))
    assert max(rates) <= 0.1


def test_the_rate_of_ten_steps_by_hand() -> None:
    rates = [Nadam(10, 0.2, settle=0.4).rate(step) for step in range(10)]
    assert rates == pytest.approx([0.2] * 6 + [0.175, 0.125, 0.075, 0.025])


def test_without_settling_the_rate_is_the_same_to_the_end() -> None:
    assert {Nadam(7, 0.05, settle=0.0).rate(step) for step in range(7)} == {0.05}


def test_the_optimiser_is_torchs_with_these_numbers() -> None:
    optimiser = Nadam(5, 0.3, betas=(0.7, 0.95), epsilon=1e-6).over(torch.zeros(2))
    assert type(optimiser) is torch.optim.NAdam
    (group,) = optimiser.param_groups
    assert (group["lr"], group["betas"], group["eps"]) == (0.3, (0.7, 0.95), 1e-6)
    assert group["weight_decay"] == 0


def test_its_steps_are_dozats() -> None:
    """Three steps down a parabola, with Dozat's schedule of momentum written out."""
    target = np.array([1.0, -2.0, 0.5])
    theta, first, second, product = np.zeros(3), np.zeros(3), np.zeros(3), 1.0
    ours = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    optimiser = Nadam(3, 0.1).over(ours)
    for t in range(1, 4):
        slope = 2 * (theta - target)
        mu, after = (0.8 * (1 - 0.5 * 0.96 ** (0.004 * n)) for n in (t, t + 1))
        product *= mu
        first = 0.8 * first + 0.2 * slope
        second = 0.99 * second + 0.01 * slope**2
        ahead = after * first / (1 - product * after) + (1 - mu) * slope / (1 - product)
        theta = theta - 0.1 * ahead / (np.sqrt(second / (1 - 0.99**t)) + 1e-8)
        optimiser.zero_grad()
        torch.autograd.backward(((ours - torch.from_numpy(target)) ** 2).sum())
        optimiser.step()
        # PyTorch keeps the product of the momenta in float32.
        np.testing.assert_allclose(ours.detach().numpy(), theta, rtol=1e-6)

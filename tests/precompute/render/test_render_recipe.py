"""The recipe as data."""

from __future__ import annotations

import json

import pytest

from app.errors import InputError
from app.store.records import RecipeRecord
from precompute.render.recipe import Recipe


def test_every_number_of_lucids_recipe_is_in_the_body() -> None:
    body = json.loads(json.dumps(Recipe.channel().body()))
    assert body["optimiser"] | {"steps": 256, "learning_rate": 0.05} == body["optimiser"]
    assert body["parameterisation"] | {"size": 128, "deviation": 0.01} == body["parameterisation"]
    kinds = [part["kind"] for part in body["transformations"]]
    assert kinds == ["jitter", "scale", "rotate", "jitter"]
    assert body["outside"] == 0.5
    assert body["encoding"]["quality"] == 90


def test_another_number_is_another_recipe() -> None:
    hashes = {
        RecipeRecord.from_body(recipe.body()).sha256
        for recipe in (Recipe.channel(), Recipe.channel(steps=64), Recipe.channel(size=96))
    }
    assert len(hashes) == 3


@pytest.mark.parametrize(("steps", "size"), [(0, 128), (64, 100), (64, 16), (64, 4096)])
def test_what_cannot_be_rendered_is_refused(steps: int, size: int) -> None:
    with pytest.raises(InputError, match="--s"):
        Recipe.channel(steps, size)

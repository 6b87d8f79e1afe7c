"""How pictures compare with examples: by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.db.views import ImageView, RecipeView, VisualizationView
from app.db.views.evidence import ExampleView
from app.web.visualizations import lowest_example, ratio_to_examples, strongest_example


def picture(technique: str, maximum: float, minimum: float | None) -> VisualizationView:
    image, recipe = ImageView("ab" * 32, "image/png", 8, 8), RecipeView("cd" * 32, {})
    moment = datetime(2026, 3, 7, tzinfo=UTC)
    return VisualizationView(
        technique, 0, 0, 1.0, maximum, minimum, None, 1.0, moment, image, recipe
    )


def example(kind: str, activation: float) -> ExampleView:
    return ExampleView("foxes", kind, 1, activation, 0, 0, "a.jpg", None, None)


EXAMPLES = [
    example("top", 20.0),
    example("top", 40.0),
    example("minimum", -5.0),
    example("minimum", -10.0),
    example("random", 900.0),
]


@pytest.mark.parametrize("technique", ["channel", "logit", "neuron", "diversity", "direction"])
def test_a_maximum_is_compared_with_the_strongest_top_example(technique: str) -> None:
    assert ratio_to_examples(picture(technique, 90.0, -60.0), EXAMPLES) == 2.25


def test_a_negative_pictures_minimum_is_compared_with_the_lowest_example() -> None:
    assert ratio_to_examples(picture("negative", 90.0, -60.0), EXAMPLES) == 6.0


def test_without_a_minimum_there_is_no_ratio() -> None:
    assert ratio_to_examples(picture("negative", 90.0, None), EXAMPLES) is None


def test_without_examples_there_is_no_ratio() -> None:
    for technique in ("channel", "negative"):
        assert ratio_to_examples(picture(technique, 90.0, -60.0), []) is None


def test_examples_that_do_not_excite_or_suppress_are_nothing_to_compare_with() -> None:
    weak = [example("top", 0.0), example("top", -3.0), example("minimum", 0.0)]
    assert strongest_example(weak) is None
    assert lowest_example([*weak, example("minimum", 2.0)]) is None
    assert ratio_to_examples(picture("channel", 90.0, -60.0), weak) is None
    assert ratio_to_examples(picture("negative", 90.0, -60.0), weak) is None


def test_a_picture_that_excites_less_than_nothing_has_a_negative_ratio() -> None:
    assert ratio_to_examples(picture("channel", -4.0, -60.0), EXAMPLES) == -0.1

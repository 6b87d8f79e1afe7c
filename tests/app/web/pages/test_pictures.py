"""Pictures as pages show them: grouped, labelled, measured, and how they were made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from app.db.views import ImageView, RecipeView, VisualizationView
from app.db.views.evidence import ExampleView, UnitDetail
from app.techniques import TECHNIQUES
from app.web.pages.formatting import number
from app.web.visualizations import (
    PictureGroup,
    ShownPicture,
    enlargement,
    first_picture,
    layer_groups,
    methods,
    methods_by_recipe,
    unit_groups,
)

Keys = list[tuple[str, int, int]]


def view(
    technique: str = "channel",
    seed: int = 0,
    member: int = 0,
    *,
    note: str | None = None,
    size: int = 128,
    recipe: str = "one",
    body: Mapping[str, Any] | None = None,
) -> VisualizationView:
    image = ImageView(f"{technique}{seed}{member}", "image/png", size, size)
    moment = datetime(2026, 3, 7, tzinfo=UTC)
    found = RecipeView(recipe, body or {})
    return VisualizationView(
        technique, seed, member, 1.0, 2.0, -3.0, note, 1.5, moment, image, found
    )


def unit(*views: VisualizationView) -> UnitDetail:
    return UnitDetail(7, None, views, (ExampleView("a", "top", 1, 4.0, 0, 0, "", None, None),), ())


def labels(group: PictureGroup) -> list[str]:
    return [shown.label for shown in group.pictures]


def shown(*views: VisualizationView) -> list[ShownPicture]:
    first, groups = first_picture("mixed3b", unit(*views)), unit_groups("mixed3b", unit(*views))
    rest = [each for group in groups for each in group.pictures]
    return [first, *rest] if first else rest


@pytest.mark.parametrize(
    ("keys", "headings"),
    [
        ([], []),
        ([("channel", 0, 0)], []),
        ([("channel", 0, 0), ("channel", 1, 0)], ["Other seeds"]),
        (
            [("channel", 0, 0), ("channel", 1, 0), ("neuron", 0, 0), ("zebra", 0, 0)],
            ["Centre neuron", "Zebra", "Other seeds"],
        ),
        ([("logit", 0, 0), ("neuron", 0, 0)], ["Centre neuron"]),
        ([("diversity", 0, 0), ("diversity", 0, 1)], ["Diversity"]),
        (
            [("diversity", 0, 0), ("diversity", 0, 1), ("diversity", 1, 0)],
            ["Diversity", "Other seeds"],
        ),
        ([("neuron", 0, 0), ("negative", 0, 0), ("negative", 1, 0)], ["Negative"]),
    ],
)
def test_pictures_after_the_first_are_grouped(keys: Keys, headings: list[str]) -> None:
    found = unit(*(view(*key) for key in keys))
    groups = unit_groups("mixed3b", found)
    assert [group.heading for group in groups] == headings
    assert sum(len(group.pictures) for group in groups) == max(len(keys) - 1, 0)


def test_labels_tell_neighbours_apart_and_nothing_more() -> None:
    views = [view(), view(seed=3), view("neuron"), view("negative"), view("negative", 1)]
    views += [view("diversity", member=member) for member in range(4)]
    neuron, negative, diversity, seeds = unit_groups("mixed3b", unit(*views))
    assert labels(neuron) == [""]
    assert labels(negative) == ["seed 0", "seed 1"]
    assert labels(diversity) == ["1", "2", "3", "4"]
    assert labels(seeds) == ["seed 3"]
    assert seeds.pictures[0].alt == (
        "unit 7 of mixed3b: feature visualization, mean of the unit's map, seed 3"
    )


def test_a_note_that_all_share_is_told_once() -> None:
    views = [view(), *(view("diversity", member=each, note="Dead.") for each in range(4))]
    (group,) = unit_groups("mixed3b", unit(*views))
    assert group.note == "Dead."
    assert {shown.note for shown in group.pictures} == {None}


def test_a_note_of_one_stands_beside_that_one() -> None:
    pair = [view("diversity", note="Dead."), view("diversity", member=1)]
    for group in (
        *unit_groups("mixed3b", unit(view(), *pair)),
        *unit_groups("mixed3b", unit(view(), view("neuron", note="Dead."))),
    ):
        assert group.note is None
        assert group.pictures[0].note == "Dead."


def test_the_numbers_of_a_negative_picture_are_of_its_minimum() -> None:
    first, negative = shown(view(), view("negative"))
    assert [(each.name, each.value) for each in first.measures] == [
        ("Activation", 1.0),
        ("Maximum", 2.0),
        ("Against strongest", 0.5),
    ]
    assert [(each.name, each.value) for each in negative.measures] == [
        ("Activation", 1.0),
        ("Minimum", -3.0),
    ]


@pytest.mark.parametrize(("width", "factor"), [(7, 18), (13, 9), (63, 2), (64, 1), (224, 1)])
def test_only_tiny_pictures_are_enlarged_and_by_a_whole_factor(width: int, factor: int) -> None:
    assert enlargement(ImageView("", "image/png", width, width)) == factor


def test_a_neurons_picture_is_shown_at_its_own_size() -> None:
    first, neuron = shown(view(), view("neuron", size=99))
    assert (first.scale, neuron.scale) == (None, 1)
    assert shown(view(size=32))[0].scale == 4


def test_dreams_from_noise_come_before_those_from_photographs() -> None:
    def start(**found: str) -> Mapping[str, Any]:
        return {"start": found}

    (group,) = layer_groups(
        "mixed3b",
        [
            view("deepdream", 0, 0, body=start(kind="photograph", name="fox.jpg")),
            view("deepdream", 0, 1, body=start(kind="noise")),
            view("deepdream", 1, 0, body={"start": "anything"}),
            view("deepdream", 1, 1, body=start(kind="photograph")),
        ],
    )
    assert group.heading == "DeepDream"
    assert labels(group) == [
        "From noise, seed 0",
        "From noise, seed 1",
        "fox.jpg",
        "a photograph",
    ]
    assert group.pictures[2].alt == "layer mixed3b: DeepDream, fox.jpg"


def test_each_recipe_of_a_technique_is_told_apart_by_its_pictures() -> None:
    pictures = shown(view(), view(seed=1, recipe="two"), view("neuron", recipe="three"))
    assert [method.title for method in methods_by_recipe(pictures)] == [
        "How the channel picture was made (seed 0)",
        "How the channel picture was made (seed 1)",
        "How the neuron picture was made",
    ]
    first, second = methods(pictures)
    assert first.title == "How the channel pictures were made"
    assert [made.recipe.sha256 for made in first.made] == ["one", "two"]
    assert [made.recipe.sha256 for made in second.made] == ["three"]


def test_pictures_of_one_recipe_are_told_of_once() -> None:
    pictures = shown(view(), view(seed=1), view(seed=2))
    (method,) = methods_by_recipe(pictures)
    assert method.title == "How the channel pictures were made"
    assert [each.name for each in method.made[0].pictures] == ["seed 0", "seed 1", "seed 2"]


@pytest.mark.parametrize("name", [*TECHNIQUES, "zebra"])
def test_every_technique_has_its_words(name: str) -> None:
    words = TECHNIQUES[name]
    assert words.heading[0].isupper()
    for sentence in (words.shows, words.method):
        assert sentence.endswith(".")
    assert not words.objective.endswith(".")
    assert "Activation is" in words.method


@pytest.mark.parametrize(
    ("value", "text"),
    [(-64.2, "−64.2"), (-0.0123, "−0.0123"), (-1234.5, "−1,234"), (0.0, "0"), (3.0, "3.00")],
)
def test_a_number_below_zero_has_a_minus_sign(value: float, text: str) -> None:
    assert number(value) == text

"""What was computed, as a table and as recipes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from app.db.views import DatasetView, LayerCount, RunView
from app.db.views.overview import RecipeUse
from app.web.pages.about.contents import CoverageCell, layer_range, recipe_groups, table, written
from app.web.pages.about.page import commands, told
from app.web.pages.formatting import lasting

NOW = datetime(2026, 3, 7, 12, tzinfo=UTC)
CHANNELS = {"conv2d0": 64, "mixed3a": 256, "mixed3b": 480, "mixed4a": 512}
FOXES = {"foxes": DatasetView("foxes", "Foxes", "CC0", "cd" * 32, 500, False, NOW)}


def run(number: int, command: str, state: str = "finished", total: int = 1) -> RunView:
    return RunView(
        number, "toy", {"command": command}, "0.1.0", state, "", 1, total, "", (), NOW, NOW
    )


def test_the_table_counts_each_layer_by_technique_and_data_set() -> None:
    pictures = [
        LayerCount("conv2d0", 1, "deepdream", 1),
        LayerCount("conv2d0", 64, "neuron", 3),
        LayerCount("conv2d0", 64, "channel", 64),
    ]
    uses = [
        RecipeUse("examples", "foxes", "mixed3a", "aa", 200),
        RecipeUse("examples", "foxes", "mixed3a", "bb", 56),
    ]
    found = table(CHANNELS, pictures, uses, FOXES)
    examples = "Examples and statistics, Foxes"
    assert found.columns == ("Channel", "Centre neuron", "DeepDream", examples)
    assert [row.layer for row in found.rows] == list(CHANNELS)
    assert found.rows[0].cells == (
        CoverageCell(64, 64),
        CoverageCell(3, 64),
        CoverageCell(1, 1),
        None,
    )
    assert found.rows[1].cells == (None, None, None, CoverageCell(256, 256))


@pytest.mark.parametrize(
    ("some", "words"),
    [
        ([], ""),
        (["mixed3b"], "mixed3b"),
        (["mixed3b", "mixed3a"], "mixed3a, mixed3b"),
        (["mixed4a", "mixed3b", "mixed3a"], "mixed3a to mixed4a"),
        (["mixed4a", "conv2d0", "conv2d0"], "conv2d0, mixed4a"),
    ],
)
def test_layers_are_told_in_ranges(some: list[str], words: str) -> None:
    assert layer_range(list(CHANNELS), some) == words


def test_recipes_are_grouped_by_what_they_made() -> None:
    uses = [
        RecipeUse("effects", "foxes", "mixed3a", "ee", 9),
        RecipeUse("negative", None, "conv2d0", "nn", 2),
        RecipeUse("channel", None, "conv2d0", "aa", 4),
        RecipeUse("channel", None, "mixed3a", "aa", 5),
        RecipeUse("channel", None, "mixed3b", "bb", 6),
    ]
    texts = {name: json.dumps({"steps": 3}) for name in ("aa", "bb", "nn", "ee")}
    groups = recipe_groups(list(CHANNELS), uses, texts, FOXES)
    assert [(group.heading, group.dataset) for group in groups] == [
        ("Channel", None),
        ("Negative", None),
        ("Effects on the classes", "Foxes"),
    ]
    assert [(used.sha256, used.layers, used.count) for used in groups[0].recipes] == [
        ("aa", "conv2d0, mixed3a", 9),
        ("bb", "mixed3b", 6),
    ]


def test_a_recipe_is_written_line_by_line_and_is_still_the_same() -> None:
    body = {"view": {"crop": 224, "angles": [1, 2]}, "a": None, "ü": "<&>"}
    text = written(json.dumps(body))
    assert json.loads(text) == body
    assert text.splitlines()[1] == '  "a": null,'
    assert len(text.splitlines()) == 5


def test_commands_are_told_once_in_the_order_in_which_they_ran() -> None:
    runs = [run(4, "two"), run(3, "one"), run(2, "refused", "failed", 0), run(1, "one")]
    assert commands(runs) == ("one", "two")


def test_a_run_that_was_killed_is_not_said_to_run() -> None:
    assert told(run(1, "one", "running"), NOW + timedelta(seconds=30)).state == "running"
    assert told(run(1, "one", "running"), NOW + timedelta(hours=1)).state == "ended without a word"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "0 seconds"),
        (1.4, "1 second"),
        (59.4, "59 seconds"),
        (59.6, "1 minute"),
        (3540, "59 minutes"),
        (3590, "1 hour"),
        (7500, "2 hours 5 minutes"),
        (180_000, "50 hours"),
    ],
)
def test_how_long_a_run_took_is_said_as_people_say_it(seconds: float, words: str) -> None:
    assert lasting(seconds) == words

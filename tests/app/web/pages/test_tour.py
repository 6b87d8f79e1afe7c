"""The words of the tour: one for every kind, each with its number."""

from __future__ import annotations

import pytest

from app.db.tour.rules import KINDS
from app.db.views.overview import HighlightView
from app.web.pages.home.tour import WHY, TourStop, stops

HOSTILE = "<b>&\"'" + "x" * 200


def told(kind: str, value: float | None = 0.25, detail: str | None = None) -> TourStop:
    view = HighlightView("toy", "mixed3b", 2, None, None, kind, value, detail)
    (stop,) = stops([view])
    return stop


def text(stop: TourStop) -> str:
    return stop.sentence.before + stop.sentence.name + stop.sentence.after


def test_every_kind_has_words_and_no_words_are_idle() -> None:
    assert set(WHY) == set(KINDS)
    assert len({why.heading for why in WHY.values()}) == len(WHY)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_sentence_is_whole(kind: str) -> None:
    sentence = text(told(kind, 7.0, "fox"))
    assert sentence.endswith(".")
    assert "{" not in sentence
    assert "7" in sentence or "700" in sentence or kind == "dead"


@pytest.mark.parametrize(
    ("kind", "value", "part"),
    [
        ("busy", 0.713, "71.3\u00a0% of all positions"),
        ("dark", 3.16, "3.16 times as far below 0"),
        ("detail", 7.0, "7 × 7 pixels"),
        ("opposes", -5.05, "adds −5.05 on average"),
        ("twin", 0.94, "their correlation is +0.94"),
    ],
)
def test_numbers_are_written_as_everywhere(kind: str, value: float, part: str) -> None:
    assert part in text(told(kind, value, "fox"))


def test_a_name_stands_apart() -> None:
    assert told("supports", 3.5, HOSTILE).sentence.name == HOSTILE
    assert told("supports", 3.5, None).sentence.name == "another"
    assert told("busy", 0.7, HOSTILE).sentence.name == ""


def test_a_kind_without_words_is_left_out() -> None:
    assert stops([HighlightView("toy", "mixed3b", 2, None, None, "new", 1.0, None)]) == ()

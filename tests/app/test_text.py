"""Counts and durations in words."""

from __future__ import annotations

import pytest

from app.text import duration, many


@pytest.mark.parametrize(
    ("number", "words", "said"),
    [
        (0, ("picture",), "0 pictures"),
        (1, ("picture",), "1 picture"),
        (2000, ("picture",), "2,000 pictures"),
        (1, ("row refers", "rows refer"), "1 row refers"),
        (2, ("row refers", "rows refer"), "2 rows refer"),
        (0, ("class", "classes"), "0 classes"),
    ],
)
def test_one_is_not_said_as_several_are(number: int, words: tuple[str, ...], said: str) -> None:
    assert many(number, *words) == said


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "0 s"), (59, "59 s"), (95, "1 min 35 s"), (3600, "1 h 0 min"), (7384, "2 h 3 min")],
)
def test_durations_are_in_two_units_at_most(seconds: float, words: str) -> None:
    assert duration(seconds) == words

"""A unit in a sentence: plain words for what the numbers say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.db.records import ClassRecord, HistogramRecord
from app.db.views import SummaryView
from app.db.views.evidence import StatisticsView, UnitDetail
from app.web.pages.formatting import nature


def unit(density: float, image_density: float, *labels: str) -> UnitDetail:
    told = StatisticsView(
        dataset="d",
        images=1200,
        positions=10,
        summary=SummaryView(0.0, 1.0, 0.0, 1.0, -1.0, density, image_density),
        quantiles=(),
        histogram=HistogramRecord(0.0, 1.0, (1,), 1),
        intervals=(),
        class_means=tuple(ClassRecord(label, 1.0) for label in labels),
        class_shares=(),
        top_images=12,
    )
    return UnitDetail(0, None, (), (), (), (told,))


@pytest.mark.parametrize(
    ("density", "image_density", "words"),
    [
        (0.0, 0.0, "Never active: above 0 in none of 1,200 images."),
        (0.0001, 0.004, "Rarely active: above 0 at 0.01 % of positions, in 0.4 % of 1,200 images."),
        (0.02, 0.5, "Active in few places: above 0 at 2.00 % of positions"),
        (0.3, 0.9, "Often active: above 0 at 30.0 % of positions"),
        (0.8, 1.0, "Active nearly everywhere: above 0 at 80.0 % of positions, in 100 % of"),
    ],
)
def test_how_often_a_unit_is_active(density: float, image_density: float, words: str) -> None:
    found = nature("mixed4c", unit(density, image_density))
    assert found is not None
    assert found.plain.replace("\u00a0", " ").startswith(words)


def test_the_strongest_class_ends_the_sentence_but_not_of_a_dead_unit() -> None:
    found = nature("mixed4c", unit(0.3, 0.9, "fox", "hen"))
    assert found is not None
    assert found.label == "fox"
    assert found.plain.endswith("on average most in those labelled fox.")
    dead = nature("mixed4c", unit(0.0, 0.0, "fox"))
    assert dead is not None
    assert dead.label is None


def test_without_numbers_nothing_is_said() -> None:
    bare = unit(0.3, 0.9)
    assert nature("mixed4c", replace(bare, statistics=())) is None
    assert nature("logits", bare) is None

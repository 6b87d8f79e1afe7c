"""The statistics: each place that declares their types has them all, under the same names."""

from __future__ import annotations

from dataclasses import fields

from app.db.records import StatisticsRecord
from app.db.views import SummaryView
from app.evidence.statistics import Statistics
from app.statistics import STATISTICS, is_share
from app.web.api.schemas.lists import StatisticsColumns
from app.web.api.schemas.network import Summary

NAMES = tuple(STATISTICS)


def test_lists_and_json_have_them_in_their_order() -> None:
    assert SummaryView._fields == (*NAMES, "place")
    assert tuple(Summary.model_fields) == (*NAMES, "place")
    assert tuple(StatisticsColumns.model_fields)[-len(NAMES) - 1 :] == (*NAMES, "place")


def test_what_is_stored_has_them() -> None:
    assert set(NAMES) <= {each.name for each in fields(StatisticsRecord)}
    assert set(NAMES) <= set(Statistics.__table__.columns.keys())


def test_shares_are_known_by_name() -> None:
    assert [name for name in (*NAMES, "effect", "place") if is_share(name)] == [
        "density",
        "image_density",
    ]

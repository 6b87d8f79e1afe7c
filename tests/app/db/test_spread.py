"""Units that stand for their layers: evenly spread, and fairly shared."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.db.queries.sampling import shares, spread


@given(count=st.integers(0, 3000), width=st.integers(1, 60))
def test_places_are_spread_evenly(count: int, width: int) -> None:
    places = spread(count, width)
    assert len(places) == min(count, width)
    assert places == sorted(set(places))
    if count:
        assert places[0] == 0
        steps = [after - before for before, after in zip(places, [*places[1:], count], strict=True)]
        assert max(steps) - min(steps) <= 1


@given(counts=st.lists(st.integers(0, 40), max_size=15), total=st.integers(0, 80))
def test_shares_are_as_equal_as_there_are_any(counts: list[int], total: int) -> None:
    found = shares(counts, total)
    assert sum(found) == min(total, sum(counts))
    assert all(share <= count for share, count in zip(found, counts, strict=True))
    most = max(found, default=0)
    for share, count in zip(found, counts, strict=True):
        assert share == count or share >= most - 1

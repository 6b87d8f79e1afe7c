"""The small plots: each layer at its number, from 0."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.drawing.plots import LEAST, LENGTH, NAMES, ROW, WIDTH, plot

numbers = st.lists(st.floats(0, 1e6, allow_nan=False), min_size=2, max_size=20)


@given(numbers)
def test_a_point_lies_where_its_number_is(values: list[float]) -> None:
    drawn = plot([(f"layer{place}", value) for place, value in enumerate(values)])
    if not max(values) > LEAST:
        assert drawn is None
        return
    assert drawn is not None
    for place, (point, value) in enumerate(zip(drawn.points, values, strict=True)):
        assert (point.x - NAMES) / LENGTH == pytest.approx(value / max(values), abs=1e-3)
        assert point.y == ROW * (place + 0.5)
    assert all(NAMES <= tick.at <= WIDTH for tick in drawn.ticks)


@pytest.mark.parametrize("values", [[], [("conv2d0", 7.0)], [("conv2d0", 0.0), ("mixed3a", 0.0)]])
def test_too_little_is_not_drawn(values: list[tuple[str, float]]) -> None:
    assert plot(values) is None


def test_the_mark_stands_only_where_there_is_room() -> None:
    near, far = [("a", 7.0), ("b", 100.0)], [("a", 7.0), ("b", 448.0)]
    drawn = plot(near, mark=224), plot(far, mark=224)
    assert drawn[0] is not None
    assert drawn[0].mark is None
    assert drawn[1] is not None
    assert drawn[1].mark == NAMES + LENGTH / 2

"""Geometry: what part of a picture is shown, and where the bars of a histogram stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.db.records import HistogramRecord, IntervalRecord
from app.db.views import ImageView, SummaryView
from app.db.views.evidence import ExampleView, StatisticsView
from app.drawing.charts import HEIGHT, WIDTH, chart, round_numbers
from app.drawing.crops import SURROUNDINGS, crop
from app.web.pages.unit.dataset_panels import ranges

numbers = st.floats(-1e6, 1e6, allow_nan=False)


def view(width: int = 224, height: int = 224) -> ImageView:
    return ImageView("ab", "image/png", width, height)


@pytest.mark.parametrize(
    ("field", "place", "is_wider", "is_tiny"),
    [
        ((100, 100, 107, 107), (79, 79, 48), True, True),
        ((0, 0, 4, 7), (0, 0, 48), True, True),
        ((220, 217, 224, 224), (176, 176, 48), True, True),
        ((40, 50, 179, 189), (40, 50, 139), False, False),
        ((0, 60, 80, 199), (0, 60, 139), True, False),
        ((0, 3, 224, 200), (0, 0, 224), True, False),
    ],
)
def test_a_crop_is_a_square_about_what_the_cell_sees(
    field: tuple[int, int, int, int],
    place: tuple[int, int, int],
    is_wider: bool,
    is_tiny: bool,
) -> None:
    found = crop(view(), field)
    assert found is not None
    assert (found.x, found.y, found.width) == place
    assert found.height == found.width
    assert (found.field, found.is_wider, found.is_tiny) == (field, is_wider, is_tiny)


def test_what_sees_the_whole_view_is_not_cut() -> None:
    assert crop(view(), (0, 0, 224, 224)) is None


@given(
    width=st.integers(1, 400),
    height=st.integers(1, 400),
    at=st.tuples(st.integers(0, 399), st.integers(0, 399)),
    size=st.tuples(st.integers(1, 300), st.integers(1, 300)),
)
def test_a_crop_lies_in_the_view_and_holds_the_field(
    width: int, height: int, at: tuple[int, int], size: tuple[int, int]
) -> None:
    left, upper = min(at[0], width - 1), min(at[1], height - 1)
    right, lower = min(left + size[0], width), min(upper + size[1], height)
    found = crop(view(width, height), (left, upper, right, lower))
    if found is None:
        assert (left, upper, right, lower) == (0, 0, width, height)
        return
    assert 0 <= found.x <= left
    assert right <= found.x + found.width <= width
    assert 0 <= found.y <= upper
    assert lower <= found.y + found.height <= height
    assert found.width >= min(SURROUNDINGS, width)
    assert found.height >= min(SURROUNDINGS, height)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (-20.0, 40.0, (-20, -10, 0, 10, 20, 30, 40)),
        (0.0, 1.0, (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)),
        (-0.3, 0.3, (-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3)),
    ],
)
def test_ticks_are_round(low: float, high: float, expected: tuple[float, ...]) -> None:
    assert round_numbers(low, high) == pytest.approx(expected)


@given(low=numbers, width=st.floats(1e-3, 1e6))
def test_ticks_lie_inside_and_are_few(low: float, width: float) -> None:
    found = round_numbers(low, low + width)
    assert len(found) <= 8
    assert all(low - 1e-6 * width <= each <= low + width * (1 + 1e-6) for each in found)


def test_bars_are_as_high_as_their_counts() -> None:
    drawn = chart(HistogramRecord(-2.0, 2.0, (0, 10, 20, 5), 9), "linear")
    assert drawn is not None
    assert [(bar.x, bar.width, bar.height) for bar in drawn.bars] == [
        (WIDTH / 4, WIDTH / 4, HEIGHT / 2),
        (WIDTH / 2, WIDTH / 4, HEIGHT),
        (3 * WIDTH / 4, WIDTH / 4, HEIGHT / 4),
    ]
    assert [bar.is_negative for bar in drawn.bars] == [True, False, False]
    assert (drawn.zero, drawn.marks) == (WIDTH / 2, ())
    assert [tick.value for tick in drawn.up] == [5, 10, 15, 20]


def test_logarithmic_counts_have_a_tick_at_each_power_of_ten() -> None:
    drawn = chart(HistogramRecord(0.0, 2.0, (1, 99_999), 9), "log")
    assert drawn is not None
    assert [tick.value for tick in drawn.up] == [1, 10, 100, 1000, 10_000]
    assert drawn.bars[0].height == pytest.approx(HEIGHT * 0.301 / 5, abs=0.1)


def test_a_mark_close_by_widens_the_axis_and_a_far_one_stands_at_its_end() -> None:
    bars = HistogramRecord(0.0, 10.0, (1, 1), 9)
    near, far = chart(bars, "linear", [("a", 14.0)]), chart(bars, "linear", [("a", 99.0)])
    assert near is not None
    assert far is not None
    assert (near.high, near.marks[0].at, near.marks[0].is_beyond) == (14.0, WIDTH, False)
    assert (far.high, far.marks[0].at, far.marks[0].is_beyond) == (10.0, WIDTH, True)


@pytest.mark.parametrize(
    "nothing", [HistogramRecord(0.0, 0.0, (5,), 9), HistogramRecord(0.0, 1.0, (0, 0), 9)]
)
def test_nothing_is_drawn_of_nothing(nothing: HistogramRecord) -> None:
    assert chart(nothing, "linear") is None


def test_a_mark_below_all_values_stands_at_the_other_end() -> None:
    drawn = chart(HistogramRecord(0.0, 10.0, (1, 1), 9), "linear", [("a", -3.0)])
    assert drawn is not None
    (mark,) = drawn.marks
    assert (mark.at, mark.is_beyond, mark.is_late) == (0.0, True, False)


def test_intervals_without_width_are_left_out_and_the_others_keep_their_examples() -> None:
    told = StatisticsView(
        dataset="foxes",
        images=4,
        positions=36,
        summary=SummaryView(-2.0, 1.0, 0.0, -1.0, -5.0, 0.0, 0.0),
        quantiles=(),
        histogram=HistogramRecord(-5.0, -1.0, (1,), 9),
        intervals=(
            IntervalRecord(-5.0, -3.0, 1),
            IntervalRecord(-3.0, 0.0, 3),
            *(IntervalRecord(0.0, 0.0, 0) for _ in range(10)),
        ),
        class_means=(),
        class_shares=(),
        top_images=1,
    )
    examples = [
        ExampleView(dataset, f"interval-{number}", 1, -1.0, 0, 0, dataset, None, None)
        for dataset in ("foxes", "hens")
        for number in (0, 1)
    ]
    found = ranges(told, examples, "crop")
    assert [(each.low, each.share) for each in found] == [(-3.0, 0.75), (-5.0, 0.25)]
    assert [[shown.view.path for shown in each.examples] for each in found] == [["foxes"]] * 2
    assert found[0].examples[0].view.kind == "interval-1"

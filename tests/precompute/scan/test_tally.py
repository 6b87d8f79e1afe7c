"""The histogram that needs no range: its bins, its plots and its quantiles, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from precompute.render.seeding import generator
from precompute.scan.histogram import BINS, EDGES, LARGEST, SMALLEST, bins, poured, quantiles, tally

WITHIN = st.floats(-(2.0**LARGEST), 2.0**LARGEST, width=32).filter(
    lambda value: 2.0**SMALLEST <= abs(value) < 2.0**LARGEST
)


def test_the_borders_rise_and_no_bin_is_wider_than_a_sixteenth_of_what_it_holds() -> None:
    assert len(EDGES) == BINS + 1
    assert (np.diff(EDGES) > 0).all()
    above = EDGES[EDGES > 0]
    assert (np.diff(above) <= above[:-1] / 16 + 1e-12).all()
    np.testing.assert_array_equal(EDGES, -EDGES[::-1])


@given(WITHIN)
@settings(max_examples=300)
def test_a_number_lies_between_the_borders_of_its_bin(value: float) -> None:
    place = int(bins(torch.tensor([value]))[0])
    assert EDGES[place] <= value <= EDGES[place + 1]


@pytest.mark.parametrize(
    ("value", "place"),
    [(0.0, BINS // 2), (-0.0, BINS // 2), (2.0 ** (SMALLEST - 1), BINS // 2),
     (-(2.0 ** (SMALLEST - 1)), BINS // 2), (1e30, BINS - 1), (-1e30, 0), (np.inf, BINS - 1)],
)  # fmt: skip
def test_what_is_nearly_zero_or_very_far_has_a_bin_too(value: float, place: int) -> None:
    assert bins(torch.tensor([value])).tolist() == [place]


def test_counts_are_of_each_unit_for_itself() -> None:
    values = torch.randn((500, 3), generator=generator("tally")) * torch.tensor([0.1, 1.0, 100.0])
    counts = tally(values)
    assert counts.shape == (3, BINS)
    for unit in range(3):
        own = np.histogram(values[:, unit].numpy(), EDGES)[0]
        assert np.abs(counts[unit].numpy() - own).sum() <= 2  # borders belong to either side


def sample(spread: float, shift: float) -> np.ndarray:
    return torch.randn(20_000, generator=generator("sample")).numpy() * spread + shift


@pytest.mark.parametrize(("spread", "shift"), [(1.0, 0.0), (30.0, -40.0), (0.6, -1.5)])
def test_poured_counts_are_near_those_of_equal_bins(spread: float, shift: float) -> None:
    values = sample(spread, shift)
    low, high = float(values.min()), float(values.max())
    counts = tally(torch.from_numpy(values)[:, None])[0].numpy().astype(float)
    mine = poured(counts, low, high, 20)
    assert mine.sum() == pytest.approx(len(values))
    wanted = np.histogram(values, 20, (low, high))[0]
    assert np.abs(mine - wanted).sum() < 0.12 * len(values)


@pytest.mark.parametrize(("spread", "shift"), [(1.0, 0.0), (30.0, -40.0), (0.6, -1.5)])
def test_quantiles_are_off_by_no_more_than_a_bin(spread: float, shift: float) -> None:
    values = sample(spread, shift)
    counts = tally(torch.from_numpy(values)[:, None])[0].numpy().astype(float)
    shares = np.array([0.01, 0.25, 0.5, 0.75, 0.99])
    found = quantiles(counts, float(values.min()), float(values.max()), shares)
    wanted = np.quantile(values, shares)
    assert (np.abs(found - wanted) <= np.abs(wanted) / 16 + 2.0**SMALLEST * 2).all()


def test_where_nothing_was_counted_nothing_is_poured() -> None:
    assert poured(np.zeros(BINS), -1, 1, 4).tolist() == [0, 0, 0, 0]

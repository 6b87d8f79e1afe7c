"""The order of similar units: better than simple ones, and the same however they are numbered."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from precompute.images.dataset import DrawnDataset
from precompute.network import Inception
from precompute.scan import similar_units
from precompute.scan.scan import ScanResult, scan
from precompute.scan.similar_units import similarity_order
from precompute.stimuli import DrawnCollection
from tests.precompute.scan.brute_force import Everything
from tests.precompute.scan.scanning import scan_request

Table = npt.NDArray[np.float64]


def correlated(units: int, seed: int, groups: int = 4) -> Table:
    """Correlations of units that follow a few causes, in no order."""
    chance = np.random.default_rng(seed)
    causes = chance.normal(size=(200, groups)) @ chance.normal(size=(groups, units))
    return np.asarray(np.corrcoef((causes + chance.normal(size=(200, units))).T))


def order_of(table: Table, alive: list[bool] | None = None) -> list[int]:
    """The units from the first place to the last."""
    is_alive = torch.tensor([True] * len(table) if alive is None else alive, dtype=torch.bool)
    positions = similarity_order(torch.from_numpy(table), is_alive)
    assert sorted(positions) == list(range(len(table)))
    return sorted(range(len(table)), key=positions.__getitem__)


def alike(table: Table, order: list[int]) -> float:
    """How much neighbours are alike, together."""
    return float(sum(table[one, other] for one, other in pairwise(order)))


@pytest.mark.parametrize("seed", range(3))
def test_neighbours_are_more_alike_than_in_other_orders(seed: int) -> None:
    table = correlated(60, seed)
    found = alike(table, order_of(table))
    assert found > alike(table, list(range(60))) + 10
    chance = np.random.default_rng(seed)
    assert all(found > alike(table, chance.permutation(60).tolist()) + 10 for _ in range(200))


@pytest.mark.parametrize("seed", range(5))
def test_few_units_stand_nearly_as_well_as_they_can(seed: int) -> None:
    table = correlated(7, seed, groups=2)
    sums = sorted(alike(table, list(order)) for order in permutations(range(7)))
    found = alike(table, order_of(table))
    assert found >= sums[int(0.98 * len(sums))]


def test_many_units_are_ordered_by_their_tree_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = correlated(60, 0)
    optimal = alike(table, order_of(table))
    monkeypatch.setattr(similar_units, "OPTIMAL_UP_TO", 59)
    found = alike(table, order_of(table))
    assert alike(table, list(range(60))) + 10 < found < optimal


def test_groups_that_are_plain_to_see_stay_together() -> None:
    group = np.array([unit % 3 for unit in range(12)])
    table = np.where(group[:, None] == group[None], 0.9, -0.2)
    np.fill_diagonal(table, 1)
    found = group[order_of(table)].tolist()
    assert sum(one != other for one, other in pairwise(found)) == 2


@given(st.permutations(range(14)), st.integers(0, 20))
def test_renumbered_units_stand_where_they_stood(numbers: list[int], seed: int) -> None:
    table = correlated(14, seed)
    renumbered = table[np.ix_(numbers, numbers)]
    assert [numbers[unit] for unit in order_of(renumbered)] == order_of(table)


def test_dead_units_and_those_that_never_change_come_last_by_index() -> None:
    table = correlated(10, 1)
    table[4, :] = table[:, 4] = 0
    order = order_of(table, alive=[unit not in (1, 8) for unit in range(10)])
    assert order[-3:] == [1, 4, 8]


@pytest.mark.parametrize("units", [0, 1, 2])
def test_hardly_any_units_have_places_too(units: int) -> None:
    assert order_of(np.eye(units)) == list(range(units))


def test_only_a_layer_that_was_scanned_whole_has_places(
    toy: Inception, tmp_path_factory: pytest.TempPathFactory
) -> None:
    drawn = DrawnDataset(DrawnCollection(per_class=1))
    wanted = scan_request(toy)
    some = {"mixed4c": wanted.units["mixed4c"], "mixed5b": wanted.units["mixed5b"][:-1]}
    found, _ = scan(toy, drawn, scan_request(toy, units=some), tmp_path_factory.mktemp("scan"))
    order = found.layers["mixed4c"].positions
    assert order is not None
    assert sorted(order) == list(range(toy.layer("mixed4c").channels))
    assert found.layers["mixed5b"].positions is None


def test_a_scan_puts_units_that_are_excited_by_the_same_images_together(
    found: ScanResult, whole: dict[str, Everything]
) -> None:
    maxima = whole["mixed5b"].maxima
    with np.errstate(invalid="ignore"):
        table = np.asarray(np.nan_to_num(np.corrcoef(maxima.T)))
    positions = found.layers["mixed5b"].positions
    assert positions is not None
    by_index = list(range(len(positions)))
    order = sorted(by_index, key=positions.__getitem__)
    assert alike(table, order) > 2 * alike(table, by_index)

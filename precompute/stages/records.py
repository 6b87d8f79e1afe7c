"""From what a scan found to the store's records: examples, statistics, neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np

from app.db.records import (
    ClassRecord,
    EffectRecord,
    ExampleRecord,
    HistogramRecord,
    IntervalRecord,
    NeighbourRecord,
    RecipeRecord,
    ScanRecord,
    StatisticsRecord,
)
from precompute.images.dataset import Dataset
from precompute.images.decode import BATCH
from precompute.images.view import View
from precompute.network import LOGITS, Inception, map_sizes
from precompute.network.receptive_field import sight
from precompute.scan.attribution import HIGHEST, Sums
from precompute.scan.batch_stats import CELLS, POSITIONS
from precompute.scan.class_selectivity import Weighted, means, strongest
from precompute.scan.entries import KINDS, SIDE
from precompute.scan.histogram import DIGITS, poured, quantiles
from precompute.scan.interface import Asked, Found, LayerFound
from precompute.scan.intervals import ABOVE, BELOW, EACH
from precompute.scan.similar_units import Neighbour
from precompute.store_records import VIEW_ENCODING

BARS = 80
"""Bins of the histogram that is shown."""
SHARES = (0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999)

Box = tuple[int, int, int, int]


def scan_recipe(view: View, asked: Asked) -> RecipeRecord:
    """Every number that a scan depends on."""
    return RecipeRecord.from_body(
        {
            "technique": "examples",
            "view": {"shorter_side": view.shorter_side, "crop": view.crop, "filter": "bicubic",
                     "upright": True},
            "rank": "maximum (minimum) over the map, before the ReLU, measured in float32",
            "top": asked.top,
            "intervals": {"above_zero": ABOVE, "below_zero": BELOW, "images": EACH},
            "seed": asked.seed,
            "first_pass": asked.dtype,
            "cells_summed": "all" if asked.dtype == "float32" else CELLS,
            "histogram": {"positions": POSITIONS, "binary_digits": DIGITS},
            "heat_side": SIDE,
            "batch": BATCH,
            "encoding": asdict(VIEW_ENCODING),
        }
    )  # fmt: skip


@dataclass(frozen=True)
class Evidence:
    """What was found of one layer, ready to be told as records."""

    network: Inception
    dataset: Dataset
    found: Found
    layer: str

    @cached_property
    def here(self) -> LayerFound:
        return self.found.layers[self.layer]

    def examples(self, top: int) -> Iterator[ExampleRecord]:
        """The lists of all units, each by rank from 1."""
        entries = self.here.entries
        for row, kind, places in entries.in_order(top):
            for rank, place in enumerate(places, start=1):
                item = self.dataset.items[int(entries.image[place])]
                y, x = divmod(int(entries.cell[place]), self._width)
                yield ExampleRecord(
                    self.layer, self.here.units[row], KINDS[kind], rank, item.path, item.label,
                    float(entries.value[place]), y, x, self._box(row, y, x), entries.heat[place],
                )  # fmt: skip

    def shown(self, top: int) -> set[int]:
        """The numbers of the images that are some unit's example."""
        entries = self.here.entries
        return {int(entries.image[p]) for *_, places in entries.in_order(top) for p in places}

    def scans(self, top: int) -> list[ScanRecord]:
        """That these units' examples are complete."""
        return [ScanRecord(self.layer, unit, top, self.found.images) for unit in self.here.units]

    def statistics(self) -> Iterator[StatisticsRecord]:
        """Each unit's numbers."""
        account, moments = self.here.account, self.here.account.moments()
        for row, unit in enumerate(self.here.units):
            yield StatisticsRecord(
                self.layer, unit, account.images, account.cells,
                float(moments.mean[row]), float(moments.deviation[row]), float(moments.skew[row]),
                float(account.largest[row]), float(account.smallest[row]),
                float(moments.density[row]), float(account.fired[row] / account.images),
                *self._distribution(row), self._intervals(row),
                _classes(means(account, self.found.labels.names, row)),
                _classes(self.here.shares[row]), strongest(account.images),
                self.here.places[row] if self.here.places else None,
            )  # fmt: skip

    def neighbours(self) -> Iterator[NeighbourRecord]:
        """Each unit's nearest, in its layer and in others."""
        for unit, near in zip(self.here.units, self.here.neighbours, strict=True):
            for within, each in ((True, near.within), (False, near.beyond)):
                for rank, neighbour in enumerate(each, start=1):
                    yield NeighbourRecord(
                        self.layer, unit, *self._address(neighbour), within, rank,
                        neighbour.correlation,
                    )  # fmt: skip

    @cached_property
    def _width(self) -> int:
        """Cells along a side of the layer's map."""
        return map_sizes(self.network.variant, self.network.variant.input_size)[self.layer]

    def _box(self, row: int, y: int, x: int) -> Box:
        """The pixels that a cell sees, right and lower borders excluded."""
        left, right = self._window(self.here.units[row], x)
        upper, lower = self._window(self.here.units[row], y)
        return left, upper, right, lower

    def _window(self, unit: int, cell: int) -> tuple[int, int]:
        branches = self.network.layer(self.layer).branches
        start = next((b.start for b in branches if b.start <= unit < b.stop), 0)
        return self._windows[start][cell]

    @cached_property
    def _windows(self) -> Mapping[int, list[tuple[int, int]]]:
        """By the first unit of a branch, each cell's pixels along a side, clipped to the view."""
        size = self.network.variant.input_size
        if self.layer == LOGITS:
            return {0: [(0, size)]}
        starts = [branch.start for branch in self.network.layer(self.layer).branches] or [0]
        return {
            start: [self._seen(cell, size, start) for cell in range(self._width)]
            for start in starts
        }

    def _seen(self, cell: int, size: int, unit: int) -> tuple[int, int]:
        first, last = sight(self.network.variant, self.layer, cell, size, unit)
        return max(first, 0), min(last + 1, size)

    def _distribution(self, row: int) -> tuple[tuple[tuple[float, float], ...], HistogramRecord]:
        account = self.here.account
        low, high = float(account.smallest[row]), float(account.largest[row])
        if low == high:  # a unit that never changes still needs a bin with a width
            low, high = low - 0.5, high + 0.5
        counts = account.tally[row].numpy().astype(np.float64)
        values = quantiles(counts, low, high, np.array(SHARES))
        bars = tuple(round(count) for count in poured(counts, low, high, BARS).tolist())
        sampled = min(POSITIONS, self._width**2)
        pairs = tuple(zip(SHARES, values.tolist(), strict=True))
        return pairs, HistogramRecord(low, high, bars, sampled)

    def _intervals(self, row: int) -> tuple[IntervalRecord, ...]:
        spread = self.here.ranges[row]
        edges = spread.edges.tolist()
        return tuple(
            IntervalRecord(low, high, count)
            for low, high, count in zip(edges, edges[1:], spread.images.tolist(), strict=False)
        )

    def _address(self, neighbour: Neighbour) -> tuple[str, int]:
        return neighbour.layer, self.found.layers[neighbour.layer].units[neighbour.row]


def _classes(weighted: Weighted) -> tuple[ClassRecord, ...]:
    return tuple(ClassRecord(label, value) for label, value in weighted)


def effects_recipe(view: View, sample: Dataset) -> RecipeRecord:
    """Every number that effects depend on."""
    return RecipeRecord.from_body(
        {
            "technique": "effects",
            "view": asdict(view),
            "measure": "mean gradient of the logit times activation, summed over the map",
            "images": len(sample.items),
            "highest_logits": HIGHEST,
        }
    )


def effect_records(layer: str, units: Sequence[int], sums: Sums) -> Iterator[EffectRecord]:
    """The outputs each unit argues for, rank from 1, and against, rank from -1 down.

    A unit without any effect has one record of rank 0, which says that it was looked at.
    """
    for unit, found in zip(units, sums.of_units(layer), strict=True):
        if not found.pro and not found.con:
            yield EffectRecord(layer, unit, 0, 0, 0.0, 0)
        for sign, side in ((1, found.pro), (-1, found.con)):
            for rank, each in enumerate(side, start=1):
                yield EffectRecord(layer, unit, each.output, sign * rank, each.value, each.images)

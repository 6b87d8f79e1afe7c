"""Turns the result of a scan into database records: examples, statistics, similar units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np

from app.db.records import (
    ClassRecord,
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
from precompute.scan.batch_stats import CELLS, POSITIONS
from precompute.scan.class_selectivity import ClassValues, means, strongest_count
from precompute.scan.context import ScanRequest
from precompute.scan.entries import KINDS, SIDE
from precompute.scan.histogram import DIGITS, poured, quantiles
from precompute.scan.intervals import ABOVE, BELOW, EACH
from precompute.scan.scan import LayerResult, ScanResult
from precompute.scan.similar_units import SimilarUnit
from precompute.store_records import VIEW_ENCODING

BARS = 80
"""Bins of the stored histogram."""
SHARES = (0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999)

Box = tuple[int, int, int, int]


def scan_recipe(view: View, request: ScanRequest) -> RecipeRecord:
    """Every number that a scan depends on."""
    return RecipeRecord.from_body(
        {
            "technique": "examples",
            "view": {"shorter_side": view.shorter_side, "crop": view.crop, "filter": "bicubic",
                     "upright": True},
            "rank": "maximum (minimum) over the map, before the ReLU, measured in float32",
            "top": request.top,
            "intervals": {"above_zero": ABOVE, "below_zero": BELOW, "images": EACH},
            "seed": request.seed,
            "first_pass": request.dtype,
            "cells_summed": "all" if request.dtype == "float32" else CELLS,
            "histogram": {"positions": POSITIONS, "binary_digits": DIGITS},
            "heat_side": SIDE,
            "batch": BATCH,
            "encoding": asdict(VIEW_ENCODING),
        }
    )  # fmt: skip


@dataclass(frozen=True)
class LayerRecords:
    """The records of one layer."""

    network: Inception
    dataset: Dataset
    result: ScanResult
    layer: str

    @cached_property
    def _layer(self) -> LayerResult:
        return self.result.layers[self.layer]

    def examples(self, top: int) -> Iterator[ExampleRecord]:
        """The lists of all units, each by rank from 1."""
        entries = self._layer.entries
        for row, kind, ranked in entries.ranked(top):
            for rank, index in enumerate(ranked, start=1):
                item = self.dataset.items[int(entries.image[index])]
                y, x = divmod(int(entries.cell[index]), self._width)
                yield ExampleRecord(
                    self.layer, self._layer.units[row], KINDS[kind], rank, item.path, item.label,
                    float(entries.value[index]), y, x, self._box(row, y, x), entries.heat[index],
                )  # fmt: skip

    def images(self, top: int) -> set[int]:
        """The numbers of the images in the lists."""
        entries = self._layer.entries
        return {int(entries.image[index]) for *_, ranked in entries.ranked(top) for index in ranked}

    def scans(self, top: int) -> list[ScanRecord]:
        """One for each unit: its examples are complete."""
        return [ScanRecord(self.layer, unit, top, self.result.images) for unit in self._layer.units]

    def statistics(self) -> Iterator[StatisticsRecord]:
        """Each unit's numbers."""
        stats, moments = self._layer.stats, self._layer.stats.moments()
        for row, unit in enumerate(self._layer.units):
            yield StatisticsRecord(
                self.layer, unit, stats.images, stats.cells,
                float(moments.mean[row]), float(moments.deviation[row]), float(moments.skew[row]),
                float(stats.largest[row]), float(stats.smallest[row]),
                float(moments.density[row]), float(stats.fired[row] / stats.images),
                *self._distribution(row), self._intervals(row),
                _classes(means(stats, self.result.labels.names, row)),
                _classes(self._layer.shares[row]), strongest_count(stats.images),
                self._layer.positions[row] if self._layer.positions else None,
            )  # fmt: skip

    def neighbours(self) -> Iterator[NeighbourRecord]:
        """Each unit's similar units, in its layer and in others."""
        for unit, similar in zip(self._layer.units, self._layer.similar, strict=True):
            lists = ((True, similar.same_layer), (False, similar.other_layers))
            for is_same_layer, ranked in lists:
                for rank, each in enumerate(ranked, start=1):
                    yield NeighbourRecord(
                        self.layer, unit, *self._address(each), is_same_layer, rank,
                        each.correlation,
                    )  # fmt: skip

    @cached_property
    def _width(self) -> int:
        """Cells along a side of the layer's map."""
        return map_sizes(self.network.variant, self.network.variant.input_size)[self.layer]

    def _box(self, row: int, y: int, x: int) -> Box:
        """The pixels in a cell's receptive field, right and lower borders excluded."""
        left, right = self._window(self._layer.units[row], x)
        upper, lower = self._window(self._layer.units[row], y)
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
            start: [self._field(cell, size, start) for cell in range(self._width)]
            for start in starts
        }

    def _field(self, cell: int, size: int, unit: int) -> tuple[int, int]:
        first, last = sight(self.network.variant, self.layer, cell, size, unit)
        return max(first, 0), min(last + 1, size)

    def _distribution(self, row: int) -> tuple[tuple[tuple[float, float], ...], HistogramRecord]:
        stats = self._layer.stats
        low, high = float(stats.smallest[row]), float(stats.largest[row])
        if low == high:  # a unit that never changes still needs a bin with a width
            low, high = low - 0.5, high + 0.5
        counts = stats.tally[row].numpy().astype(np.float64)
        values = quantiles(counts, low, high, np.array(SHARES))
        bars = tuple(round(count) for count in poured(counts, low, high, BARS).tolist())
        sampled = min(POSITIONS, self._width**2)
        pairs = tuple(zip(SHARES, values.tolist(), strict=True))
        return pairs, HistogramRecord(low, high, bars, sampled)

    def _intervals(self, row: int) -> tuple[IntervalRecord, ...]:
        unit_range = self._layer.ranges[row]
        edges = unit_range.edges.tolist()
        return tuple(
            IntervalRecord(low, high, count)
            for low, high, count in zip(edges, edges[1:], unit_range.images.tolist(), strict=False)
        )

    def _address(self, unit: SimilarUnit) -> tuple[str, int]:
        return unit.layer, self.result.layers[unit.layer].units[unit.row]


def _classes(values: ClassValues) -> tuple[ClassRecord, ...]:
    return tuple(ClassRecord(label, value) for label, value in values)

"""What a scan of 1,000 images would say of every unit, drawn by lot: `benchmarks.database`.

As many records of each kind as a real scan makes, each of its usual length; their values mean
nothing.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from app.db.records import (
    ClassRecord,
    EffectRecord,
    ExampleRecord,
    HistogramRecord,
    ImageRecord,
    IntervalRecord,
    NeighbourRecord,
    ScanRecord,
    StatisticsRecord,
)
from benchmarks.web_pictures import Gallery
from precompute.network import Layer, Variant, map_sizes
from precompute.network.layers import layers
from precompute.scan.class_selectivity import SHOWN
from precompute.scan.entries import SIDE
from precompute.scan.intervals import ABOVE, BELOW, EACH
from precompute.scan.similar_units import NEAREST
from precompute.store_records import VIEW_ENCODING

IMAGES = 1000
TOP = 24
BINS = 80
SHARES = (0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999)
# Of 1,000 photographs as precompute stores their views: the median bytes of a file, and how far
# they lie apart (the standard deviation of the logarithm).
VIEW, VIEWS_APART = 11155, 0.47
# Heat maps of a layer are drawn once and shared, as many as there may be different ones on a page.
HEATS = 256


def path(image: int) -> str:
    """An image's path in the data set: a folder for each of its classes."""
    return f"class-{image:03d}/image-{image:04d}.png"


def views(gallery: Gallery) -> dict[str, ImageRecord]:
    """The views of all images by path."""
    random = np.random.default_rng(IMAGES)
    sizes = VIEW * np.exp(VIEWS_APART * random.standard_normal(IMAGES))
    return {
        path(image): gallery.picture(224, size, VIEW_ENCODING) for image, size in enumerate(sizes)
    }


@dataclass(frozen=True)
class Scanned:
    """What is said of the units of one layer; `labels` are the classes of the images."""

    variant: Variant
    layer: Layer
    labels: tuple[str, ...]

    @cached_property
    def cells(self) -> int:
        """Along a side of the layer's map."""
        return map_sizes(self.variant, self.variant.input_size)[self.layer.name]

    @cached_property
    def heats(self) -> tuple[bytes | None, ...]:
        """Maps that are active at some places; the classes have no map."""
        side, random = min(self.cells, SIDE), np.random.default_rng(self.cells)
        if side == 1:
            return (None,)
        maps = random.uniform(0, 255, (HEATS, side, side))
        active = random.uniform(size=maps.shape) < 0.4
        return tuple(zlib.compress(each.astype(np.uint8).tobytes()) for each in maps * active)

    def scans(self, units: range) -> Iterator[ScanRecord]:
        for unit in units:
            yield ScanRecord(self.layer.name, unit, TOP, IMAGES)

    def examples(self, units: range) -> Iterator[ExampleRecord]:
        """The most and the least exciting images, and some of all but two intervals of the range,
        since units seldom reach every one."""
        parts = range(BELOW + ABOVE)
        for unit in units:
            yield from self._list(unit, "top", TOP, 300.0)
            yield from self._list(unit, "minimum", TOP, -200.0)
            for part in parts:
                if (unit + part) % (len(parts) // 2):
                    yield from self._list(unit, f"interval-{part}", EACH, 30.0 * (part - BELOW))

    def _list(self, unit: int, kind: str, count: int, height: float) -> Iterator[ExampleRecord]:
        random = self._random(unit, len(kind))
        images = random.choice(IMAGES, count, replace=False).tolist()
        places = random.integers(0, self.cells, (count, 2)).tolist()
        for rank, (image, (y, x)) in enumerate(zip(images, places, strict=True), start=1):
            yield ExampleRecord(
                self.layer.name, unit, kind, rank, path(image), self.labels[image],
                height - rank, y, x, self._box(y, x), self.heats[(unit + image) % len(self.heats)],
            )  # fmt: skip

    def _box(self, y: int, x: int) -> tuple[int, int, int, int] | None:
        """What the cell sees, clipped to the view."""
        stride, field = self.layer.stride, self.layer.receptive_field
        if stride is None or field is None:
            return None
        left, upper = (stride * at + stride // 2 - field // 2 for at in (x, y))
        return max(left, 0), max(upper, 0), min(left + field, 224), min(upper + field, 224)

    def statistics(self, units: range) -> Iterator[StatisticsRecord]:
        for unit in units:
            yield self._statistics(unit)

    def _statistics(self, unit: int) -> StatisticsRecord:
        random = self._random(unit, 0)
        mean, maximum = float(random.normal(-20, 15)), float(random.uniform(80, 400))
        edges = [maximum * part / ABOVE for part in range(ABOVE + 1)]
        below = [IntervalRecord(-40.0, -20.0, 0), IntervalRecord(-20.0, 0.0, 100)]
        above = [IntervalRecord(a, b, 90) for a, b in pairwise(edges)]
        counts = random.poisson(4000 * np.exp(-(np.linspace(-3, 3, BINS) ** 2))).tolist()
        quantiles = np.sort(random.normal(mean, 30, len(SHARES))).tolist()
        means, shares = (self._classes(random, height) for height in (40.0, 0.4))
        density, of_images = sorted(random.uniform(0.02, 1, 2).tolist())
        return StatisticsRecord(
            self.layer.name, unit, IMAGES, IMAGES * self.cells**2, mean, 30.0,
            float(random.normal()), maximum, -maximum / 2, density, of_images,
            tuple(zip(SHARES, quantiles, strict=True)),
            HistogramRecord(-maximum / 2, maximum, tuple(counts), 16), (*below, *above),
            means, shares, IMAGES // 100, (unit * 617) % self.layer.channels,
        )  # fmt: skip

    def _classes(self, random: np.random.Generator, height: float) -> tuple[ClassRecord, ...]:
        chosen = random.choice(len(self.labels), SHOWN, replace=False).tolist()
        return tuple(
            ClassRecord(self.labels[number], height / rank)
            for rank, number in enumerate(chosen, start=1)
        )

    def neighbours(self, units: range) -> Iterator[NeighbourRecord]:
        """Similar units of the layer, and of the others."""
        others = [each for each in layers(self.variant) if each != self.layer]
        name = self.layer.name
        for unit in units:
            random = self._random(unit, 1)
            for rank in range(1, NEAREST + 1):
                near = (unit + rank * 7) % self.layer.channels
                yield NeighbourRecord(name, unit, name, near, True, rank, 0.9 / rank)
                other = others[int(random.integers(len(others)))]
                far = int(random.integers(other.channels))
                yield NeighbourRecord(name, unit, other.name, far, False, rank, 0.8 / rank)

    def effects(self, units: range) -> Iterator[EffectRecord]:
        """Classes that a unit argues for, and against."""
        for unit in units:
            outputs = self._random(unit, 2).choice(1000, 2 * NEAREST, replace=False).tolist()
            for rank in range(1, NEAREST + 1):
                value = 3.0 / rank
                yield EffectRecord(self.layer.name, unit, outputs[rank - 1], rank, value, 20)
                yield EffectRecord(self.layer.name, unit, outputs[-rank], -rank, -value, 20)

    def _random(self, unit: int, purpose: int) -> np.random.Generator:
        return np.random.default_rng((unit, purpose, len(self.layer.name), self.cells))

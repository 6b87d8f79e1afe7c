"""Random images and records of realistic sizes, for `benchmarks.database` and `benchmarks.writer`.

There are as many records of each kind as a scan of 1,000 images makes, each of the usual length.
Their values mean nothing. Images are noise with the spectrum of natural images, encoded as
precompute encodes, and chosen by the size of their file.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np
from PIL import Image

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
from precompute.network import Layer, Variant, map_sizes
from precompute.network.layers import layers
from precompute.render.picture import Encoding, encode, media_type
from precompute.scan.class_selectivity import SHOWN
from precompute.scan.entries import SIDE
from precompute.scan.intervals import ABOVE, BELOW, EACH
from precompute.scan.similar_units import NEAREST
from precompute.store_records import VIEW_ENCODING

SEED = 1409
# Distinct images per size: fewer for the small sizes, which few units have.
LARGE_POOL, SMALL_POOL = 160, 40
# The contrasts between which every wanted file size lies.
CONTRASTS = (1.5, 110.0)
CANDIDATES = 4
RENDERED = Encoding()

IMAGES = 1000
TOP = 24
BINS = 80
SHARES = (0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999)
# Measured on 1,000 photographs: the median bytes of a view, and the standard deviation of the
# logarithm.
VIEW_BYTES, VIEW_DEVIATION = 11155, 0.47
# Distinct heat maps per layer.
HEAT_MAPS = 256


@dataclass(frozen=True)
class SizedFiles:
    """Encoded images of one side length, the smallest file first."""

    media_type: str
    files: Sequence[bytes]

    def nearest(self, size: float, pick: int) -> bytes:
        """One of the files of about `size` bytes; `pick` chooses among the nearest."""
        place = int(np.searchsorted([len(file) for file in self.files], size))
        first = min(max(place - CANDIDATES // 2, 0), len(self.files) - CANDIDATES)
        return self.files[first + pick % CANDIDATES]


@dataclass
class ImagePool:
    """Images by side length and encoding, made on first use."""

    pools: dict[tuple[int, Encoding], SizedFiles] = field(default_factory=dict)
    count: int = 0

    def image(self, side: int, size: float, encoding: Encoding = RENDERED) -> ImageRecord:
        """An image of about `size` bytes whose bytes differ from those of all others."""
        key = (side, encoding)
        if key not in self.pools:
            self.pools[key] = sized_files(side, encoding)
        self.count += 1
        pool = self.pools[key]
        data = make_unique(pool.nearest(size, self.count), self.count)
        return ImageRecord.of(data, pool.media_type, side, side)


def sized_files(side: int, encoding: Encoding) -> SizedFiles:
    """Images of one side length, from low to high contrast."""
    count = LARGE_POOL if side >= 128 else SMALL_POOL
    contrasts = np.geomspace(*CONTRASTS, count)

    def make(number: int) -> bytes:
        return encode(noise(side, contrasts[number], number), encoding)

    with ThreadPoolExecutor() as threads:
        files = sorted(threads.map(make, range(count)), key=len)
    return SizedFiles(media_type((side, side), encoding), files)


def noise(side: int, contrast: float, number: int) -> Image.Image:
    """Color noise with amplitudes that fall with the frequency; `contrast` is of 256 values."""
    random = np.random.default_rng((SEED, side, number))
    frequencies = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side))
    amplitudes = 1 / np.maximum(frequencies, 1 / side)
    spectrum = np.fft.rfft2(random.standard_normal((3, side, side)), axes=(1, 2)) * amplitudes
    bands = np.fft.irfft2(spectrum, (side, side), axes=(1, 2))
    correlated = bands.mean(axis=0) + 0.5 * bands
    pixels = 128 + contrast * correlated / correlated.std()
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8).transpose(1, 2, 0).copy())


def make_unique(file: bytes, number: int) -> bytes:
    """The same image in other bytes: with a number in a chunk that decoders skip."""
    mark = number.to_bytes(8, "big")
    if file[4:8] == b"ftyp":  # AVIF
        return file + struct.pack(">I4s", 16, b"free") + mark
    chunk = b"free" + struct.pack("<I", 8) + mark  # WebP
    return file[:4] + struct.pack("<I", len(file) - 8 + 16) + file[8:] + chunk


def image_path(image: int) -> str:
    """An image's path in the data set: a folder for each class."""
    return f"class-{image:03d}/image-{image:04d}.png"


def dataset_views(pool: ImagePool) -> dict[str, ImageRecord]:
    """The views of all images of the data set by path."""
    random = np.random.default_rng(IMAGES)
    sizes = VIEW_BYTES * np.exp(VIEW_DEVIATION * random.standard_normal(IMAGES))
    return {
        image_path(image): pool.image(224, size, VIEW_ENCODING) for image, size in enumerate(sizes)
    }


@dataclass(frozen=True)
class LayerScan:
    """The records that a scan stores for the units of one layer."""

    variant: Variant
    layer: Layer
    labels: tuple[str, ...]
    """The classes of the images."""

    @cached_property
    def map_size(self) -> int:
        return map_sizes(self.variant, self.variant.input_size)[self.layer.name]

    @cached_property
    def heat_maps(self) -> tuple[bytes | None, ...]:
        """Maps in which 40 % of the cells are active; classes have none."""
        side, random = min(self.map_size, SIDE), np.random.default_rng(self.map_size)
        if side == 1:
            return (None,)
        maps = random.uniform(0, 255, (HEAT_MAPS, side, side))
        active = random.uniform(size=maps.shape) < 0.4
        return tuple(zlib.compress(each.astype(np.uint8).tobytes()) for each in maps * active)

    def scans(self, units: range) -> Iterator[ScanRecord]:
        for unit in units:
            yield ScanRecord(self.layer.name, unit, TOP, IMAGES)

    def examples(self, units: range) -> Iterator[ExampleRecord]:
        """The top and minimum examples, and those of all intervals but two."""
        intervals = range(BELOW + ABOVE)
        for unit in units:
            yield from self._examples(unit, "top", TOP, 300.0)
            yield from self._examples(unit, "minimum", TOP, -200.0)
            for number in intervals:
                if (unit + number) % (len(intervals) // 2):
                    value = 30.0 * (number - BELOW)
                    yield from self._examples(unit, f"interval-{number}", EACH, value)

    def _examples(self, unit: int, kind: str, count: int, value: float) -> Iterator[ExampleRecord]:
        random = self._random(unit, len(kind))
        images = random.choice(IMAGES, count, replace=False).tolist()
        cells = random.integers(0, self.map_size, (count, 2)).tolist()
        for rank, (image, (y, x)) in enumerate(zip(images, cells, strict=True), start=1):
            heat = self.heat_maps[(unit + image) % len(self.heat_maps)]
            yield ExampleRecord(
                self.layer.name, unit, kind, rank, image_path(image), self.labels[image],
                value - rank, y, x, self._box(y, x), heat,
            )  # fmt: skip

    def _box(self, y: int, x: int) -> tuple[int, int, int, int] | None:
        """The receptive field of a cell, clipped to the view."""
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
        means, shares = (self._classes(random, value) for value in (40.0, 0.4))
        density, image_density = sorted(random.uniform(0.02, 1, 2).tolist())
        return StatisticsRecord(
            self.layer.name, unit, IMAGES, IMAGES * self.map_size**2, mean, 30.0,
            float(random.normal()), maximum, -maximum / 2, density, image_density,
            tuple(zip(SHARES, quantiles, strict=True)),
            HistogramRecord(-maximum / 2, maximum, tuple(counts), 16), (*below, *above),
            means, shares, IMAGES // 100, (unit * 617) % self.layer.channels,
        )  # fmt: skip

    def _classes(self, random: np.random.Generator, value: float) -> tuple[ClassRecord, ...]:
        chosen = random.choice(len(self.labels), SHOWN, replace=False).tolist()
        return tuple(
            ClassRecord(self.labels[number], value / rank)
            for rank, number in enumerate(chosen, start=1)
        )

    def neighbours(self, units: range) -> Iterator[NeighbourRecord]:
        """Similar units of the same layer and of others."""
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
        """Classes that a unit supports and opposes."""
        for unit in units:
            outputs = self._random(unit, 2).choice(1000, 2 * NEAREST, replace=False).tolist()
            for rank in range(1, NEAREST + 1):
                value = 3.0 / rank
                yield EffectRecord(self.layer.name, unit, outputs[rank - 1], rank, value, 20)
                yield EffectRecord(self.layer.name, unit, outputs[-rank], -rank, -value, 20)

    def _random(self, unit: int, purpose: int) -> np.random.Generator:
        return np.random.default_rng((unit, purpose, len(self.layer.name), self.map_size))

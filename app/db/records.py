"""What a writer hands to the store: frozen records, addressed by public names.

They carry no database ids and no SQLAlchemy types, so precompute can make them anywhere, in any
process. Bodies of recipes are canonical JSON, so that equal recipes have equal hashes.
"""

from __future__ import annotations

import builtins
import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any


@dataclass(frozen=True, slots=True)
class BranchRecord:
    """A branch of an inception module: the units `start` to `stop`, excluding `stop`."""

    name: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class LayerRecord:
    """A layer and, by `channels`, its units; `unit_titles` are class names, for `logits`."""

    name: str
    channels: int
    map_size: int
    stride: int | None = None
    receptive_field: int | None = None
    branches: tuple[BranchRecord, ...] = ()
    unit_titles: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """A network with its weights, and its layers in the order of the forward pass."""

    slug: str
    title: str
    variant: str
    weights_sha256: str
    weights_file: str
    licence: str
    input_size: int
    layers: tuple[LayerRecord, ...]


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """An encoded picture with the hash of its bytes."""

    sha256: str
    media_type: str
    width: int
    height: int
    bytes: bytes

    @classmethod
    def of(cls, data: builtins.bytes, media_type: str, width: int, height: int) -> ImageRecord:
        """The record of these encoded bytes; the hash is taken here and nowhere else."""
        return cls(sha256(data).hexdigest(), media_type, width, height, data)


@dataclass(frozen=True, slots=True)
class RecipeRecord:
    """Every number that a rendering or a scan depends on."""

    sha256: str
    body: Mapping[str, Any]

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> RecipeRecord:
        """Hash `body` as canonical JSON (sorted keys, compact); NaN is not JSON and is refused."""
        text = json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False)
        # Decoded again, so that what is hashed is what will be read: tuples become lists.
        return cls(sha256(text.encode()).hexdigest(), json.loads(text))


@dataclass(frozen=True, slots=True)
class VisualizationRecord:
    """A rendered picture of a unit, or of a whole layer where `unit` is None.

    `activation` is the objective's value; `maximum` and `minimum` are the largest and the smallest
    cell of the unit's map before the ReLU (of a layer, its largest value; no minimum); all are
    measured on the stored picture.
    `member` (from 0) tells pictures of one technique and seed apart: they belong together, and
    are stored together. `note` is a sentence where the picture is not what one would expect.
    """

    layer: str
    unit: int | None
    technique: str
    seed: int
    image: ImageRecord
    recipe: RecipeRecord
    activation: float
    maximum: float
    seconds: float
    member: int = 0
    minimum: float | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class DatasetRecord:
    """A set of images to scan; another `fingerprint` is another data set.

    The pictures of a `private` one never enter the database: only positions, statistics, labels.
    """

    slug: str
    title: str
    licence: str
    fingerprint: str
    images: int
    private: bool = False


@dataclass(frozen=True, slots=True)
class ExampleRecord:
    """An image that excites a unit, with the place (cells of the map) and the height of it.

    `kind` is `top`, `minimum`, or `interval-0` to `interval-11`: the first two intervals lie below
    zero, the others are ten equal parts from zero to the largest. `box` is what the cell sees, in
    pixels of the view: left, upper, right, lower, clipped, the last two excluded. `heat` is the
    unit's map after the ReLU, side × side bytes by row, compressed with zlib, 255 at the map's own
    maximum; of a `minimum` example it is the map's negative part, 255 at its minimum.
    """

    layer: str
    unit: int
    kind: str
    rank: int
    path: str
    label: str | None
    activation: float
    y: int
    x: int
    box: tuple[int, int, int, int] | None = None
    heat: builtins.bytes | None = None


@dataclass(frozen=True, slots=True)
class ScanRecord:
    """That a unit's examples are complete: `top` were asked for, out of `images` read."""

    layer: str
    unit: int
    top: int
    images: int


@dataclass(frozen=True, slots=True)
class HistogramRecord:
    """How often a unit takes which value, before the ReLU, in bins of equal width.

    `positions` of each map were sampled, with a seed; all of them where the map has no more.
    """

    low: float
    high: float
    counts: tuple[int, ...]
    positions: int


@dataclass(frozen=True, slots=True)
class IntervalRecord:
    """How many images have their maximum in `low` < m <= `high`; the lowest includes its `low`."""

    low: float
    high: float
    images: int


@dataclass(frozen=True, slots=True)
class ClassRecord:
    """A class of the data set with what was measured of it."""

    label: str
    value: float


@dataclass(frozen=True, slots=True)
class StatisticsRecord:
    """What a unit does over all `positions` (cells of its map) of all `images` of a data set.

    `mean` to `minimum` are before the ReLU; `density` and `image_density` are the shares of
    positions and of images above 0. `quantiles` are (share, value), from the histogram's sample.
    `class_means` are the classes with the highest mean after the ReLU, `class_shares` the share of
    each class among the top 1 %, which are `top_images`: each at most ten, the largest first.
    """

    layer: str
    unit: int
    images: int
    positions: int
    mean: float
    deviation: float
    skew: float
    maximum: float
    minimum: float
    density: float
    image_density: float
    quantiles: tuple[tuple[float, float], ...]
    histogram: HistogramRecord
    intervals: tuple[IntervalRecord, ...]
    class_means: tuple[ClassRecord, ...]
    class_shares: tuple[ClassRecord, ...]
    top_images: int
    place: int | None = None
    """From 0: its place among its layer's units in an order that keeps similar ones together."""


@dataclass(frozen=True, slots=True)
class NeighbourRecord:
    """Another unit whose maxima over the images go along with this one's.

    `within` says that it is of the same layer; `rank` counts from 1 in each of the two lists.
    """

    layer: str
    unit: int
    other_layer: str
    other_unit: int
    within: bool
    rank: int
    correlation: float


@dataclass(frozen=True, slots=True)
class EffectRecord:
    """A unit's mean gradient times activation on an `output`, a unit of `logits`.

    `rank` is from 1 for what it argues for, the largest first, and from −1 downwards for what it
    argues against, the most negative first. `images` are those whose gradients were averaged.
    """

    layer: str
    unit: int
    output: int
    rank: int
    value: float
    images: int

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
    """A set of images to scan; another `fingerprint` is another data set."""

    slug: str
    title: str
    licence: str
    fingerprint: str
    images: int


@dataclass(frozen=True, slots=True)
class ExampleRecord:
    """An image that excites a unit, with the place (cells of the map) and the height of it."""

    layer: str
    unit: int
    kind: str
    rank: int
    path: str
    label: str | None
    activation: float
    y: int
    x: int


@dataclass(frozen=True, slots=True)
class ScanRecord:
    """That a unit's examples are complete: `top` were asked for, out of `images` read."""

    layer: str
    unit: int
    top: int
    images: int

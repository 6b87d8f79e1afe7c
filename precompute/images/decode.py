"""Reading images in batches of one shape: decoded, viewed as the network sees them, padded.

A batch holds all that is needed to read it, so that it can be sent to another machine: names of
files where that machine sees the same folder, else their content.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from PIL import Image
from torch import Tensor

from precompute.images.dataset import Dataset
from precompute.images.source import FileSource, ImageSource
from precompute.images.view import BadImageError, View
from precompute.render.picture import from_uint8

# Every batch has this many pictures, short ones padded: rounding depends on a batch's shape. In
# bfloat16 GoogLeNet takes 11.8 ms a picture in batches of 16, 15.1 in batches of 32, whose maps
# fit no cache.
BATCH = 16


@dataclass(frozen=True)
class ImageBatch:
    """Images that are read together."""

    numbers: tuple[int, ...]
    """Their places in the data set, ascending."""
    names: tuple[str, ...]
    sources: tuple[ImageSource, ...]
    proof: tuple[str, ...] = ()
    """Each file's size, and of the first its digest, as whoever sent the batch found them."""

    def addressed(self) -> ImageBatch:
        """With the proof by which another machine knows that its files are the same."""
        return replace(self, proof=_proof(self.sources))

    def is_here(self) -> bool:
        """Whether this machine sees the files that are meant."""
        return _proof(self.sources) == self.proof

    def carried(self) -> ImageBatch:
        """With the files' content."""
        carried = (s.carried() if isinstance(s, FileSource) else s for s in self.sources)
        return replace(self, sources=tuple(carried), proof=())

    def parts(self) -> list[ImageBatch]:
        """Image by image."""
        each = zip(self.numbers, self.names, self.sources, strict=True)
        return [ImageBatch((number,), (name,), (source,)) for number, name, source in each]


@dataclass(frozen=True)
class DecodedBatch:
    """What could be read of a batch."""

    numbers: tuple[int, ...]
    """Of the readable images."""
    pictures: Tensor
    """`[BATCH, 3, side, side]`, RGB in 0..1; behind the readable ones the first again."""
    skipped: tuple[str, ...]
    """The others, as `path: reason`."""


def batches(dataset: Dataset, numbers: Sequence[int]) -> Iterator[ImageBatch]:
    """Images of a data set in batches: of which sizes does not depend on what can be read."""
    for cut in range(0, len(numbers), BATCH):
        own = tuple(numbers[cut : cut + BATCH])
        names = tuple(dataset.items[number].path for number in own)
        yield ImageBatch(own, names, tuple(dataset.source(number) for number in own))


def read(batch: ImageBatch, view: View) -> DecodedBatch:
    """Decodes a batch. Bad images are named, and stop nothing."""
    images: dict[int, Image.Image] = {}
    skipped = []
    for number, name, source in zip(batch.numbers, batch.names, batch.sources, strict=True):
        try:
            images[number] = view.of(source.open())
        except BadImageError as reason:
            skipped.append(f"{name}: {reason}")
    seen = list(images.values()) or [Image.new("RGB", (view.crop, view.crop))]
    padded = seen + seen[:1] * (BATCH - len(seen))
    return DecodedBatch(tuple(images), from_uint8(padded), tuple(skipped))


def _proof(sources: Sequence[ImageSource]) -> tuple[str, ...]:
    """Sizes tell files apart that are not the same; one digest a batch tells copies that differ."""
    files = [source.path for source in sources if isinstance(source, FileSource)]
    return (*map(_size, files), *map(_digest, files[:1]))


def _size(path: Path) -> str:
    try:
        return str(path.stat().st_size)
    except OSError:
        return "none"


def _digest(path: Path) -> str:
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return "none"

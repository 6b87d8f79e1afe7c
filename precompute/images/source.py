"""Where an image comes from, as a small value that can be opened wherever it was sent."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PIL import Image

from precompute.images.view import BadImageError, open_image
from precompute.stimuli.drawing import draw


class ImageSource(Protocol):
    """An image that can be opened."""

    def open(self) -> Image.Image:
        """Decoded, upright, RGB. Raises `BadImageError`."""
        ...


@dataclass(frozen=True)
class FileSource:
    """A file of this machine, or of one that sees the same folder."""

    path: Path

    def open(self) -> Image.Image:
        return open_image(self.path)

    def carried(self) -> ImageSource:
        """The file's content; or why there is none."""
        try:
            return BytesSource(self.path.read_bytes())
        except OSError as error:
            return UnreadableSource(error.strerror or str(error))


@dataclass(frozen=True)
class BytesSource:
    """A file's content."""

    data: bytes

    def open(self) -> Image.Image:
        return open_image(io.BytesIO(self.data))


@dataclass(frozen=True)
class UnreadableSource:
    """A file that could not be read where it should be."""

    reason: str

    def open(self) -> Image.Image:
        raise BadImageError(self.reason)


@dataclass(frozen=True)
class DrawnSource:
    """An image that is drawn when it is asked for."""

    slug: str
    seed: int
    size: int

    def open(self) -> Image.Image:
        return Image.fromarray(draw(self.slug, self.seed, self.size))

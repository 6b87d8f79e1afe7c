"""Pictures: between tensors in 0..1, 8-bit images, and the bytes that are stored."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor


@dataclass(frozen=True)
class Encoding:
    """How a picture is stored: as WebP or AVIF.

    AVIF at 75 with colour at full resolution is a fifth smaller than WebP at 90 and keeps more of
    the activation (docs/performance.md).
    """

    media_type: str = "image/avif"
    quality: int = 75
    """0 to 100."""
    effort: int = 2
    """WebP's `method`, 0 to 6; ten minus AVIF's `speed`."""
    lossless_side: int = 96
    """Pictures of at most this many pixels along a side are stored without loss, as WebP: lossy
    WebP halves the resolution of colour, which is much of what a picture of 7 px shows."""


def to_uint8(pictures: Tensor) -> Iterator[Image.Image]:
    """`[n, 3, h, w]`, RGB in 0..1 → Pillow images, rounded to the nearest of 256 values."""
    pixels = (pictures.detach().float().clamp(0, 1) * 255).round().to(torch.uint8)
    for array in pixels.permute(0, 2, 3, 1).cpu().numpy():
        yield Image.fromarray(np.ascontiguousarray(array))


def from_uint8(images: Sequence[Image.Image]) -> Tensor:
    """Pillow RGB images of one size → `[n, 3, h, w]`, float32 in 0..1, channels last."""
    array = np.stack([np.asarray(image, dtype=np.uint8) for image in images])
    return torch.from_numpy(array).permute(0, 3, 1, 2).float().div(255)


def encode(image: Image.Image, encoding: Encoding) -> bytes:
    """A picture's bytes as they are stored."""
    buffer = io.BytesIO()
    if max(image.size) <= encoding.lossless_side:
        image.save(buffer, "webp", lossless=True, quality=100, method=encoding.effort)
    elif encoding.media_type == "image/avif":
        speed = 10 - encoding.effort
        image.save(
            buffer, "avif", quality=encoding.quality, speed=speed, subsampling="4:4:4",
            max_threads=1,
        )  # fmt: skip
    else:
        image.save(buffer, "webp", quality=encoding.quality, method=encoding.effort)
    return buffer.getvalue()


def media_type(size: tuple[int, int], encoding: Encoding) -> str:
    """What `encode` makes of a picture of this width and height."""
    return "image/webp" if max(size) <= encoding.lossless_side else encoding.media_type

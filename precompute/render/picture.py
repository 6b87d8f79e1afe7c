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
    """How a picture is stored."""

    media_type: str = "image/webp"
    quality: int = 90
    method: int = 4
    """WebP's effort, 0 to 6."""


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
    kind = encoding.media_type.removeprefix("image/")
    image.save(buffer, kind, quality=encoding.quality, method=encoding.method)
    return buffer.getvalue()

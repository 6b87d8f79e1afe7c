"""Between tensors in 0..1 and 8-bit pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor


def to_uint8(pictures: Tensor) -> Iterator[Image.Image]:
    """`[n, 3, h, w]`, RGB in 0..1 → Pillow images, rounded to the nearest of 256 values."""
    pixels = (pictures.detach().float().clamp(0, 1) * 255).round().to(torch.uint8)
    for array in pixels.permute(0, 2, 3, 1).cpu().numpy():
        yield Image.fromarray(np.ascontiguousarray(array))


def from_uint8(images: Sequence[Image.Image]) -> Tensor:
    """Pillow RGB images of one size → `[n, 3, h, w]`, float32 in 0..1, channels last."""
    array = np.stack([np.asarray(image, dtype=np.uint8) for image in images])
    return torch.from_numpy(array).permute(0, 3, 1, 2).float().div(255)

"""How an image is seen: turned upright, RGB, scaled and cropped as the network was evaluated.

The same view is scanned, stored and shown. Whatever a file holds, it either becomes a view or
raises `BadImageError` with the reason; nothing that it holds can stop a scan.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from precompute.network import Variant

# Only formats that are decoded in this process: EPS, for one, would start another program.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF")
# Pillow's own limit, above which it warns of a decompression bomb. It holds here both for the
# file and for the scaled picture, which a very long and narrow file makes huge.
LARGEST_PIXELS = 89_478_485


class BadImageError(Exception):
    """A file that cannot become a view; the message is the reason, for the list of skipped."""


@dataclass(frozen=True)
class View:
    """Shorter side to `shorter_side` px, bicubic; then the middle `crop` px."""

    shorter_side: int = 256
    crop: int = 224

    def of(self, image: Image.Image) -> Image.Image:
        """`crop` × `crop` px, RGB.

        Raises:
            BadImageError: the scaled image would be huge.
        """
        scale = self.shorter_side / min(image.size)
        width, height = (round(side * scale) for side in image.size)
        if width * height > LARGEST_PIXELS:
            raise BadImageError(f"{image.size[0]}×{image.size[1]} px is too long and narrow")
        scaled = image.resize((width, height), Image.Resampling.BICUBIC)
        left, top = round((width - self.crop) / 2), round((height - self.crop) / 2)
        return scaled.crop((left, top, left + self.crop, top + self.crop))


def view_for(variant: Variant) -> View:
    """The view that a variant of the network was evaluated on."""
    return View(variant.shorter_side, variant.input_size)


@contextmanager
def quiet() -> Iterator[None]:
    """Keeps Pillow's warnings off the terminal: what it merely warns of is decided here.

    To be entered once around a pass over images, as threads share the filter.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def open_image(source: Path | io.BytesIO) -> Image.Image:
    """A file's (first) picture, decoded, upright, RGB.

    Raises:
        BadImageError: it cannot be read, is damaged, or is unreasonably large.
    """
    try:
        return _decode(source)
    except UnidentifiedImageError:
        raise BadImageError("not an image that can be read") from None
    except Image.DecompressionBombError:
        raise BadImageError("too large: it may be a decompression bomb") from None
    except BadImageError:
        raise
    # Decoders fail on damaged files in many ways, and a scan must outlive all of them.
    except Exception as error:
        raise BadImageError(_reason(error)) from error


def _decode(source: Path | io.BytesIO) -> Image.Image:
    with Image.open(source, formats=FORMATS) as image:
        if image.width * image.height > LARGEST_PIXELS:
            raise BadImageError(f"{image.width}×{image.height} px is too large")
        image.load()
        upright = ImageOps.exif_transpose(image)
        return to_rgb(upright)


def to_rgb(image: Image.Image) -> Image.Image:
    """Any of Pillow's modes to 8-bit RGB; 16 bits keep their upper half, alpha is dropped."""
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_eight_bits(np.asarray(image))).convert("RGB")
    if image.mode == "P" and "transparency" in image.info:
        return image.convert("RGBA").convert("RGB")
    return image.convert("RGB")


def _eight_bits(values: np.ndarray) -> np.ndarray:
    """16-bit values to 8; a floating-point picture is taken to lie in 0..1 unless it exceeds it."""
    if values.dtype.kind == "f":
        finite = np.nan_to_num(values.astype(np.float64))
        return np.clip(finite * (255 if finite.max() <= 1 else 1), 0, 255).astype(np.uint8)
    wide = values.astype(np.int64)
    return np.clip(wide >> 8 if wide.max() > 255 else wide, 0, 255).astype(np.uint8)


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return text.splitlines()[0]

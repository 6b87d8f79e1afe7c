"""A photograph to start a deepdream from, as the network sees photographs."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from PIL import Image
from torch import Tensor

from app.errors import InputError
from precompute.images.view import BadImageError, View, open_image, quiet
from precompute.render.picture import from_uint8
from precompute.render.recipe import Photograph


def read_photograph(path: Path, view: View, size: int | None) -> tuple[Photograph, Tensor]:
    """What it is called, and its pixels: `[1, 3, side, side]`, RGB in 0..1.

    Args:
        path: an image file that Pillow can read.
        view: how photographs are shown to the network: shorter side, centre crop.
        size: the canvas to scale that view to; default the view's own size.

    Raises:
        InputError: there is no such file, or it is no image.
    """
    try:
        with quiet():
            data = path.read_bytes()
            seen = view.of(open_image(path))
    except (OSError, BadImageError) as error:
        raise InputError(f"--photograph {path}: it cannot be read as an image ({error}).") from None
    side = size or seen.width
    pixels = from_uint8([seen.resize((side, side), Image.Resampling.BICUBIC)])
    return Photograph(path.name, sha256(data).hexdigest()), pixels

"""Heat maps: a unit's map in 8 bits as a picture to lie over the image.

It is transparent where the unit is silent; pages stretch it over the view, cell by cell.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from io import BytesIO
from math import isqrt

from PIL import Image

# Smaller maps are enlarged smoothly to this many pixels before they are coloured: colours between
# two cells then lie on the ramp. Browsers do the rest.
SIDE = 64

Colour = tuple[int, int, int, int]

# Red, green, blue, opacity from silence to the maximum; lighter where it is higher, so that the
# order survives any colour vision. Cold is for what suppresses.
WARM: Sequence[Colour] = (
    (60, 0, 90, 0),
    (130, 20, 110, 120),
    (215, 55, 60, 175),
    (250, 140, 30, 200),
    (255, 240, 140, 220),
)
COLD: Sequence[Colour] = (
    (10, 0, 90, 0),
    (30, 40, 140, 120),
    (20, 100, 190, 175),
    (60, 175, 225, 200),
    (190, 245, 255, 220),
)


def cells(compressed: bytes) -> bytes | None:
    """The map's cells by row, 0..255; None where the bytes are no square map."""
    try:
        values = zlib.decompress(compressed)
    except zlib.error:
        return None
    return values if values and isqrt(len(values)) ** 2 == len(values) else None


def draw(values: bytes, ramp: Sequence[Colour]) -> bytes:
    """A square map as a PNG with transparency."""
    side = isqrt(len(values))
    size = max(side, SIDE)
    grey = Image.frombytes("L", (side, side), values).resize((size, size), Image.Resampling.BICUBIC)
    bands = [grey.point(_table([colour[band] for colour in ramp])) for band in range(4)]
    data = BytesIO()
    Image.merge("RGBA", bands).save(data, "PNG")
    return data.getvalue()


def _table(stops: Sequence[int]) -> list[int]:
    """The value of each of 256 steps, straight between stops at even distances."""
    last = len(stops) - 1
    found = []
    for step in range(256):
        place, rest = divmod(step * last, 255)
        after = stops[min(place + 1, last)]
        found.append(round(stops[place] + (after - stops[place]) * rest / 255))
    return found

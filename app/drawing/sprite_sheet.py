"""Sheets of thumbnails: 64 units of a layer in one picture, eight in a row, so that a page of a
thousand units asks for sixteen pictures.

Pure Pillow, from the bytes of pictures to those of a sheet; the store keeps them. Nothing here
knows of pages, of SQL, or decides which picture stands for a unit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO
from typing import NamedTuple

from PIL import Image, ImageOps

from app.drawing.crops import Box, crop

ACROSS = 8
UNITS = ACROSS**2

# A tile is about 106 CSS pixels wide. So made, a sheet of a middle layer takes 75 KB; a first view
# loads three, and of 512 units sorted by a statistic all eight, which with the page is 600 KB.
# At 128 px, or at a quality of 45, it is 800. Slower encoding saves a twentieth at ten times the
# time; WebP takes twice as much (docs/evidence.md).
SIDE = 112
MEDIA_TYPE, SHEET_SIDE = "image/avif", ACROSS * SIDE
QUALITY, SPEED, SUBSAMPLING = 40, 9, "4:2:0"

# A place without a thumbnail is of a middle grey, which costs nothing and is never shown.
GREY = (128, 128, 128)

# Part of every fingerprint: sheets that were made otherwise are made again.
MANNER = ["sheet", 1, SIDE, QUALITY, SPEED, SUBSAMPLING]


class ThumbnailSource(NamedTuple):
    """Which picture stands for a unit in a list."""

    sha256: str
    is_hidden: bool
    box: Box | None = None
    """What the unit sees of it, where it is a dataset example."""


def number_of(unit: int) -> int:
    """The number of the sheet that a unit stands on."""
    return unit // UNITS


def place_of(unit: int) -> int:
    """A unit's place on its sheet, from 0, row by row."""
    return unit % UNITS


def fingerprint(sources: Mapping[int, ThumbnailSource]) -> str:
    """What a sheet is made of, by place, and how, as one hash; what is hidden is part of it."""
    made_of = [(place, *source) for place, source in sorted(sources.items())]
    return sha256(json.dumps([MANNER, made_of]).encode()).hexdigest()


def shown(sources: Mapping[int, ThumbnailSource]) -> dict[int, ThumbnailSource]:
    """Those that may have a thumbnail: nothing is shown of a hidden picture."""
    return {place: source for place, source in sources.items() if not source.is_hidden}


def present(sources: Mapping[int, ThumbnailSource]) -> str:
    """A character for each place, `1` where there is a thumbnail."""
    visible = shown(sources)
    return "".join("1" if place in visible else "0" for place in range(UNITS))


def draw(sources: Mapping[int, ThumbnailSource], pictures: Mapping[str, bytes]) -> bytes:
    """The sheet of these units; `pictures` are the bytes of those that are shown, by hash."""
    sheet = Image.new("RGB", (SHEET_SIDE, SHEET_SIDE), GREY)
    for place, source in shown(sources).items():
        row, column = divmod(place, ACROSS)
        drawn = thumbnail(pictures[source.sha256], source.box)
        sheet.paste(drawn, (column * SIDE, row * SIDE))
    return _encoded(sheet)


def thumbnail(data: bytes, box: Box | None = None) -> Image.Image:
    """A square of `SIDE`: a unit's picture, or of an example what a unit's page cuts out."""
    with Image.open(BytesIO(data)) as opened:
        picture = opened.convert("RGB")
    if box is not None:
        picture = picture.crop(_cut(picture, box))
    elif min(picture.size) < SIDE:
        picture = _enlarged(picture)
    return ImageOps.fit(picture, (SIDE, SIDE), Image.Resampling.LANCZOS)


def _cut(picture: Image.Image, box: Box) -> Box:
    part = crop(picture, box)
    if part is None:
        return (0, 0, picture.width, picture.height)
    return (part.x, part.y, part.x + part.width, part.y + part.height)


def _enlarged(picture: Image.Image) -> Image.Image:
    """By a whole factor, with sharp pixels: enlarged smoothly, 7 px are a blur."""
    factor = -(-SIDE // min(picture.size))
    size = (picture.width * factor, picture.height * factor)
    return picture.resize(size, Image.Resampling.NEAREST)


def _encoded(sheet: Image.Image) -> bytes:
    """One thread: the bytes depend on nothing but the picture."""
    buffer = BytesIO()
    sheet.save(buffer, "AVIF", quality=QUALITY, speed=SPEED, subsampling=SUBSAMPLING, max_threads=1)
    return buffer.getvalue()

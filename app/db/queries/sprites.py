"""Reads the sprite sheets of a layer that are up to date.

A sheet made of other thumbnails than those that are current is left out: nothing of a hidden or
replaced image outlives it on a page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from sqlalchemy import Connection, select

from app.db.queries.thumbnails import IMAGE_HEAD, head_view
from app.db.tables import Image, Sheet
from app.db.views import SheetView
from app.drawing import sprite_sheet
from app.drawing.sprite_sheet import ThumbnailSource

# The units of one sheet, by place.
Places = Mapping[int, ThumbnailSource]


def current_sheets(
    connection: Connection, home: int, technique: str, units: Places
) -> dict[int, SheetView]:
    """A layer's sheets of a technique that are made of these pictures of its units, by number."""
    wanted = {number: sprite_sheet.fingerprint(each) for number, each in by_sheet(units).items()}
    found = connection.execute(
        select(Sheet.number, Sheet.present, Sheet.fingerprint, *IMAGE_HEAD)
        .join(Image, Image.sha256 == Sheet.image_sha256)
        .where(Sheet.layer_id == home, Sheet.technique == technique)
    )
    return {
        number: SheetView(number, head_view(head), present)
        for number, present, fingerprint, *head in found
        if wanted.get(number) == fingerprint
    }


def by_sheet(units: Mapping[int, ThumbnailSource]) -> dict[int, Places]:
    """A layer's units by sheet, and there by place."""
    numbers: Sequence[int] = sorted(units)
    return {
        number: {sprite_sheet.place_of(unit): units[unit] for unit in same}
        for number, same in groupby(numbers, key=sprite_sheet.number_of)
    }

"""Makes and removes sprite sheets: 64 thumbnails of a layer in one image.

What a sheet should be made of is read, and hashed, anew each time. A sheet with another
fingerprint is never shown: nothing of a hidden or replaced picture outlives it on a page.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, select

from app.db.queries.thumbnail_source import Places, by_sheet, sources, techniques
from app.db.records import ImageRecord
from app.db.statements import add_images, sweep_images, upsert
from app.db.transactions import Source, reading, writing
from app.drawing import sprite_sheet
from app.tables import Image, Layer, Model, Sheet

if TYPE_CHECKING:
    from app.db.writer.writer import Writer  # the web side writes nothing

KEY = ("layer_id", "technique", "number")


@dataclass(frozen=True, slots=True)
class SheetPlace:
    """Which sheet it is."""

    layer: str
    technique: str
    number: int


def outdated_sheets(
    source: Source, model: str, layers: Collection[str] | None = None
) -> tuple[SheetPlace, ...]:
    """The sheets of a model, or of some layers, that are missing, out of date or too many."""
    with reading(source) as connection:
        return tuple(outdated(connection, model, layers))


def outdated(
    connection: Connection, model: str, layers: Collection[str] | None = None
) -> Iterator[SheetPlace]:
    """As `outdated_sheets`, in a transaction that goes on."""
    for layer, home in _homes(connection, model).items():
        if layers is None or layer in layers:
            for technique, number in _outdated(connection, home):
                yield SheetPlace(layer, technique, number)


def renew_sheets(writer: Writer, model: str, layers: Collection[str] | None = None) -> int:
    """Make what is missing or out of date, remove what should not be; how many were made."""
    found = outdated_sheets(writer.engine, model, layers)
    return sum(renew_sheet(writer, model, place) for place in found)


def renew_sheet(writer: Writer, model: str, place: SheetPlace) -> bool:
    """Make one sheet, or remove it where nothing of it may be shown; whether it was made.

    It is drawn outside of any transaction. Where somebody has hidden or replaced a picture
    meanwhile, what was drawn is thrown away and drawn anew.
    """
    while True:
        with reading(writer.engine) as connection:
            home = _homes(connection, model)[place.layer]
            units = _units(connection, home, place)
            pictures = _bytes(connection, units)
        drawn = _drawn(units, pictures)
        with writing(writer.engine) as connection:
            if sprite_sheet.fingerprint(
                _units(connection, home, place)
            ) == sprite_sheet.fingerprint(units):
                _put(connection, home, place, units, drawn)
                return drawn is not None


def _drawn(units: Places, pictures: Mapping[str, bytes]) -> ImageRecord | None:
    if not pictures:
        return None
    side = sprite_sheet.SHEET_SIDE
    data = sprite_sheet.draw(units, pictures)
    return ImageRecord.of(data, sprite_sheet.MEDIA_TYPE, side, side)


def _put(
    connection: Connection, home: int, place: SheetPlace, units: Places, drawn: ImageRecord | None
) -> None:
    """Store a sheet in place of the one that was there, whose picture goes."""
    same = (
        Sheet.layer_id == home,
        Sheet.technique == place.technique,
        Sheet.number == place.number,
    )
    old = connection.scalars(select(Sheet.image_sha256).where(*same)).all()
    if drawn is None:
        connection.execute(delete(Sheet).where(*same))
    else:
        add_images(connection, [drawn])
        row = dict(zip(KEY, (home, place.technique, place.number), strict=True)) | {
            "image_sha256": drawn.sha256,
            "present": sprite_sheet.present(units),
            "fingerprint": sprite_sheet.fingerprint(units),
        }
        upsert(connection, Sheet, [row], KEY)
    sweep_images(connection, old)


def _outdated(connection: Connection, home: int) -> Iterator[tuple[str, int]]:
    """Technique and number of a layer's sheets that are not as they should be."""
    stored = _stored(connection, home)
    known = [*techniques(connection, home), *sorted({technique for technique, _ in stored})]
    for technique in dict.fromkeys(known):
        wanted = {
            number: sprite_sheet.fingerprint(units)
            for number, units in by_sheet(sources(connection, home, technique)).items()
            if sprite_sheet.shown(units)
        }
        here = {number: each for (name, number), each in stored.items() if name == technique}
        for number in sorted(wanted.keys() | here.keys()):
            if wanted.get(number) != here.get(number):
                yield technique, number


def _stored(connection: Connection, home: int) -> dict[tuple[str, int], str]:
    statement = select(Sheet.technique, Sheet.number, Sheet.fingerprint)
    found = connection.execute(statement.where(Sheet.layer_id == home))
    return {(technique, number): fingerprint for technique, number, fingerprint in found}


def _homes(connection: Connection, model: str) -> dict[str, int]:
    """The ids of a model's layers by name, in the order of the forward pass."""
    statement = (
        select(Layer.name, Layer.id)
        .join(Model, Model.id == Layer.model_id)
        .where(Model.slug == model)
        .order_by(Layer.ordinal)
    )
    return {row.name: row.id for row in connection.execute(statement)}


def _units(connection: Connection, home: int, place: SheetPlace) -> Places:
    return by_sheet(sources(connection, home, place.technique)).get(place.number, {})


def _bytes(connection: Connection, units: Places) -> dict[str, bytes]:
    """The bytes of the pictures that are shown, by hash."""
    hashes = {source.sha256 for source in sprite_sheet.shown(units).values()}
    found = connection.execute(select(Image.sha256, Image.bytes).where(Image.sha256.in_(hashes)))
    return {row.sha256: row.bytes for row in found}

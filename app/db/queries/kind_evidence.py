"""Reading a unit's evidence of any kind, as `app.evidence` describes it.

Used inside the transactions of `unit_detail`, for kinds that have no reader of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.orm import aliased

from app.db.public_columns import Part, parts_of, signed
from app.db.queries.lookup import IMAGE_HEAD, first_picture, image_view
from app.db.views import ImageView
from app.db.views.evidence import Evidence, EvidenceRow, MatrixEntry, MatrixRow
from app.evidence.base import Kind, Matrix
from app.tables import Image, Layer, Unit

# As many units of a matrix's row are named; the JSON has all numbers.
STRONGEST = 12


def evidence(connection: Connection, kind: Kind, unit: int) -> tuple[Evidence, ...]:
    """What is stored of a kind about the unit with this id."""
    if kind.matrix is not None:
        rows = _matrix_rows(connection, kind, kind.matrix, unit)
        return (*rows, *_matrix_columns(connection, kind, kind.matrix, unit))
    return tuple(_rows(connection, kind, unit))


def _rows(connection: Connection, kind: Kind, unit: int) -> list[EvidenceRow]:
    parts = list(parts_of(kind))
    others = [part for part in parts if part.unit is not None]
    columns = [column for part in parts for column in part.columns if column.name != "unit"]
    statement = select(*(column.sql for column in columns)).select_from(kind.source)
    for part in parts:
        for target, condition in part.joins:
            statement = statement.join(target, condition, isouter=not part.has_rows)
    statement = statement.where(kind.source.c["unit_id"] == bindparam("unit"))
    found = connection.execute(statement.order_by(*kind.keys), {"unit": unit}).all()
    images = _images(connection, others, kind, unit)
    return [
        EvidenceRow(
            {each.name: each.read(value) for each, value in zip(columns, row, strict=True)}, shown
        )
        for row, shown in zip(found, images or [{}] * len(found), strict=True)
    ]


def _images(
    connection: Connection, others: Sequence[Part], kind: Kind, unit: int
) -> list[Mapping[str, ImageView | None]]:
    """The first picture of each other unit, for the same rows in the same order."""
    found: list[dict[str, ImageView | None]] = []
    for part in others:
        (target, condition), *_ = part.joins
        statement = (
            select(*IMAGE_HEAD)
            .select_from(kind.source)
            .join(target, condition)
            .outerjoin(Image, Image.sha256 == first_picture(part.unit))
            .where(kind.source.c["unit_id"] == bindparam("unit"))
            .order_by(*kind.keys)
        )
        heads = connection.execute(statement, {"unit": unit}).all()
        found = found or [{} for _ in heads]
        for shown, head in zip(found, heads, strict=True):
            shown[part.other] = image_view(head)
    return list(found)


def _matrix_rows(connection: Connection, kind: Kind, matrix: Matrix, unit: int) -> list[MatrixRow]:
    """The rows that a unit has, one for each layer."""
    columns = kind.source.c
    axis = aliased(Layer)
    statement = (
        select(axis.id, axis.name, columns[matrix.scale], columns[matrix.values])
        .select_from(kind.source)
        .join(axis, axis.id == columns[matrix.axis])
        .where(columns["unit_id"] == unit)
        .order_by(axis.ordinal)
    )
    return [
        _matrix_row(connection, home, name, "row", [scale * each for each in signed(values)])
        for home, name, scale, values in connection.execute(statement).all()
    ]


def _matrix_columns(
    connection: Connection, kind: Kind, matrix: Matrix, unit: int
) -> list[MatrixRow]:
    """The unit's column in the rows of all units of each layer; a byte of each row is read."""
    columns, other = kind.source.c, aliased(Unit)
    home, own = aliased(Layer), aliased(Unit)
    place = own.index + 1
    byte = func.substr(columns[matrix.values], place, 1)
    number = other.index.label("number")
    statement = (
        select(home.id, home.name, home.channels, number, columns[matrix.scale], byte)
        .select_from(kind.source)
        .join(own, (own.layer_id == columns[matrix.axis]) & (own.id == unit))
        .join(other, other.id == columns["unit_id"])
        .join(home, home.id == other.layer_id)
        .order_by(home.ordinal, other.index)
    )
    layers: dict[int, tuple[str, list[float | None]]] = {}
    for key, name, channels, index, scale, value in connection.execute(statement):
        _, values = layers.setdefault(key, (name, [None] * channels))
        values[index] = scale * signed(value)[0]
    return [
        _matrix_row(connection, key, name, "column", values)
        for key, (name, values) in layers.items()
    ]


def _matrix_row(
    connection: Connection, layer: int, name: str, axis: str, values: Sequence[float | None]
) -> MatrixRow:
    found = [(index, value) for index, value in enumerate(values) if value]
    found.sort(key=lambda each: -abs(each[1]))
    numbers = dict(found[:STRONGEST])
    statement = (
        select(Unit.index.label("number"), Unit.title, *IMAGE_HEAD)
        .outerjoin(Image, Image.sha256 == first_picture())
        .where(Unit.layer_id == layer, Unit.index.in_(numbers))
    )
    heads = {index: (title, head) for index, title, *head in connection.execute(statement)}
    strongest = tuple(
        MatrixEntry(name, index, heads[index][0], image_view(heads[index][1]), value)
        for index, value in numbers.items()
    )
    return MatrixRow(name, axis, tuple(values), strongest)

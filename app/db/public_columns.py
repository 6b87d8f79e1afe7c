"""The columns of an export, derived from SQLAlchemy's tables: names, types, help and SQL.

A column with a comment is exported. Ids become public names: a reference to a unit its layer and
index, one to a recipe its hash, one to an image its hash and size. JSON columns say in their `info`
which columns they become.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    Double,
    FromClause,
    Integer,
    case,
    exists,
    null,
)
from sqlalchemy.orm import aliased

from app.db.views import utc
from app.evidence.base import Kind, Other
from app.tables import Dataset, DatasetImage, Hidden, Image, Layer, Model, Recipe, Unit
from app.tables.fields import Field

Read = Callable[[Any], Any]
Join = tuple[Any, ColumnElement[bool]]

MODEL_HELP, LAYER_HELP = "The model's slug.", "The layer's name."
UNIT_HELP = "The unit's index in its layer."
RECIPE_HELP = "How it was made: `sha256` of `recipes`."


def _same(value: Any) -> Any:
    return value


def _moment(value: datetime | None) -> datetime | None:
    return None if value is None else utc(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column of an export."""

    name: str
    type: str
    """`text`, `integer`, `number`, `truth`, `moment`; `texts`, `integers`, `numbers` for lists."""
    help: str
    sql: Any = None
    """What is selected for it; None for the names of model and layer, which the reader knows."""
    read: Read = _same
    """From what the database answers to the value."""


@dataclass(frozen=True, slots=True)
class Part:
    """The export columns that a column of a table becomes, and what it is joined with."""

    columns: tuple[ExportColumn, ...] = ()
    joins: tuple[Join, ...] = ()
    has_rows: bool = True
    """Whether the joined tables always have a row."""
    other: str = ""
    """The name of the other unit that it refers to."""
    unit: Any = None
    """That unit, under a name of its own."""


def plain(column: Column[Any]) -> ExportColumn:
    """A column with its own value."""
    name = column.info.get("name", column.name)
    type, read = _type(column)
    return ExportColumn(name, type, column.comment or "", column, read)


def _type(column: Column[Any]) -> tuple[str, Read]:
    kind = column.type
    if isinstance(kind, DateTime):
        return "moment", _moment
    if isinstance(kind, JSON):
        return "text", _json
    names = ((Boolean, "truth"), (Integer, "integer"), (Double, "number"))
    return next((name for type, name in names if isinstance(kind, type)), "text"), _same


def parts_of(kind: Kind) -> Iterator[Part]:
    """The parts of a kind's table, in the order of its columns."""
    others = {other.column: other for other in kind.others}
    matrix = kind.matrix
    for column in kind.source.columns:
        if matrix and column.name == matrix.values:
            yield _matrix(column)
        elif matrix and column.name == matrix.axis:
            yield _axis(column)
        elif column.name in others:
            yield _other(column, others[column.name])
        else:
            yield part_of(column)


def part_of(column: Column[Any]) -> Part:
    """What a column becomes by itself; nothing where it has no comment and refers to nothing."""
    target = next((key.target_fullname for key in column.foreign_keys), "")
    if target in REFERENCES:
        return REFERENCES[target](column)
    if fields := column.info.get("fields"):
        return Part(tuple(_field(column, each) for each in fields))
    return Part((plain(column),)) if column.comment else Part()


def _field(column: Column[Any], field: Field) -> ExportColumn:
    return ExportColumn(field.name, field.type, field.help, column, field.read)


def _unit(column: Column[Any]) -> Part:
    """The unit that a row is about: the statement has it already."""
    if column.name != "unit_id":
        return Part()
    return Part((ExportColumn("unit", "integer", column.comment or UNIT_HELP, _number(Unit)),))


def _layer(column: Column[Any]) -> Part:
    """The layer that a row is about: the reader knows it."""
    return Part()


def _model(column: Column[Any]) -> Part:
    return Part((plain(_column(Model, "slug")),), ((Model, Model.id == column),))


def _dataset(column: Column[Any]) -> Part:
    return Part((plain(_column(Dataset, "slug")),), ((Dataset, Dataset.id == column),))


def _recipe(column: Column[Any]) -> Part:
    sha256 = replace(plain(_column(Recipe, "sha256")), name="recipe_sha256", help=RECIPE_HELP)
    return Part((sha256,), ((Recipe, Recipe.id == column),))


def _image(column: Column[Any]) -> Part:
    """A picture's hash, type and size; null where a maintainer hides it."""
    names = ("sha256", "media_type", "width", "height")
    found = [plain(_column(Image, name)) for name in names]
    found[0] = replace(found[0], name=column.name, help=column.comment or "")
    shown = tuple(replace(each, sql=_if_shown(column, each.sql)) for each in found)
    return Part(shown, ((Image, Image.sha256 == column),), has_rows=not column.nullable)


def _dataset_image(column: Column[Any]) -> Part:
    path, label, view = (
        plain(_column(DatasetImage, name)) for name in ("path", "label", "image_sha256")
    )
    view = replace(view, sql=_if_shown(DatasetImage.image_sha256, view.sql))
    return Part((path, label, view), ((DatasetImage, DatasetImage.id == column),))


REFERENCES: dict[str, Callable[[Column[Any]], Part]] = {
    "unit.id": _unit,
    "layer.id": _layer,
    "model.id": _model,
    "dataset.id": _dataset,
    "recipe.id": _recipe,
    "image.sha256": _image,
    "dataset_image.id": _dataset_image,
}


def _other(column: Column[Any], other: Other) -> Part:
    """Another unit: its layer and index; where its layer is fixed, its index and title."""
    unit, layer = aliased(Unit), aliased(Layer)
    name, what = other.name, column.comment or "The other unit"
    joins: tuple[Join, ...] = ((unit, unit.id == column),)
    if other.layer is None:
        home = f"{what}'s layer, of the same model."
        columns = (
            ExportColumn(f"{name}_layer", "text", home, layer.name),
            ExportColumn(f"{name}_unit", "integer", f"{what}'s index.", _number(unit)),
        )
        joins = (*joins, (layer, layer.id == unit.layer_id))
        return Part(columns, joins, other=name, unit=unit)
    columns = (
        ExportColumn(name, "integer", f"{what}: a unit of `{other.layer}`.", _number(unit)),
        ExportColumn(f"{name}_title", "text", f"{what}'s name; or null.", unit.title),
    )
    return Part(columns, joins, other=name, unit=unit)


def _axis(column: Column[Any]) -> Part:
    layer = aliased(Layer)
    name = column.name.removesuffix("_id")
    help = column.comment or "The layer whose units the values are of."
    return Part((ExportColumn(name, "text", help, layer.name),), ((layer, layer.id == column),))


def _matrix(column: Column[Any]) -> Part:
    """A row of numbers, as whole numbers to be multiplied by the row's scale."""
    help = column.comment or "For each unit of that layer, to be multiplied by the scale."
    return Part((ExportColumn(column.name, "integers", help, column, signed),))


def signed(values: bytes) -> list[int]:
    """Bytes as numbers from −128 to 127."""
    return array("b", values).tolist()


def _number(unit: Any) -> ColumnElement[Any]:
    """`index` would be the row's own method."""
    number: ColumnElement[Any] = unit.index.label(None)
    return number


def _column(table: type[Any], name: str) -> Column[Any]:
    columns: FromClause = table.__table__
    found: Column[Any] = columns.c[name]  # type: ignore[assignment]
    return found


def _if_shown(sha256: Any, value: Any) -> ColumnElement[Any]:
    """The value, or null where the maintainer hides the picture."""
    return case((~exists().where(Hidden.sha256 == sha256), value), else_=null())


def plain_columns(table: type[Any], *names: str) -> tuple[ExportColumn, ...]:
    """The columns of a table that have help, or those of these names, in its order."""
    columns: FromClause = table.__table__
    return tuple(
        column
        for each in columns.c
        if (each.name in names if names else each.comment or each.info)
        for column in part_of(each).columns  # type: ignore[arg-type]
    )

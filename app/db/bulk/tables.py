"""The tables of an export, read a part at a time: rows with public names, no image bytes.

Parts are small, so that a million examples are never held at once; the order of the rows is fixed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Engine, Select, and_, exists, or_, select, true

from app.db.public_columns import (
    LAYER_HELP,
    MODEL_HELP,
    UNIT_HELP,
    ExportColumn,
    Part,
    parts_of,
    plain_columns,
)
from app.db.queries.unit_evidence import SUMMARY, first_dataset
from app.db.transactions import reading
from app.evidence import kinds
from app.evidence.base import Kind, refers
from app.evidence.statistics import Statistics
from app.tables import Base, Dataset, Hidden, Image, Layer, Model, Recipe, Unit

Rows = list[tuple[Any, ...]]

# About ten megabytes of the widest rows, those of `statistics`.
PART = 2000

MODEL = ExportColumn("model", "text", MODEL_HELP)
LAYER = ExportColumn("layer", "text", LAYER_HELP)
UNIT = ExportColumn("unit", "integer", UNIT_HELP, Unit.index.label(None))
BRANCH = ExportColumn(
    "branch",
    "text",
    "The branch that it belongs to; null where there is one.",
    Unit.index.label(None),
)
TITLE = ExportColumn(
    "title", "text", "The class's name, for units of `logits`; else null.", Unit.title
)


@dataclass(frozen=True, slots=True)
class Home:
    """A layer in the scope of an export."""

    id: int
    model: str
    layer: str
    branches: tuple[Mapping[str, Any], ...]

    def branch_of(self, unit: int) -> str | None:
        """The branch of a unit; None where there is one branch."""
        own = (each["name"] for each in self.branches if each["start"] <= unit < each["stop"])
        return next(own, None)


@dataclass(frozen=True, slots=True)
class ExportTable:
    """A table of an export: one file."""

    name: str
    help: str
    columns: tuple[ExportColumn, ...]
    of_scope: Callable[[Collection[int]], Select[Any]] | None = None
    """Selects the columns for the layers with these ids, all at once."""
    of_layer: Callable[[int], Select[Any]] | None = None
    """Selects the columns that have SQL, for one layer."""


def tables() -> tuple[ExportTable, ...]:
    """All tables, in the order in which the documentation has them."""
    return (
        _whole("models", "A network with its weights.", Model, _models),
        _layers(),
        _units(),
        *(_of_kind(kind) for kind in kinds()),
        _whole("recipes", "Every number that a picture or a scan depends on.", Recipe, _recipes),
        _whole("datasets", "A set of images that was scanned.", Dataset, _datasets),
    )


def homes(
    engine: Engine, models: Collection[str] = (), layers: Collection[str] = ()
) -> tuple[Home, ...]:
    """The layers of these models and names, of all where none are given; in a fixed order."""
    statement = (
        select(Layer.id, Model.slug, Layer.name, Layer.branches)
        .join(Model, Model.id == Layer.model_id)
        .where(Model.slug.in_(models) if models else true())
        .where(Layer.name.in_(layers) if layers else true())
        .order_by(Model.id, Layer.ordinal)
    )
    with reading(engine) as connection:
        found = connection.execute(statement)
        return tuple(Home(key, model, name, tuple(parts)) for key, model, name, parts in found)


def rows(engine: Engine, table: ExportTable, scope: Collection[Home]) -> Iterator[Rows]:
    """The rows of a table in parts, each of at most `PART`, in the order of its columns."""
    with reading(engine) as connection:
        if table.of_scope is not None:
            for part in _parts(connection, table.of_scope([home.id for home in scope])):
                yield [_row(table, None, row) for row in part]
        if table.of_layer is not None:
            for home in scope:
                for part in _parts(connection, table.of_layer(home.id)):
                    yield [_row(table, home, row) for row in part]


def pictures(engine: Engine, scope: Collection[Home]) -> Iterator[list[tuple[str, str]]]:
    """The hash and the type of every picture that the rows refer to, each once."""
    used = or_(*(Image.sha256.in_(each) for each in _used([home.id for home in scope], "image")))
    shown = ~exists().where(Hidden.sha256 == Image.sha256)
    columns: tuple[Any, ...] = (Image.sha256, Image.media_type)
    statement = select(*columns).where(used, shown).order_by(Image.sha256)
    with reading(engine) as connection:
        for part in _parts(connection, statement):
            yield [(sha256, media_type) for sha256, media_type in part]


def _row(table: ExportTable, home: Home | None, row: Any) -> tuple[Any, ...]:
    values = iter(row)
    return tuple(_value(column, home, values) for column in table.columns)


def _value(column: ExportColumn, home: Home | None, values: Iterator[Any]) -> Any:
    if home is not None:
        if column is MODEL:
            return home.model
        if column is LAYER:
            return home.layer
        if column is BRANCH:
            return home.branch_of(next(values))
    return column.read(next(values))


def _parts(connection: Connection, statement: Select[Any]) -> Iterator[Collection[Any]]:
    return connection.execute(statement.execution_options(yield_per=PART)).partitions()


def _whole(
    name: str,
    help: str,
    table: type[Base],
    narrowed: Callable[[Select[Any], Collection[int]], Select[Any]],
) -> ExportTable:
    """A table that is read at once for all layers."""
    columns = plain_columns(table)

    def of_scope(scope: Collection[int]) -> Select[Any]:
        return narrowed(select(*_selected(columns)).select_from(table), scope)

    return ExportTable(name, help, columns, of_scope)


def _selected(columns: Collection[ExportColumn]) -> list[Any]:
    return [each.sql for each in columns if each.sql is not None]


def _models(statement: Select[Any], scope: Collection[int]) -> Select[Any]:
    own = exists().where(Layer.model_id == Model.id, Layer.id.in_(scope))
    return statement.where(own).order_by(Model.id)


def _datasets(statement: Select[Any], scope: Collection[int]) -> Select[Any]:
    return statement.order_by(Dataset.id)


def _recipes(statement: Select[Any], scope: Collection[int]) -> Select[Any]:
    """Those that a row of the export refers to, or by which units were scanned."""
    used = or_(*(Recipe.id.in_(each) for each in _used(scope, "recipe")))
    return statement.where(used).order_by(Recipe.sha256)


def _layers() -> ExportTable:
    columns = (replace(MODEL, sql=Model.slug), *plain_columns(Layer))

    def of_scope(scope: Collection[int]) -> Select[Any]:
        return (
            select(*_selected(columns))
            .select_from(Layer)
            .join(Model, Model.id == Layer.model_id)
            .where(Layer.id.in_(scope))
            .order_by(Model.id, Layer.ordinal)
        )

    return ExportTable("layers", "A layer of a model.", columns, of_scope)


def _units() -> ExportTable:
    numbers = plain_columns(Statistics, *(each.key for each in SUMMARY))
    columns = (MODEL, LAYER, UNIT, TITLE, BRANCH, *plain_columns(Dataset, "slug"), *numbers)

    def of_layer(home: int) -> Select[Any]:
        same = and_(Statistics.unit_id == Unit.id, Statistics.dataset_id == first_dataset(home))
        return (
            select(*_selected(columns))
            .select_from(Unit)
            .outerjoin(Statistics, same)
            .outerjoin(Dataset, Dataset.id == Statistics.dataset_id)
            .where(Unit.layer_id == home)
            .order_by(Unit.index)
        )

    help = "A unit, with its statistics in the first data set that its layer has any in."
    return ExportTable("units", help, columns, of_layer=of_layer)


def _of_kind(kind: Kind) -> ExportTable:
    parts = list(parts_of(kind))
    own = [column for part in parts for column in part.columns]
    if kind.unit is None and "layer_id" not in kind.source.c:
        everything = _joined(kind, select(*_selected(own)).select_from(kind.source), parts)
        return ExportTable(kind.name, kind.help, tuple(own), lambda _: _ordered(kind, everything))
    columns = (MODEL, LAYER, *own)

    def of_layer(home: int) -> Select[Any]:
        statement = _joined(kind, select(*_selected(own)).select_from(kind.source), parts)
        return _ordered(kind, statement.where(_is_of(kind, home)))

    return ExportTable(kind.name, kind.help, columns, of_layer=of_layer)


def _joined(kind: Kind, statement: Select[Any], parts: Collection[Part]) -> Select[Any]:
    unit = kind.unit
    if unit is not None:
        statement = statement.join(Unit, Unit.id == unit, isouter=bool(unit.nullable))
    for part in parts:
        for target, condition in part.joins:
            statement = statement.join(target, condition, isouter=not part.has_rows)
    return statement


def _is_of(kind: Kind, home: int) -> Any:
    """Whether a row is about a layer or one of its units."""
    if "layer_id" in kind.source.c and kind.matrix is None:
        return kind.source.c["layer_id"] == home
    return Unit.layer_id == home


def _ordered(kind: Kind, statement: Select[Any]) -> Select[Any]:
    if kind.unit is None:
        return statement.order_by(*kind.keys)
    first = (Unit.index.is_not(None),) if kind.unit.nullable else ()
    return statement.order_by(*first, Unit.index, *kind.keys)


def _used(scope: Collection[int], target: str) -> Iterator[Select[Any]]:
    """The ids of recipes, or the hashes of images, that rows of these layers refer to."""
    own = select(Unit.id).where(Unit.layer_id.in_(scope))
    for table in Base.metadata.sorted_tables:
        column = refers(table, {"recipe": "recipe.id", "image": "image.sha256"}[target])
        if column is None or not {"unit_id", "layer_id"} & set(table.c.keys()):
            continue
        if "layer_id" in table.c and not table.c["layer_id"].primary_key:
            yield select(column).where(table.c["layer_id"].in_(scope))
        elif "unit_id" in table.c:
            yield select(column).where(table.c["unit_id"].in_(own))
    if target == "image":
        yield from _viewed(own)


def _viewed(units: Select[Any]) -> Iterator[Select[Any]]:
    """The views of data sets' images that rows about these units refer to."""
    images = Base.metadata.tables["dataset_image"]
    for table in Base.metadata.sorted_tables:
        column = refers(table, "dataset_image.id")
        if column is not None and "unit_id" in table.c:
            yield (
                select(images.c["image_sha256"])
                .join(table, column == images.c["id"])
                .where(table.c["unit_id"].in_(units), images.c["image_sha256"].is_not(None))
            )

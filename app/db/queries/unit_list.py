"""Reading the units of a layer as a list shows them: with a picture each, their statistics, and
the sheets of thumbnails that they stand on.

The same manners as `read`, which hands `units` and `statistics_dataset` on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from app.db.queries.lookup import IMAGE_HEAD, find_layer, first_picture, head_view, image_view
from app.db.queries.thumbnail_source import current_sheets, sources, techniques
from app.db.queries.unit_evidence import SUMMARY, summary_view
from app.db.statements import CHUNK
from app.db.transactions import Source, reading
from app.db.views import ImageView, SheetView, SummaryView, UnitView
from app.drawing.sprite_sheet import ThumbnailSource
from app.evidence.statistics import Statistics
from app.tables import Dataset, Image, Unit


@dataclass(frozen=True, slots=True)
class ListedUnit:
    """A unit of a list: its number, its class's name, what is shown of it, what it does."""

    index: int
    title: str | None
    source: ThumbnailSource | None
    """None where it has no picture of the list's technique."""
    statistics: SummaryView | None


@dataclass(frozen=True, slots=True)
class LayerUnits:
    """The units of a layer, by one technique."""

    title: str
    """The model's."""
    technique: str
    """What is shown of each unit; empty where nothing is stored of any."""
    techniques: tuple[str, ...]
    """What the units can be shown by."""
    dataset: str | None
    """The title of the data set of the statistics; None where there are none."""
    units: tuple[ListedUnit, ...]
    """All, by index."""
    sheets: Mapping[int, SheetView]
    """Those that are made of just these pictures, by number."""


def unit_list(source: Source, model: str, layer: str, technique: str = "") -> LayerUnits:
    """The units of a layer by a technique; by the first that there is, where there is none such."""
    with reading(source) as connection:
        home, title = find_layer(connection, model, layer)
        there = techniques(connection, home)
        chosen = technique if technique in there else next(iter(there), "")
        shown = sources(connection, home, chosen)
        dataset = _dataset(connection, home)
        rows = connection.execute(_measured(home, dataset and dataset[0])).all()
        return LayerUnits(
            title,
            chosen,
            there,
            dataset and dataset[2],
            tuple(_listed(row, shown) for row in rows),
            current_sheets(connection, home, chosen, shown),
        )


def images(source: Source, hashes: Iterable[str]) -> dict[str, ImageView]:
    """The heads of pictures by hash, of those that are stored."""
    wanted = list(dict.fromkeys(hashes))
    found: dict[str, ImageView] = {}
    with reading(source) as connection:
        for start in range(0, len(wanted), CHUNK):
            some = Image.sha256.in_(wanted[start : start + CHUNK])
            rows = connection.execute(select(*IMAGE_HEAD).where(some))
            found |= {row.sha256: head_view(row) for row in rows}
    return found


def units(source: Source, model: str, layer: str) -> tuple[UnitView, ...]:
    """All units of a layer, each with its first picture and its statistics if there are any.

    The statistics are of the first data set that has some of this layer.
    """
    with reading(source) as connection:
        home, _ = find_layer(connection, model, layer)
        dataset = _dataset(connection, home)
        statement = _pictured(home, dataset and dataset[0])
        rows = connection.execute(statement).all()
        return tuple(_unit_view(row) for row in rows)


def statistics_dataset(source: Source, model: str, layer: str) -> tuple[str, str] | None:
    """The slug and title of the data set whose statistics lists answer; None without any."""
    with reading(source) as connection:
        found = _dataset(connection, find_layer(connection, model, layer)[0])
    return found and found[1:]


def _dataset(connection: Connection, home: int) -> tuple[int, str, str] | None:
    """Id, slug and title of the first data set that has statistics of a layer."""
    found = connection.execute(_dataset_of(home)).one_or_none()
    return None if found is None else (found.id, found.slug, found.title)


def _dataset_of(home: int) -> Select[Any]:
    columns: tuple[Any, ...] = (Dataset.id, Dataset.slug, Dataset.title)
    own = (Statistics.unit_id == Unit.id, Statistics.dataset_id == Dataset.id)
    is_measured = exists().where(*own).correlate(Unit, Dataset)
    has_some = exists().where(Unit.layer_id == home, is_measured).correlate(Dataset)
    return select(*columns).where(has_some).order_by(Dataset.id).limit(1)


class _is(FunctionElement[Any]):  # noqa: N801 - as SQLAlchemy names functions
    """That two columns are equal, said to SQLite as a range.

    For a whole key it chooses the key's index and reads a row, which is wide; for a range the index
    that holds all that a list shows.
    """

    inherit_cache = True


@compiles(_is)
def _as_equal(element: _is, compiler: SQLCompiler, **options: Any) -> str:
    own, other = (compiler.process(each, **options) for each in element.clauses)
    return f"{own} = {other}"


@compiles(_is, "sqlite")
def _as_range(element: _is, compiler: SQLCompiler, **options: Any) -> str:
    own, other = (compiler.process(each, **options) for each in element.clauses)
    return f"{own} BETWEEN {other} AND {other}"


def _measured(home: int, dataset: int | None) -> Select[Any]:
    """The units of a layer by index, each with its statistics in a data set."""
    number = Unit.index.label("number")  # `index` would be the row's own method
    own = _is(Statistics.unit_id, Unit.id)
    same = (own, Statistics.dataset_id == (dataset or 0))
    columns: tuple[Any, ...] = (number, Unit.title, *SUMMARY)
    statement = select(*columns).select_from(Unit).outerjoin(Statistics, and_(*same))
    return statement.where(Unit.layer_id == home).order_by(Unit.index)


def _pictured(home: int, dataset: int | None) -> Select[Any]:
    """The same, each with its first picture."""
    measured = _measured(home, dataset).outerjoin(Image, Image.sha256 == first_picture())
    return measured.add_columns(*IMAGE_HEAD)


def _listed(row: Any, shown: Mapping[int, ThumbnailSource]) -> ListedUnit:
    index = row[0]
    return ListedUnit(index, row[1], shown.get(index), summary_view(row[2:]))


def _unit_view(row: Any) -> UnitView:
    end = 2 + len(SUMMARY)
    return UnitView(row[0], row[1], image_view(row[end:]), summary_view(row[2:end]))

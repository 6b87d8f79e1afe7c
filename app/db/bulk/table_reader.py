"""Reading whole tables, a part at a time, for an export: rows with natural keys, no image bytes.

Parts are small, so that a million examples are never held at once. Values stand in the order of
the columns of `app.export.tables.schema`; the order of the rows is fixed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Select, select, true

from app.db.bulk import table_queries as statements
from app.db.tables import Layer, Model
from app.db.transactions import reading
from app.db.views import utc

Rows = list[tuple[Any, ...]]

# About ten megabytes of the widest rows, those of `statistics`.
PART = 2000


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


Shape = Callable[[Home, Any], tuple[Any, ...]]


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


def rows(engine: Engine, name: str, scope: Collection[Home]) -> Iterator[Rows]:
    """The rows of a table in parts, each of at most `PART`."""
    with reading(engine) as connection:
        if name in WHOLE:
            statement, whole = WHOLE[name]
            for part in _parts(connection, statement([home.id for home in scope])):
                yield [whole(row) for row in part]
            return
        of_layer, shape = OF_A_LAYER[name]
        for home in scope:
            for part in _parts(connection, of_layer(home.id)):
                yield [shape(home, row) for row in part]


def pictures(engine: Engine, scope: Collection[Home]) -> Iterator[list[tuple[str, str]]]:
    """The hash and the type of every picture that the rows refer to, each once."""
    statement = statements.pictures([home.id for home in scope])
    with reading(engine) as connection:
        for part in _parts(connection, statement):
            yield [(sha256, media_type) for sha256, media_type in part]


def _parts(connection: Connection, statement: Select[Any]) -> Iterator[Collection[Any]]:
    return connection.execute(statement.execution_options(yield_per=PART)).partitions()


def _plain(row: Any) -> tuple[Any, ...]:
    return tuple(row)


def _moment(row: Any) -> tuple[Any, ...]:
    """A row that ends with a moment."""
    return (*row[:-1], utc(row[-1]))


def _layer(row: Any) -> tuple[Any, ...]:
    return (*row[:-1], *_columns(row[-1], "name", "start", "stop"))


def _recipe(row: Any) -> tuple[Any, ...]:
    return (row[0], json.dumps(row[1], ensure_ascii=False, sort_keys=True))


def _of_layer(home: Home, row: Any) -> tuple[Any, ...]:
    return (home.model, home.layer, *row)


def _unit(home: Home, row: Any) -> tuple[Any, ...]:
    index, title, *rest = row
    return (home.model, home.layer, index, title, home.branch_of(index), *rest)


def _visualization(home: Home, row: Any) -> tuple[Any, ...]:
    return (home.model, home.layer, *_moment(row))


def _statistics(home: Home, row: Any) -> tuple[Any, ...]:
    *numbers, quantiles, histogram, intervals, means, shares, top_images = row
    return (
        home.model,
        home.layer,
        *numbers,
        [share for share, _ in quantiles],
        [value for _, value in quantiles],
        *(histogram[name] for name in ("low", "high", "counts", "positions")),
        *_columns(intervals, "low", "high", "images"),
        *_columns(means, "label", "value"),
        *_columns(shares, "label", "value"),
        top_images,
    )


def _columns(records: Collection[Mapping[str, Any]], *names: str) -> tuple[list[Any], ...]:
    """Each field of the records as a list."""
    return tuple([record[name] for record in records] for name in names)


WHOLE: Mapping[
    str, tuple[Callable[[statements.Homes], Select[Any]], Callable[[Any], tuple[Any, ...]]]
] = {
    "models": (statements.models, _moment),
    "layers": (statements.layers, _layer),
    "recipes": (statements.recipes, _recipe),
    "datasets": (statements.datasets, _moment),
}
OF_A_LAYER: Mapping[str, tuple[Callable[[int], Select[Any]], Shape]] = {
    "units": (statements.units, _unit),
    "visualizations": (statements.visualizations, _visualization),
    "examples": (statements.examples, _of_layer),
    "statistics": (statements.statistics, _statistics),
    "neighbours": (statements.neighbours, _of_layer),
    "effects": (statements.effects, _of_layer),
    "labels": (statements.labels, _of_layer),
}

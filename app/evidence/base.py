"""How a kind of evidence is described."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table

from app.tables import Base

DATASET, UNIT, LAYER, RECIPE = "dataset.id", "unit.id", "layer.id", "recipe.id"


@dataclass(frozen=True, slots=True)
class Other:
    """A column that refers to another unit: its name ends with `_id`."""

    column: str
    layer: str | None = None
    """The layer of all units that it may refer to; None where that may be any."""

    @property
    def name(self) -> str:
        return self.column.removesuffix("_id")


@dataclass(frozen=True, slots=True)
class Matrix:
    """A row holds one number for each unit of a layer, as signed bytes times a scale.

    It is read along both axes: the row of a unit, and the column of a unit in all rows.
    """

    axis: str
    """The column that refers to the layer whose units the numbers are of."""
    values: str
    """The column of the bytes, one for each unit of that layer, −127 to 127."""
    scale: str
    """The column of the factor that makes numbers of them."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel of a unit's page."""

    name: str
    """Its id in addresses, in embedding, and in the path of its JSON."""
    heading: str
    order: int
    """Where it stands among the panels of all kinds; those of one order by name."""
    how: str = ""
    """The title of the text that says how its content came about."""
    method: str = ""
    """That text; a template may have one of its own."""
    parts: frozenset[str] = frozenset()
    """What it shows of a unit besides its own kind, by the names of kinds."""
    template: str = ""
    """Its file in `templates/panels`; empty where the page itself draws it."""
    place: str = "below"
    """`wide` and `grid` stand among the panels of a data set, `below` after those of all."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of evidence: a table about units or layers, and how it is shown."""

    name: str
    """Its field in a unit's JSON, and the name of its Parquet file."""
    table: type[Base]
    help: str
    """What a row is, in one sentence."""
    words: str
    """What several are called: `similar units`."""
    panels: tuple[Panel, ...] = ()
    others: tuple[Other, ...] = ()
    matrix: Matrix | None = None
    is_ranked_both_ways: bool = False
    """Whether ranks also run from −1 downwards."""
    order: tuple[str, ...] = ()
    """The columns by which a unit's rows are sorted; empty: those of the primary key."""
    stage: str = ""
    """The stage of precompute that makes it, if that has another name than the kind."""
    of_maps: bool = True
    """Whether units of layers with a map have it."""
    of_logits: bool = True
    """Whether classes have it."""
    about: tuple[str, str] = ("", "")
    """Heading and text on the page about the data; empty: those of the first panel."""
    done_by: tuple[type[Base], ...] = ()
    """The tables in which a unit that is done has a row; empty: the kind's own."""
    has_reader: bool = False
    """Whether `app.db.queries` and the API have a type of their own for it."""
    measure: str = ""
    """The column of its numbers, which the page of a comparison shows; empty where it shows none.
    Of a matrix it is not needed."""

    @property
    def made_by(self) -> str:
        """The stage of precompute that makes it."""
        return self.stage or self.name

    @property
    def description(self) -> tuple[str, str]:
        """Heading and text on the page about the data."""
        if self.about[0] or not self.panels:
            return self.about
        return self.panels[0].heading, self.panels[0].method

    @property
    def source(self) -> Table:
        """The table as SQLAlchemy Core knows it."""
        return table_of(self.table)

    @property
    def has_dataset(self) -> bool:
        return refers(self.source, DATASET) is not None

    @property
    def unit(self) -> Column[Any] | None:
        """The column that says of which unit a row is."""
        return self.source.c.get("unit_id")

    @property
    def rank(self) -> Column[Any] | None:
        """The column that counts a list's rows, where the kind has lists."""
        key = self.source.primary_key.columns
        return self.source.c["rank"] if "rank" in key else None

    @property
    def keys(self) -> tuple[Column[Any], ...]:
        """The columns by which a unit's rows are sorted."""
        if self.order:
            return tuple(self.source.c[name] for name in self.order)
        return tuple(c for c in self.source.primary_key.columns if c.name != "unit_id")


def table_of(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table


def referring(target: str) -> tuple[Column[Any], ...]:
    """Every column of any table that refers to `target`, such as `image.sha256`."""
    return tuple(
        key.parent
        for table in Base.metadata.sorted_tables
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name)
        if key.target_fullname == target
    )


def refers(table: Table, target: str) -> Column[Any] | None:
    """The first column of a table that refers to `target`, such as `dataset.id`."""
    return next(
        (each.parent for each in table.foreign_keys if each.target_fullname == target), None
    )

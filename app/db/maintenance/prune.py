"""Removing what nothing refers to: pictures, recipes, images of data sets, sheets of nothing.

What precompute replaces it sweeps itself; this is for what is left by older versions, by
interrupted changes, and by hand. Runs are history, and what is hidden is a decision: both stay.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    and_,
    delete,
    exists,
    false,
    func,
    or_,
    select,
)

from app.db.maintenance.hidden_images import SHEET
from app.db.transactions import reading, writing
from app.errors import InputError
from app.evidence.base import referring
from app.evidence.examples import Example
from app.evidence.visualizations import Visualization
from app.tables import Base, DatasetImage, Image, Recipe, Sheet, Unit
from app.techniques import EXAMPLE


@dataclass(frozen=True, slots=True)
class Leftovers:
    """How much nothing refers to."""

    images: int
    bytes: int
    """Of these images."""
    recipes: int
    dataset_images: int
    sheets: int


def leftovers(engine: Engine) -> Leftovers:
    """What `prune` would remove."""
    with reading(engine) as connection:
        return counted(connection)


def prune(engine: Engine) -> Leftovers:
    """Remove what nothing refers to, in one transaction; what it was."""
    with writing(engine) as connection:
        found = counted(connection)
        # What refers to pictures goes before them.
        for table, condition in (
            (Sheet, _is_sheet_of_nothing()),
            (DatasetImage, _is_example_of_nothing()),
            (Recipe, _is_recipe_of_nothing()),
            (Image, _is_picture_of_nothing()),
        ):
            connection.execute(delete(table).where(condition))
    return found


def require_file(engine: Engine) -> None:
    """`InputError` where the database is no SQLite file, and needs no `vacuum`."""
    if engine.dialect.name != "sqlite":
        raise InputError("--vacuum is for SQLite files: PostgreSQL makes room by itself.")


def vacuum(engine: Engine) -> None:
    """Give the free space of an SQLite file back."""
    with reading(engine) as connection:
        connection.exec_driver_sql("COMMIT")  # SQLite does it outside transactions only
        connection.exec_driver_sql("VACUUM")


def counted(connection: Connection) -> Leftovers:
    """As `leftovers`, in a transaction that goes on."""
    size = func.coalesce(func.sum(func.length(Image.bytes)), 0)
    images = select(func.count(), size).select_from(Image).where(_is_picture_of_nothing())
    number, total = connection.execute(images).one()
    return Leftovers(
        images=number,
        bytes=int(total),
        recipes=_count(connection, Recipe, _is_recipe_of_nothing()),
        dataset_images=_count(connection, DatasetImage, _is_example_of_nothing()),
        sheets=_count(connection, Sheet, _is_sheet_of_nothing()),
    )


def _count(connection: Connection, table: type[Base], condition: ColumnElement[bool]) -> int:
    statement = select(func.count()).select_from(table).where(condition)
    return connection.scalar(statement) or 0


def _is_picture_of_nothing() -> ColumnElement[bool]:
    """Referred to by nothing that stays."""
    goes = {"dataset_image": _is_example_of_nothing(), "sheet": _is_sheet_of_nothing()}
    used = (
        exists().where(key == Image.sha256, ~goes.get(key.table.name, false()))
        for key in referring("image.sha256")
    )
    return and_(*(~each for each in used))


def _is_example_of_nothing() -> ColumnElement[bool]:
    used = (
        exists().where(key == DatasetImage.id).correlate(DatasetImage)
        for key in referring("dataset_image.id")
    )
    return and_(*(~each for each in used))


def _is_recipe_of_nothing() -> ColumnElement[bool]:
    return and_(*(~exists().where(key == Recipe.id) for key in referring("recipe.id")))


def _is_sheet_of_nothing() -> ColumnElement[bool]:
    """None of its units has a picture of its technique, or an example, any more."""
    here = and_(Unit.layer_id == Sheet.layer_id, Unit.index // SHEET == Sheet.number)
    rendered = (
        select(Visualization.id)
        .join(Unit, Unit.id == Visualization.unit_id)
        .where(here, Visualization.technique == Sheet.technique)
    )
    exciting = select(Example.rank).join(Unit, Unit.id == Example.unit_id).where(here)
    return or_(
        and_(Sheet.technique != EXAMPLE, ~rendered.correlate(Sheet).exists()),
        and_(Sheet.technique == EXAMPLE, ~exciting.correlate(Sheet).exists()),
    )

"""Removing what nothing refers to: pictures, recipes, images of data sets, sheets of nothing.

What precompute replaces it sweeps itself; this is for what is left by older versions, by
interrupted changes, and by hand. Runs are history, and what is hidden is a decision: both stay.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, exists, func, or_, select

from app.db.maintenance.hidden_images import SHEET
from app.db.tables import (
    Base,
    DatasetImage,
    Effect,
    Example,
    Image,
    Recipe,
    Scan,
    Sheet,
    Unit,
    Visualization,
)
from app.db.transactions import reading, writing
from app.errors import InputError
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
    rendered = exists().where(Visualization.image_sha256 == Image.sha256)
    viewed = exists().where(DatasetImage.image_sha256 == Image.sha256, ~_is_example_of_nothing())
    listed = exists().where(Sheet.image_sha256 == Image.sha256, ~_is_sheet_of_nothing())
    return and_(~rendered, ~viewed, ~listed)


def _is_example_of_nothing() -> ColumnElement[bool]:
    return ~exists().where(Example.dataset_image_id == DatasetImage.id).correlate(DatasetImage)


def _is_recipe_of_nothing() -> ColumnElement[bool]:
    return and_(
        *(~exists().where(table.recipe_id == Recipe.id) for table in (Visualization, Scan, Effect))
    )


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

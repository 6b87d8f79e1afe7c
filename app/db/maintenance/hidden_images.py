"""Pictures that a maintainer hides, whether they are stored or not.

Readers ask the table `hidden` each time (`thumbnails`, `read`, `evidence`), so a picture is gone
everywhere at once. Sheets of thumbnails hold copies: those that may show it go in the same
transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.db.statements import sweep_images, upsert
from app.db.transactions import reading, writing
from app.db.views import utc
from app.db.writer.rows import now
from app.evidence.examples import Example
from app.evidence.visualizations import Visualization
from app.tables import DatasetImage, Hidden, Image, Sheet, Unit
from app.techniques import EXAMPLE

# Units of a sheet; see `Sheet`.
SHEET = 64


@dataclass(frozen=True, slots=True)
class HiddenView:
    """A picture that is hidden."""

    sha256: str
    reason: str
    created: datetime
    is_stored: bool


def hide(engine: Engine, reasons: Mapping[str, str]) -> None:
    """Hide pictures by their hashes, each with its reason; one that is hidden gets the new one."""
    rows = [
        {"sha256": sha256, "reason": reason, "created": now()} for sha256, reason in reasons.items()
    ]
    with writing(engine) as connection:
        upsert(connection, Hidden, rows, ("sha256",))
        forget_sheets(connection, reasons)


def unhide(engine: Engine, hashes: Iterable[str]) -> None:
    """Show pictures again."""
    wanted = tuple(hashes)
    with writing(engine) as connection:
        connection.execute(delete(Hidden).where(Hidden.sha256.in_(wanted)))
        forget_sheets(connection, wanted)  # their place in a sheet was left empty


def listed(engine: Engine) -> tuple[HiddenView, ...]:
    """All hidden pictures, in the order in which they were hidden."""
    stored = exists().where(Image.sha256 == Hidden.sha256)
    columns = (Hidden.sha256, Hidden.reason, Hidden.created, stored)
    with reading(engine) as connection:
        rows = connection.execute(select(*columns).order_by(Hidden.created, Hidden.sha256))
        return tuple(
            HiddenView(sha256, reason, utc(created), bool(is_stored))
            for sha256, reason, created, is_stored in rows
        )


def beginning(engine: Engine, prefix: str, limit: int = 2) -> tuple[str, ...]:
    """Hashes of pictures that are stored or hidden and begin with these digits, up to `limit`."""
    stored = select(Image.sha256).where(_begins(Image.sha256, prefix))
    unseen = select(Hidden.sha256).where(_begins(Hidden.sha256, prefix))
    both = stored.union(unseen).subquery()
    statement = select(both.c.sha256).order_by(both.c.sha256).limit(limit)
    with reading(engine) as connection:
        return tuple(connection.scalars(statement))


def _begins(column: InstrumentedAttribute[str], prefix: str) -> ColumnElement[bool]:
    """A range rather than a pattern, so that the index answers; hashes are hexadecimal."""
    return and_(column >= prefix, column < prefix + "g")


def forget_sheets(connection: Connection, hashes: Iterable[str]) -> None:
    """Delete the sheets that may show these pictures, and the sheets' own pictures."""
    wanted = tuple(hashes)
    statement = delete(Sheet).where(_may_show(wanted)).returning(Sheet.image_sha256)
    sweep_images(connection, set(connection.scalars(statement)))


def _may_show(hashes: Sequence[str]) -> ColumnElement[bool]:
    """Whether a sheet has a place for a unit that one of these is a picture, or an example, of."""
    here = and_(Unit.layer_id == Sheet.layer_id, Unit.index // SHEET == Sheet.number)
    rendered = (
        select(Visualization.id)
        .join(Unit, Unit.id == Visualization.unit_id)
        .where(Visualization.image_sha256.in_(hashes), here)
    )
    exciting = (
        select(Example.rank)
        .join(DatasetImage, DatasetImage.id == Example.dataset_image_id)
        .join(Unit, Unit.id == Example.unit_id)
        .where(DatasetImage.image_sha256.in_(hashes), here)
    )
    return or_(
        Sheet.image_sha256.in_(hashes),
        and_(Sheet.technique != EXAMPLE, rendered.correlate(Sheet).exists()),
        and_(Sheet.technique == EXAMPLE, exciting.correlate(Sheet).exists()),
    )

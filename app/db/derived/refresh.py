"""What lists show is made from what is stored: `microscope refresh` makes it anew where it must.

Precompute does the same at the end of each of its stages; this is for a database that an older
version made, and for pictures that were hidden.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine

from app.db.derived.sprites import renew_sheets
from app.db.queries import catalog
from app.db.tour.stored_tour import renew_tour
from app.db.writer.writer import Writer

# Each makes what is missing or out of date for a model, and says how many things it made. What is
# up to date is left alone: a second call makes nothing.
MAKERS: tuple[Callable[[Writer, str], int], ...] = (renew_sheets, renew_tour)


def refresh(writer: Writer, model: str) -> int:
    """Run every maker; how many things were made."""
    return sum(make(writer, model) for make in MAKERS)


def refresh_all(engine: Engine) -> dict[str, int]:
    """Run every maker for every model of a database; how many things were made, by model."""
    writer = Writer(engine)
    return {model.slug: refresh(writer, model.slug) for model in catalog.models(engine)}

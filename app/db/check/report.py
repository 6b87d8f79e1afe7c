"""Checking a whole database in one state of it: everything that is wrong, with what mends it.

It only reads. What it looks at stands in the `check_` modules; `broken` removes what they find.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from app.db.check.completeness import counts
from app.db.check.images import Told, pictures
from app.db.check.issues import BACKUP, Fault, Remedies, fault
from app.db.check.references import file, references
from app.db.check.requests import died, missing, runs
from app.db.derived.sprites import outdated
from app.db.driver_errors import explained, place_of
from app.db.maintenance import prune
from app.db.run_request import ABANDONED, asked
from app.db.tour.stored_tour import outdated_stops
from app.db.transactions import snapshot
from app.db.views import RunView
from app.tables import Image, Model
from app.text import many


@dataclass(frozen=True, slots=True)
class Report:
    """What was found."""

    place: str
    """The database, without its password."""
    pictures: int
    """How many were looked at; 0 for a quick check."""
    running: tuple[str, ...]
    """Models that a run works on: what these runs were asked for was not looked for."""
    faults: tuple[Fault, ...]


def check(engine: Engine, told: Told, is_quick: bool = False) -> Report:
    """Look at everything; a quick check leaves the pictures' bytes alone."""
    with snapshot(engine) as connection:
        return examine(connection, told, is_quick)


def examine(connection: Connection, told: Told, is_quick: bool = False) -> Report:
    """As `check`, in a transaction that goes on."""
    url = connection.engine.url
    found: list[Fault] = []
    number, live = 0, frozenset[str]()
    try:
        found += file(connection)
        recorded = runs(connection)
        live = frozenset(run.model for run in recorded if run.is_alive())
        number = 0 if is_quick else _count(connection)
        remedies = Remedies(place_of(url), _commands(recorded))
        found += _rows(connection, remedies)
        found += [] if is_quick else pictures(connection, remedies, told)
        found += _work(connection, recorded, remedies, told)
        found += _lists(connection, live, remedies)
    except SQLAlchemyError as error:
        # The rest cannot be read; what was found before is still worth telling.
        found.append(Fault("file", explained(error, url).message, 1, (), (BACKUP,)))
    return Report(place_of(url), number, tuple(sorted(live)), tuple(found))


def _rows(connection: Connection, remedies: Remedies) -> Iterator[Fault]:
    yield from references(connection, remedies)
    yield from counts(connection, remedies)


def _work(
    connection: Connection, recorded: tuple[RunView, ...], remedies: Remedies, told: Told
) -> Iterator[Fault]:
    told("what was asked for", 0, 0)
    yield from died(recorded, remedies)
    yield from missing(connection, recorded, remedies)
    yield from _leftovers(connection, remedies)


def _commands(recorded: tuple[RunView, ...]) -> tuple[str, ...]:
    """The commands of runs that began their work and were not given up, each once; what is none of
    precompute's is not named, since whoever made the database does not say what others run."""
    worked = (run for run in recorded if run.has_begun and run.state != ABANDONED)
    return tuple(dict.fromkeys(run.command for run in worked if asked(run.request)))


def _leftovers(connection: Connection, remedies: Remedies) -> Iterator[Fault]:
    found = prune.counted(connection)
    others = found.recipes + found.dataset_images + found.sheets
    if found.images or others:
        pictures = f"{many(found.images, 'picture')} ({many(found.bytes, 'byte')})"
        says = f"Nothing refers to {pictures} and {many(others, 'other row')}"
        yield Fault("leftovers", says, found.images + others, (), remedies.prune)


def _lists(connection: Connection, live: Collection[str], remedies: Remedies) -> Iterator[Fault]:
    """Sheets and tours that are not made of what is stored; a run makes them when it ends."""
    for model in connection.scalars(select(Model.slug).order_by(Model.id)).all():
        if model in live:
            continue
        places = (
            f"sheet {at.number} of {at.technique}, {model} {at.layer}"
            for at in outdated(connection, model)
        )
        yield from fault(
            "sheets", "Sheets of thumbnails are missing or out of date", places, remedies.refresh
        )
        if stops := outdated_stops(connection, model):
            says = f"The tour of {model} is missing or out of date"
            yield Fault("tour", says, stops, (), remedies.refresh)


def _count(connection: Connection) -> int:
    return connection.scalar(select(func.count()).select_from(Image)) or 0

"""What the runs of bad days are asked for: little, but of every stage."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.db.engine import open_for_reading
from app.db.lock import require_free
from app.db.queries import run_status
from app.db.views import RunView
from app.errors import DatabaseTaken
from tests.nursery import wait_until
from tests.precompute.content import content
from tests.precompute.content import require_same as require_content

# Pictures of two techniques, a scan with its second look, effects, sheets of each.
WORDS = (
    "precompute", "--model", "toy", "--dataset", "drawn", "--images", "24",
    "--layers", "conv2d0,logits", "--units", "0-7", "--steps", "2", "--size", "32", "--top", "2",
    "--techniques", "channel,logit,examples,effects",
)  # fmt: skip
ROWS = {"visualization": 16, "scan": 16}


@dataclass(frozen=True)
class Undisturbed:
    """A run that nothing happened to: its database."""

    database: Path


def runs_of(database: str | Path) -> tuple[RunView, ...]:
    """The runs that a database knows, the newest first."""
    engine = open_for_reading(str(database))
    try:
        return run_status.runs(engine, limit=1000)
    finally:
        engine.dispose()


def wait_until_free(database: str | Path) -> None:
    """Returns when no run holds it; a server may notice a moment late that one is gone."""

    def is_free() -> bool:
        try:
            require_free(str(database))
        except DatabaseTaken:
            return False
        return True

    wait_until(is_free)


def require_same(database: str | Path, undisturbed: Undisturbed) -> None:
    """Whole, complete, and equal to what an undisturbed run makes."""
    expected = content(undisturbed.database)
    require_content(database, expected)
    assert {table: len(expected[table]) for table in ROWS} == ROWS

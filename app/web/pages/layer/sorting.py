"""The units of a layer in an order that the reader chose, and the number each is sorted by.

Pure functions; they know no addresses and no store.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from app.db.views import SummaryView

# The order in which the layer has them, and the one in which similar ones stand together.
INDEX, SIMILARITY = "index", "similarity"


class SortableUnit(Protocol):
    """A unit of a list."""

    @property
    def index(self) -> int: ...

    @property
    def statistics(self) -> SummaryView | None: ...


Unit = TypeVar("Unit", bound=SortableUnit)


def in_order(units: Iterable[Unit], sort: str, order: str) -> tuple[Unit, ...]:
    """The units by one of their statistics; those without any come last, equals by index."""
    sign = 1 if order == "asc" or sort == SIMILARITY else -1
    return tuple(sorted(units, key=lambda unit: _place(unit, sort, sign)))


def value(unit: SortableUnit, sort: str) -> float | None:
    """What a unit is sorted by; None by index, and where it was not measured."""
    if unit.statistics is None or sort == INDEX:
        return None
    found: float | None = getattr(unit.statistics, "place" if sort == SIMILARITY else sort)
    return found


def _place(unit: SortableUnit, sort: str, sign: int) -> tuple[bool, float, int]:
    found = value(unit, sort)
    return (found is None, sign * (found or 0.0), unit.index)

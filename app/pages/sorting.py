"""The units of a layer in an order that the reader chose, each with the number it is sorted by.

Pure functions; they know no addresses and no store.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.store.views import UnitView

# The order in which the layer has them.
INDEX = "index"

# Statistics that are shares, 0..1.
SHARES = ("density", "image_density")


@dataclass(frozen=True, slots=True)
class Tile:
    """A unit as it stands in its layer's list."""

    unit: UnitView
    value: float | None = None
    """What the list is sorted by; None where it is sorted by index, or was not measured."""
    is_share: bool = False

    @property
    def state(self) -> str:
        """`dead` or `rare`, where the unit is."""
        found = self.unit.statistics
        if found is None or not (found.is_dead or found.is_rare):
            return ""
        return "dead" if found.is_dead else "rare"


def tiles(units: Iterable[UnitView]) -> tuple[Tile, ...]:
    """The units as they come."""
    return tuple(Tile(unit) for unit in units)


def in_order(units: Iterable[UnitView], sort: str, order: str) -> tuple[Tile, ...]:
    """The units by one of their statistics; those without any come last, equals by index."""
    found = [Tile(unit, _value(unit, sort), sort in SHARES) for unit in units]
    sign = 1 if order == "asc" else -1
    return tuple(sorted(found, key=lambda tile: _place(tile, sign)))


def _value(unit: UnitView, sort: str) -> float | None:
    if unit.statistics is None:
        return None
    value: float = getattr(unit.statistics, sort)
    return value


def _place(tile: Tile, sign: int) -> tuple[bool, float, int]:
    return (tile.value is None, sign * (tile.value or 0.0), tile.unit.index)

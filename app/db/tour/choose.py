"""Which units of a model a newcomer should see, out of all that are remarkable.

Of the foremost of each kind one is chosen that has a picture, and whose layer was not visited yet.
Pure functions; the same facts give the same tour.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.db.tour.rules import KINDS, TourFacts, UnitFacts

# How many stops a tour has: what somebody reads in a few minutes.
STOPS = 12

# A unit may stand for its kind when it is among this many foremost, or among this share of all.
FOREMOST, FOREMOST_SHARE = 16, 0.005


@dataclass(frozen=True, slots=True)
class Stop:
    """A unit that was chosen, and why."""

    kind: str
    unit: int
    value: float | None = None
    detail: str | None = None


@dataclass(slots=True)
class ChosenTour:
    """The stops so far."""

    units: Mapping[int, UnitFacts]
    stops: list[Stop] = field(default_factory=list)
    visits: Counter[str] = field(default_factory=Counter)

    def visit(self, candidates: Iterable[Stop]) -> None:
        """Add one of these, which are ranked: the first in a layer that was visited least.

        Nothing happens where the kind or all units stand in the tour already, or it is full.
        """
        kinds, taken = ({each.kind for each in self.stops}, {each.unit for each in self.stops})
        free = [each for each in candidates if each.unit not in taken and each.kind not in kinds]
        if free and len(self.stops) < STOPS:
            best = min(free, key=lambda stop: self.visits[self.units[stop.unit].layer])
            self.stops.append(best)
            self.visits[self.units[best.unit].layer] += 1


def tour(facts: TourFacts) -> tuple[Stop, ...]:
    """The stops, no two of a kind or of a unit, from the first layer to the last.

    Kinds for which a unit has a picture go first; the others fill what is left.
    """
    made = ChosenTour({unit.id: unit for unit in facts.units})
    foremost = [_foremost(kind, facts) for kind in KINDS]
    for candidates in foremost:
        made.visit(stop for stop in candidates if made.units[stop.unit].has_picture)
    for candidates in foremost:
        made.visit(candidates)
    return tuple(sorted(made.stops, key=lambda stop: _place(made.units[stop.unit])))


def _foremost(kind: str, facts: TourFacts) -> list[Stop]:
    width = max(FOREMOST, round(FOREMOST_SHARE * len(facts.units)))
    return [Stop(kind, *found) for found in KINDS[kind](facts)[:width]]


def _place(unit: UnitFacts) -> tuple[int, int]:
    return unit.ordinal, unit.index

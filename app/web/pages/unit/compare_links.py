"""From a unit's page to comparisons: with similar units, and with those of a running comparison.

A running comparison is nowhere but in the address.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.db.views.evidence import NeighbourView, UnitDetail
from app.web.pages.formatting import unit_name
from app.web.pages.unit.view_state import MOST
from app.web.urls import UnitName, Urls


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison that may be looked at."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Comparisons:
    """What a unit can be compared with."""

    running: Comparison | None
    """The one that goes on, with this unit added to it."""
    similar: tuple[Comparison, ...]
    """Each similar unit, the most first; where there are several, the first few together."""
    begun: str
    """The path of a comparison of this unit alone, to which others are added there."""


def comparisons(
    urls: Urls, here: UnitName, unit: UnitDetail, beside: tuple[UnitName, ...]
) -> Comparisons:
    """The comparisons that a unit's page leads to."""
    near = _similar(here, unit)
    found = [Comparison(unit_name(*other[1:]), urls.compare([here, other])) for other in near]
    if len(near) >= MOST - 1:
        together = f"the {MOST - 1} most similar together"
        found.append(Comparison(together, urls.compare([here, *near[: MOST - 1]])))
    return Comparisons(_running(urls, here, beside), tuple(found), urls.compare([here]))


def _similar(here: UnitName, unit: UnitDetail) -> list[UnitName]:
    """Of the first data set, the most similar first, of whatever layer."""
    first = [each for each in unit.neighbours if each.dataset == unit.neighbours[0].dataset]
    ordered = sorted(first, key=_most_similar)
    return [(here[0], each.layer, each.index) for each in ordered[:8]]


def _most_similar(each: NeighbourView) -> float:
    return -each.correlation


def _running(urls: Urls, here: UnitName, beside: tuple[UnitName, ...]) -> Comparison | None:
    others = [unit for unit in beside if unit != here]
    if not others:
        return None
    kept = others[: MOST - 1]
    names = ", ".join(unit_name(*unit[1:]) for unit in kept)
    return Comparison(names, urls.compare([*kept, here]))

"""The units that argue for and against a class, as its page shows them: layer by layer.

Pure functions from the store's views to typed contexts; they know no addresses and no store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from app.db.views import RecipeView
from app.db.views.evidence import ArguerView, UnitDetail
from app.web.pages.unit.dataset_panels import bar_length, of_data_set

# Of each layer so many are shown for a class, and so many against it; the JSON has them all.
LISTED = 8


@dataclass(frozen=True, slots=True)
class Arguer:
    """A unit with the length of its bar, 0..100; the longest bar is of the whole panel."""

    view: ArguerView
    length: float


@dataclass(frozen=True, slots=True)
class LayerArguers:
    """The units of one layer, the most first."""

    layer: str
    supports: tuple[Arguer, ...]
    opposes: tuple[Arguer, ...]
    left_off: int
    """How many more there are in this layer."""


@dataclass(frozen=True, slots=True)
class ClassUnitsPanel:
    """All layers of which a unit has the class among its strongest, by one data set."""

    id: str
    suffix: str
    """What tells the panel from that of another data set; empty where there is one."""
    layers: tuple[LayerArguers, ...]
    recipe: RecipeView | None


def class_units(unit: UnitDetail, panel: str) -> tuple[ClassUnitsPanel, ...]:
    """What each data set says; nothing for a unit that is no class."""
    titles = {scan.dataset: scan.title for scan in unit.scans}
    by_set = [(slug, tuple(own)) for slug, own in groupby(unit.arguers, lambda each: each.dataset)]
    return tuple(
        ClassUnitsPanel(
            id=of_data_set(panel, slug, by_set[0][0]),
            suffix=titles.get(slug, slug) if len(by_set) > 1 else "",
            layers=_layers(own),
            recipe=unit.effect_recipes.get(slug),
        )
        for slug, own in by_set
    )


def _layers(arguers: tuple[ArguerView, ...]) -> tuple[LayerArguers, ...]:
    largest = max(abs(each.value) for each in arguers)
    found = groupby(arguers, lambda each: each.layer)
    return tuple(_layer(layer, tuple(own), largest) for layer, own in found)


def _layer(layer: str, arguers: tuple[ArguerView, ...], largest: float) -> LayerArguers:
    supports = [each for each in arguers if each.rank > 0]
    opposes = sorted((each for each in arguers if each.rank < 0), key=lambda each: each.value)
    left_off = sum(max(len(some) - LISTED, 0) for some in (supports, opposes))
    return LayerArguers(layer, _drawn(supports, largest), _drawn(opposes, largest), left_off)


def _drawn(arguers: Sequence[ArguerView], largest: float) -> tuple[Arguer, ...]:
    """The first few, with their bars."""
    listed = arguers[:LISTED]
    return tuple(Arguer(each, bar_length(each.value, largest)) for each in listed)

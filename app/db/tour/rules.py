"""In what a unit may be remarkable: for each kind, the units that it may speak of, ranked.

Pure functions from what was measured; `itinerary` chooses among what they find. Nothing here knows
of tables, or of words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import fmean

from app.unit_names import LOGITS

# Below these a share of the strongest images says nothing about a class: it must be a share worth
# telling, of several images; and for a unit of many sides there must be room for many.
CLASS_SHARE, CLASS_IMAGES, MANY_IMAGES = 0.3, 3, 50

# What a number must reach, or stay below, to be remarkable at all. They are judgements: a unit that
# is above 0 in half of the images is nothing that one would show to a newcomer.
BUSY, SPARSE, SELECTIVE = 0.5, 0.1, 0.5
STRONG, DARK, BEYOND, PEAKED = 1.5, 1.5, 1.5, 2.0
TWIN, LONELY = 0.8, 0.4

# What the layer of the network's answers is called.


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A unit with what one data set says of it; the numbers are None where it was not scanned."""

    id: int
    layer: str
    ordinal: int
    index: int
    title: str | None
    receptive_field: int | None
    has_picture: bool
    maximum: float | None = None
    minimum: float | None = None
    skew: float | None = None
    density: float | None = None
    image_density: float | None = None
    top_images: int = 0
    label: str | None = None
    """The class with the largest share of the strongest images."""
    share: float = 0.0
    picture_maximum: float | None = None
    """What its own picture reaches."""


@dataclass(frozen=True, slots=True)
class Link:
    """A unit with another thing, and how strongly they belong together."""

    unit: int
    value: float
    name: str | None


@dataclass(frozen=True, slots=True)
class TourFacts:
    """Everything that a tour is chosen from; links are ranked, the foremost first."""

    units: tuple[UnitFacts, ...]
    supports: tuple[Link, ...] = ()
    opposes: tuple[Link, ...] = ()
    twins: tuple[Link, ...] = ()
    lonely: tuple[Link, ...] = ()


Found = tuple[int, float | None, str | None]
Find = Callable[[TourFacts], list[Found]]


def _detail(facts: TourFacts) -> list[Found]:
    """The layer that sees least at a time; its strongest units first."""
    fields = {unit.receptive_field for unit in facts.units if unit.receptive_field}
    if len(fields) < 2:
        return []
    units = [unit for unit in facts.units if unit.receptive_field == min(fields)]
    units.sort(key=lambda unit: -(unit.maximum or 0.0))
    return [(unit.id, float(min(fields)), None) for unit in units]


Value = Callable[[UnitFacts], float]


def _highest(units: Iterable[UnitFacts], value: Value, least: float) -> list[Found]:
    """Units by a value, the highest first; those with the same stay in the network's order."""
    valued = [(unit.id, value(unit)) for unit in units]
    valued.sort(key=lambda each: -each[1])
    return [(unit, number, None) for unit, number in valued if number >= least]


def _lowest(units: Iterable[UnitFacts], value: Value, most: float) -> list[Found]:
    """The same, the lowest first."""
    found = _highest(units, lambda unit: -value(unit), -most)
    return [(unit, -(number or 0.0), None) for unit, number, _ in found]


def _alive(facts: TourFacts) -> list[UnitFacts]:
    """Units of maps that are above 0 somewhere."""
    return [unit for unit in facts.units if unit.layer != LOGITS and unit.density]


def _busy(facts: TourFacts) -> list[Found]:
    return _highest(_alive(facts), lambda unit: unit.density or 0.0, BUSY)


def _sparse(facts: TourFacts) -> list[Found]:
    return _lowest(_alive(facts), lambda unit: unit.density or 1.0, SPARSE)


def _selective(facts: TourFacts) -> list[Found]:
    return _lowest(_alive(facts), lambda unit: unit.image_density or 1.0, SELECTIVE)


def _strong(facts: TourFacts) -> list[Found]:
    """By the largest value, as a multiple of the layer's mean of those."""
    layers: dict[str, list[float]] = {}
    for unit in _alive(facts):
        layers.setdefault(unit.layer, []).append(unit.maximum or 0.0)
    usual = {layer: fmean(values) for layer, values in layers.items()}
    units = [unit for unit in _alive(facts) if usual[unit.layer] > 0]
    return _highest(units, lambda unit: (unit.maximum or 0.0) / usual[unit.layer], STRONG)


def _dark(facts: TourFacts) -> list[Found]:
    """By how much farther the values reach below 0 than above."""
    units = [unit for unit in _alive(facts) if unit.maximum]
    return _highest(units, lambda unit: -(unit.minimum or 0.0) / (unit.maximum or 1.0), DARK)


def _peaked(facts: TourFacts) -> list[Found]:
    return _highest(_alive(facts), lambda unit: unit.skew or 0.0, PEAKED)


def _leaning(facts: TourFacts) -> list[Found]:
    return _lowest(_alive(facts), lambda unit: unit.skew or 0.0, -PEAKED)


def _class(facts: TourFacts) -> list[Found]:
    """By the share of one class among the strongest images, where it is of several."""
    units = [unit for unit in _alive(facts) if _is_class_like(unit)]
    units.sort(key=lambda unit: (-unit.share, -unit.top_images))
    return [(unit.id, unit.share, unit.label) for unit in units]


def _is_class_like(unit: UnitFacts) -> bool:
    return unit.share >= CLASS_SHARE and unit.share * unit.top_images >= CLASS_IMAGES - 0.5


def _many(facts: TourFacts) -> list[Found]:
    """By how little any one class is of the strongest images; only where some units have one."""
    if not _class(facts):
        return []
    units = [unit for unit in _alive(facts) if unit.label and unit.top_images >= MANY_IMAGES]
    return _lowest(units, lambda unit: unit.share, CLASS_SHARE)


def _beyond(facts: TourFacts) -> list[Found]:
    """By how many times as much the unit's picture excites it as any image does."""
    units = [unit for unit in _alive(facts) if unit.maximum]
    return _highest(
        units, lambda unit: (unit.picture_maximum or 0.0) / (unit.maximum or 1.0), BEYOND
    )


def _answer(facts: TourFacts) -> list[Found]:
    units = [unit for unit in facts.units if unit.layer == LOGITS and (unit.maximum or 0.0) > 0]
    units.sort(key=lambda unit: -(unit.maximum or 0.0))
    return [(unit.id, unit.maximum, unit.title) for unit in units]


def _dead(facts: TourFacts) -> list[Found]:
    units = [unit for unit in facts.units if unit.layer != LOGITS and unit.density == 0]
    return [(unit.id, None, None) for unit in units]


def _twins(facts: TourFacts) -> list[Found]:
    return _linked(link for link in facts.twins if link.value >= TWIN)


def _lonely(facts: TourFacts) -> list[Found]:
    return _linked(link for link in facts.lonely if link.value <= LONELY)


def _linked(links: Iterable[Link]) -> list[Found]:
    return [(link.unit, link.value, link.name) for link in links]


# In the order in which a tour looks for them, until it is full.
KINDS: dict[str, Find] = {
    "detail": _detail,
    "busy": _busy,
    "selective": _selective,
    "class": _class,
    "supports": lambda facts: _linked(facts.supports),
    "twin": _twins,
    "dark": _dark,
    "answer": _answer,
    "dead": _dead,
    "beyond": _beyond,
    "many": _many,
    "strong": _strong,
    "lonely": _lonely,
    "opposes": lambda facts: _linked(facts.opposes),
    "peaked": _peaked,
    "sparse": _sparse,
    "leaning": _leaning,
}

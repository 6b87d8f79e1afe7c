"""What a reader of a layer's page chose in the address, and the links to every other choice.

What does not exist in this layer is the default; what is the default is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.db.queries.unit_list import LayerUnits
from app.db.views import LabelView, LayerView
from app.techniques import EXAMPLE, TECHNIQUES
from app.web.pages.formatting import (
    DEAD,
    ORDER,
    SIZE,
    SORT,
    Choice,
    branch,
    choices,
    chosen,
    unless_first,
)
from app.web.pages.layer.sorting import INDEX, SIMILARITY
from app.web.urls import Urls

UNITS = "units"  # the panel to which a choice leads


@dataclass(frozen=True, slots=True)
class LayerOptions:
    """What can be chosen in a layer, by value with its words; the first of each is the default."""

    technique: Mapping[str, str]
    size: Mapping[str, str]
    sort: Mapping[str, str]
    order: Mapping[str, str]
    """Empty where the order has no other end: by index, or by similarity."""
    branch: Mapping[str, str]
    family: Mapping[str, str]
    dead: Mapping[str, str]

    def __getitem__(self, name: str) -> Mapping[str, str]:
        found: Mapping[str, str] = getattr(self, name)
        return found


@dataclass(frozen=True, slots=True)
class LayerQuery:
    """What an address asks for; made valid by `within`."""

    technique: str = ""
    size: str = ""
    sort: str = ""
    order: str = ""
    branch: str = ""
    family: str = ""
    dead: str = ""

    def within(self, options: LayerOptions) -> LayerQuery:
        """What of it exists, and the defaults of the rest."""
        return LayerQuery(**{name: _chosen(getattr(self, name), options[name]) for name in NAMES})

    def state(self, options: LayerOptions | None = None) -> dict[str, str]:
        """As it stands in an address; without options nothing is known to be a default."""
        values = {name: getattr(self, name) for name in NAMES}
        if options is None:
            return values
        return {name: _unless_first(value, options[name]) for name, value in values.items()}


NAMES = tuple(LayerQuery.__dataclass_fields__)
# What a layer has in common with the next.
CARRIED = ("technique", "size", "sort", "order", "dead")


@dataclass(frozen=True, slots=True)
class Menu:
    """The links of one kind of choice."""

    name: str
    label: str
    current: str
    choices: tuple[Choice, ...]


WORDS = {
    "technique": ("Show", "What is shown of each unit"),
    "sort": ("Sort", "Sort by"),
    "order": ("Order", "Order"),
    "branch": ("Branch", "Branch"),
    "family": ("Family", "Family of labels"),
    "size": ("Size", "Size of the pictures"),
    "dead": ("Dead units", "Dead units"),
}


def options(
    layer: LayerView, units: LayerUnits, labels: Sequence[LabelView], sort: str = ""
) -> LayerOptions:
    """What there is to choose in a layer."""
    by = _sorts(units)
    kept = chosen(sort, by)
    return LayerOptions(
        technique={name: heading(name) for name in units.techniques},
        size=SIZE,
        sort=by,
        order={} if kept in (INDEX, SIMILARITY) else ORDER,
        branch=_with_all({each.name: branch(each.name) for each in layer.branches}),
        family=_with_all({each.family: each.family for each in labels if each.family}),
        dead=DEAD
        if any(each.statistics and each.statistics.is_dead for each in units.units)
        else {},
    )


def heading(name: str) -> str:
    """What a technique is called among others."""
    return "Top example" if name == EXAMPLE else TECHNIQUES[name].heading


def menus(
    urls: Urls, model: str, layer: str, asked: LayerQuery, there: LayerOptions
) -> tuple[Menu, ...]:
    """The links to all choices, of those kinds in which there is something to choose."""

    def menu(name: str) -> Menu:
        def path(value: str) -> str:
            state = replace(asked, **{name: value}).state(there)
            if name == "sort" and value in ("", INDEX, SIMILARITY):
                state["order"] = ""
            return urls.layer(model, layer, UNITS, **state)

        current = getattr(asked, name)
        return Menu(*WORDS[name], there[name][current], choices(there[name], current, path))

    found = (menu(name) for name in WORDS if len(there[name]) > 1)
    return tuple(each for each in found if len(each.choices) > 1)  # a static copy has fewer


def carried(asked: LayerQuery, there: LayerOptions) -> dict[str, str]:
    """The state that the links to other layers keep."""
    return {name: value for name, value in asked.state(there).items() if name in CARRIED}


def _sorts(units: LayerUnits) -> dict[str, str]:
    """By what units can be sorted: by statistics where there are any."""
    if units.dataset is None:
        return {INDEX: SORT[INDEX]}
    is_placed = any(each.statistics and each.statistics.place is not None for each in units.units)
    return {name: word for name, word in SORT.items() if is_placed or name != SIMILARITY}


def _with_all(found: Mapping[str, str]) -> dict[str, str]:
    return {"": "All", **found} if found else {}


def _chosen(value: str, options: Mapping[str, str]) -> str:
    return chosen(value, options) if options else ""


def _unless_first(value: str, options: Mapping[str, str]) -> str:
    return unless_first(value, options) if options else ""


def in_family(labels: Iterable[LabelView], family: str, unit: int) -> bool:
    """Whether a unit bears a label of a family."""
    return any(each.start <= unit < each.stop for each in labels if each.family == family)

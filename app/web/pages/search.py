"""`/search`: whatever was typed into the one box, answered; without a text, what can be asked."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from app.db.queries.run_status import live_run
from app.db.search.criteria import EFFECT, SEARCHED
from app.db.views import ImageView, LabelView, RunView
from app.search.place_names import NamedPlace
from app.search.results import SearchResults, UnitResult, answer
from app.statistics import is_share
from app.web.dependencies import AppStateDep
from app.web.pages.formatting import SORT
from app.web.pages.templates import Crumb, Shell, page
from app.web.search_links import (
    hit_path,
    key_of,
    place_detail,
    place_name,
    place_of,
    place_path,
)
from app.web.urls import Urls

router = APIRouter(include_in_schema=False)

# What can be asked, each with what it means.
EXAMPLES = {
    "4c:447": "a unit, as papers write it; mixed4c/447 is the same",
    "mixed4c_3x3:12": "a unit by its number inside a branch, as programs count",
    "tabby": "a class, a label or a family by its name",
    "class:tabby": "units that argue for a class, the strongest first",
    "layer:4c density<10%": "units by place and statistics",
    "branch:5x5 sort:maximum": "the units of all 5×5 branches, the highest maximum first",
    "dead": "units that are above 0 nowhere; -dead for all others",
    "label:*": "units that bear a label; label:curve for one",
}

# Titles of browsers' tabs and histories are short.
TITLE = 60


@dataclass(frozen=True, slots=True)
class StatisticValue:
    """A number that was asked for."""

    name: str
    value: float
    is_share: bool
    is_signed: bool


@dataclass(frozen=True, slots=True)
class UnitHit:
    """A unit that was found, ready to be shown."""

    path: str
    layer: str
    unit: int
    title: str | None
    image: ImageView | None
    labels: tuple[LabelView, ...]
    values: tuple[StatisticValue, ...]
    branch: str | None
    model: str
    """The model's title."""


@dataclass(frozen=True, slots=True)
class PlaceResult:
    """A model, a layer or a branch that was found."""

    name: str
    detail: str
    model: str
    """The model's title."""
    path: str


@dataclass(frozen=True, slots=True)
class ExampleQuery:
    """Something that can be asked."""

    query: str
    meaning: str
    path: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """What `search.html` shows."""

    shell: Shell
    answer: SearchResults
    certain: UnitHit | None
    """The one unit that an address means, shown large."""
    results: tuple[UnitHit, ...]
    """Units that fit, but for the certain one."""
    doors: tuple[PlaceResult, ...]
    names_models: bool
    """Whether it must be said which model each is of."""
    more: str | None
    """The path of the next page."""
    examples: tuple[ExampleQuery, ...]
    """What can be asked; empty where something was found."""
    statistics: tuple[str, ...] = SEARCHED
    """The names of those that can be compared."""


@router.get("/search")
def search(app_state: AppStateDep, q: str = "", after: str = "") -> HTMLResponse:
    with app_state.snapshot() as db:
        found, run = answer(db, q, place_of(after)), live_run(db)
    return page(app_state, "search.html", _context(app_state.urls, found, run, after))


def _context(urls: Urls, found: SearchResults, run: RunView | None, after: str) -> SearchPage:
    results = tuple(_result(urls, hit) for hit in found.hits)
    more = urls.search(found.query, key_of(found.after)) if found.after else None
    doors = tuple(_door(urls, place) for place in found.places)
    return SearchPage(
        shell=_shell(urls, found, run, after, more),
        answer=found,
        certain=results[0] if found.is_certain else None,
        results=() if found.is_certain else results,
        doors=doors,
        names_models=len({*(each.model for each in results), *(door.model for door in doors)}) > 1,
        more=more,
        examples=_examples(urls) if found.is_empty and not after else (),
    )


def _shell(
    urls: Urls, found: SearchResults, run: RunView | None, after: str, more: str | None
) -> Shell:
    query = found.query if len(found.query) <= TITLE else f"{found.query[:TITLE]}…"
    return Shell(
        f"{query} · Search" if query else "Search",
        run=run,
        next=Crumb("More", more) if more else None,
        data=urls.search_data(found.query, after) if query else None,
        query=found.query,
    )


def _result(urls: Urls, hit: UnitResult) -> UnitHit:
    unit = hit.unit
    return UnitHit(
        path=hit_path(urls, hit),
        layer=unit.place.layer,
        unit=unit.place.unit,
        title=unit.title,
        image=unit.image,
        labels=unit.labels,
        values=tuple(_value(name, value) for name, value in unit.numbers.items()),
        branch=hit.branch,
        model=hit.model.title,
    )


def _value(name: str, value: float) -> StatisticValue:
    return StatisticValue(SORT.get(name, "Effect"), value, is_share(name), name == EFFECT)


def _door(urls: Urls, place: NamedPlace) -> PlaceResult:
    path = place_path(urls, place)
    return PlaceResult(place_name(place), place_detail(place), place.model.title, path)


def _examples(urls: Urls) -> tuple[ExampleQuery, ...]:
    return tuple(
        ExampleQuery(query, meaning, urls.search(query)) for query, meaning in EXAMPLES.items()
    )

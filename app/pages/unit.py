"""`/models/{model}/{layer}/{unit}`: a unit's pictures, its examples, what data sets say of it."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.pages.addresses import our_layer, unit_index
from app.pages.choices import COUNTS, HINTS, SHOW, Choice, choices, chosen, unless_first
from app.pages.examples import ExampleList, can_choose, example_lists
from app.pages.findings import Findings, findings
from app.pages.methods import Method, methods_by_recipe
from app.pages.pictures import PictureGroup, Shown, first_picture, unit_groups
from app.pages.rendering import page
from app.pages.shell import Crumb, Shell, model_crumbs, running
from app.pages.words import unit_name
from app.store import evidence, ledger, read
from app.store.views import LayerView, ModelView, RunView
from app.store.views_evidence import UnitDetail
from app.wiring import House, Wired

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class View:
    """What the reader has chosen, one of `SHOW` and one of `COUNTS`."""

    show: str
    counts: str


@dataclass(frozen=True, slots=True)
class UnitPage:
    """What `unit.html` shows."""

    shell: Shell
    model: ModelView
    layer: LayerView
    unit: UnitDetail
    branch: str | None
    """The branch of the module that the unit belongs to."""
    first: Shown | None
    """The picture that is shown large."""
    lists: tuple[ExampleList, ...]
    """The top examples, then the minimum examples."""
    shows: tuple[Choice, ...]
    """How examples are shown; empty where there is one way only."""
    hint: str
    """What to see in them, as they are shown."""
    findings: tuple[Findings, ...]
    """What each data set says."""
    counts: tuple[Choice, ...]
    """How the histogram's counts are drawn."""
    dead: tuple[str, ...]
    """The titles of the data sets in which the unit is above 0 nowhere."""
    groups: tuple[PictureGroup, ...]
    """Other techniques and seeds."""
    methods: tuple[Method, ...]
    """How all these pictures were made."""
    latest: RunView | None
    """The run that last worked on the model, which tells the program's version."""


@router.get("/models/{model}/{layer}/{unit}", response_class=HTMLResponse)
def unit(
    house: Wired, model: str, layer: str, unit: str, show: str = "", counts: str = ""
) -> Response:
    view = View(chosen(show, SHOW), chosen(counts, COUNTS))
    home = read.model(house.engine, model)
    index, name = unit_index(unit), our_layer(house, model, layer)
    if name != layer:
        return RedirectResponse(_path(house, view, model, name, index), 308)
    place = read.layer(house.engine, model, layer)
    found = evidence.unit(house.engine, model, layer, index)
    return page(house, "unit.html", _context(house, home, place, found, view))


def _context(
    house: House, model: ModelView, layer: LayerView, unit: UnitDetail, view: View
) -> UnitPage:
    first, groups = first_picture(layer.name, unit), unit_groups(layer.name, unit)
    rest = [shown for group in groups for shown in group.pictures]
    told = findings(layer, unit, view.show, view.counts)
    return UnitPage(
        shell=_shell(house, model, layer, unit, view),
        model=model,
        layer=layer,
        unit=unit,
        branch=layer.branch_of(unit.index),
        first=first,
        lists=example_lists(unit, view.show),
        shows=_shows(house, model.slug, layer.name, unit, view),
        hint=HINTS[view.show],
        findings=told,
        counts=_counts(house, model.slug, layer.name, unit.index, view),
        dead=_dead(told),
        groups=groups,
        methods=methods_by_recipe([first, *rest] if first else rest),
        latest=ledger.latest_run(house.engine, model.slug),
    )


def _shows(
    house: House, model: str, layer: str, unit: UnitDetail, view: View
) -> tuple[Choice, ...]:
    """Links to each way of showing the examples, where there are several."""

    def path(show: str) -> str:
        counts = unless_first(view.counts, COUNTS)
        return house.urls.unit(model, layer, unit.index, "examples", show=show, counts=counts)

    return choices(SHOW, view.show, path) if can_choose(unit.examples) else ()


def _counts(house: House, model: str, layer: str, unit: int, view: View) -> tuple[Choice, ...]:
    """Links to each way of drawing the counts."""

    def path(counts: str) -> str:
        show = unless_first(view.show, SHOW)
        return house.urls.unit(model, layer, unit, "histogram", show=show, counts=counts)

    return choices(COUNTS, view.counts, path)


def _dead(told: tuple[Findings, ...]) -> tuple[str, ...]:
    found = ((each.title, each.spread) for each in told)
    return tuple(title for title, spread in found if spread and spread.statistics.summary.is_dead)


def _path(house: House, view: View, model: str, layer: str, unit: int) -> str:
    """A unit's page, with what the reader has chosen on this one."""
    show, counts = unless_first(view.show, SHOW), unless_first(view.counts, COUNTS)
    return house.urls.unit(model, layer, unit, show=show, counts=counts)


def _shell(house: House, model: ModelView, layer: LayerView, unit: UnitDetail, view: View) -> Shell:
    def crumb(index: int) -> Crumb | None:
        if not 0 <= index < layer.channels:
            return None
        name = unit_name(layer.name, index)
        return Crumb(name, _path(house, view, model.slug, layer.name, index))

    name = unit_name(layer.name, unit.index)
    return Shell(
        f"{unit.title}, {name} · {model.title}" if unit.title else f"{name} · {model.title}",
        crumbs=model_crumbs(house, model.title, model.slug, layer.name),
        run=running(house, model.slug),
        previous=crumb(unit.index - 1),
        next=crumb(unit.index + 1),
        data=house.urls.api_unit(model.slug, layer.name, unit.index),
    )

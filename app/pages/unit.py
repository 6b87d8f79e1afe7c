"""`/models/{model}/{layer}/{unit}`: a unit's pictures, its examples, and how they came."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.pages.addresses import our_layer, unit_index
from app.pages.methods import Method, methods_by_recipe
from app.pages.pictures import PictureGroup, Shown, first_picture, unit_groups
from app.pages.rendering import page
from app.pages.shell import Crumb, Shell, model_crumbs, running
from app.pages.words import unit_name
from app.store import evidence, ledger, read
from app.store.views import (
    ExampleView,
    LayerView,
    ModelView,
    RunView,
    ScanView,
    UnitDetail,
)
from app.wiring import House, Wired

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class ExampleList:
    """The examples of one kind from one data set."""

    kind: str
    scan: ScanView | None
    dataset: str
    examples: tuple[ExampleView, ...]


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
    groups: tuple[PictureGroup, ...]
    """Other techniques and seeds."""
    methods: tuple[Method, ...]
    """How all these pictures were made."""
    marker: float
    """The radius of the mark on an example, in cells of the map."""
    latest: RunView | None
    """The run that last worked on the model, which tells the program's version."""


@router.get("/models/{model}/{layer}/{unit}", response_class=HTMLResponse)
def unit(house: Wired, model: str, layer: str, unit: str) -> Response:
    home = read.model(house.engine, model)
    index, name = unit_index(unit), our_layer(house, model, layer)
    if name != layer:
        return RedirectResponse(house.urls.unit(model, name, index), 308)
    view = read.layer(house.engine, model, layer)
    found = evidence.unit(house.engine, model, layer, index)
    return page(house, "unit.html", _context(house, home, view, found))


def _context(house: House, model: ModelView, layer: LayerView, unit: UnitDetail) -> UnitPage:
    first, groups = first_picture(layer.name, unit), unit_groups(layer.name, unit)
    rest = [shown for group in groups for shown in group.pictures]
    return UnitPage(
        shell=_shell(house, model, layer, unit),
        model=model,
        layer=layer,
        unit=unit,
        branch=layer.branch_of(unit.index),
        first=first,
        lists=example_lists(unit),
        groups=groups,
        methods=methods_by_recipe([first, *rest] if first else rest),
        marker=max(layer.map_size / 16, 0.5),
        latest=ledger.latest_run(house.engine, model.slug),
    )


def example_lists(unit: UnitDetail) -> tuple[ExampleList, ...]:
    """The examples by kind and data set, each list by rank; `top` before other kinds."""
    scans = {scan.dataset: scan for scan in unit.scans}
    ordered = sorted(unit.examples, key=_place)
    return tuple(
        ExampleList(kind, scans.get(dataset), dataset, tuple(examples))
        for (_, kind, dataset), examples in groupby(ordered, key=lambda each: _place(each)[:3])
    )


def _place(example: ExampleView) -> tuple[bool, str, str, int]:
    return (example.kind != "top", example.kind, example.dataset, example.rank)


def _shell(house: House, model: ModelView, layer: LayerView, unit: UnitDetail) -> Shell:
    def crumb(index: int) -> Crumb | None:
        if not 0 <= index < layer.channels:
            return None
        name = unit_name(layer.name, index)
        return Crumb(name, house.urls.unit(model.slug, layer.name, index))

    name = unit_name(layer.name, unit.index)
    return Shell(
        f"{unit.title}, {name} · {model.title}" if unit.title else f"{name} · {model.title}",
        crumbs=model_crumbs(house, model.title, model.slug, layer.name),
        run=running(house, model.slug),
        previous=crumb(unit.index - 1),
        next=crumb(unit.index + 1),
        data=house.urls.api_unit(model.slug, layer.name, unit.index),
    )

"""`/models/{model}/{layer}`: every unit of a layer as a thumbnail, by branch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.pages.addresses import our_layer
from app.pages.rendering import page
from app.pages.shell import Crumb, Shell, model_crumbs, running
from app.store import read
from app.store.views import BranchView, LayerView, ModelView, UnitView
from app.wiring import House, Wired

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Section:
    """The units of one branch; of the whole layer where there is no branch."""

    branch: BranchView | None
    units: tuple[UnitView, ...]


@dataclass(frozen=True, slots=True)
class LayerPage:
    """What `layer.html` shows."""

    shell: Shell
    model: ModelView
    layer: LayerView
    sections: tuple[Section, ...]
    """The units in the order of their index, cut at the branches."""


@router.get("/models/{model}/{layer}", response_class=HTMLResponse)
def layer(house: Wired, model: str, layer: str) -> Response:
    home = read.model(house.engine, model)
    name = our_layer(house, model, layer)
    if name != layer:
        return RedirectResponse(house.urls.layer(model, name), 308)
    view = read.layer(house.engine, model, layer)
    parts = sections(view, read.units(house.engine, model, layer))
    return page(house, "layer.html", LayerPage(_shell(house, home, view), home, view, parts))


def sections(layer: LayerView, units: Sequence[UnitView]) -> tuple[Section, ...]:
    """The units cut at the branches."""
    if not layer.branches:
        return (Section(None, tuple(units)),)
    return tuple(
        Section(branch, tuple(units[branch.start : branch.stop])) for branch in layer.branches
    )


def _shell(house: House, model: ModelView, layer: LayerView) -> Shell:
    """The frame, with the layers before and after this one."""
    around = {view.ordinal: view.name for view in read.layers(house.engine, model.slug)}

    def crumb(ordinal: int) -> Crumb | None:
        name = around.get(ordinal)
        return Crumb(name, house.urls.layer(model.slug, name)) if name else None

    return Shell(
        f"{layer.name} · {model.title}",
        crumbs=model_crumbs(house, model.title, model.slug),
        run=running(house, model.slug),
        previous=crumb(layer.ordinal - 1),
        next=crumb(layer.ordinal + 1),
        data=house.urls.api_layer(model.slug, layer.name),
    )

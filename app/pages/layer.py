"""`/models/{model}/{layer}`: a layer's own pictures, and its units as thumbnails, by branch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.pages.addresses import our_layer
from app.pages.methods import Method, methods
from app.pages.pictures import PictureGroup, layer_groups
from app.pages.rendering import page
from app.pages.shell import Crumb, Shell, model_crumbs, running
from app.store import evidence, read
from app.store.views import BranchView, LayerView, ModelView, UnitView, VisualizationView
from app.wiring import House, Wired

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Section:
    """The units of one branch; of the whole layer where there is no branch."""

    branch: BranchView | None
    units: tuple[UnitView, ...]


@dataclass(frozen=True, slots=True)
class Whole:
    """Pictures of the layer as a whole by one technique, with how they were made."""

    group: PictureGroup
    method: Method


@dataclass(frozen=True, slots=True)
class LayerPage:
    """What `layer.html` shows."""

    shell: Shell
    model: ModelView
    layer: LayerView
    wholes: tuple[Whole, ...]
    """DeepDream, where it was rendered."""
    sections: tuple[Section, ...]
    """The units in the order of their index, cut at the branches."""


@router.get("/models/{model}/{layer}", response_class=HTMLResponse)
def layer(house: Wired, model: str, layer: str) -> Response:
    home = read.model(house.engine, model)
    name = our_layer(house, model, layer)
    if name != layer:
        return RedirectResponse(house.urls.layer(model, name), 308)
    return page(house, "layer.html", _context(house, home, read.layer(house.engine, model, layer)))


def _context(house: House, model: ModelView, layer: LayerView) -> LayerPage:
    pictures = evidence.layer_pictures(house.engine, model.slug, layer.name)
    return LayerPage(
        shell=_shell(house, model, layer),
        model=model,
        layer=layer,
        wholes=wholes(layer.name, pictures),
        sections=sections(layer, read.units(house.engine, model.slug, layer.name)),
    )


def wholes(layer: str, pictures: Sequence[VisualizationView]) -> tuple[Whole, ...]:
    """The layer's own pictures by technique."""
    groups = layer_groups(layer, pictures)
    made = methods(shown for group in groups for shown in group.pictures)
    return tuple(Whole(group, method) for group, method in zip(groups, made, strict=True))


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

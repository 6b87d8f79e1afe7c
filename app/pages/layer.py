"""`/models/{model}/{layer}`: a layer's own pictures, and its units as thumbnails, by branch or
by one of their statistics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.pages.addresses import our_layer
from app.pages.choices import ORDER, SORT, Choice, choices, chosen, unless_first
from app.pages.methods import Method, methods
from app.pages.pictures import PictureGroup, layer_groups
from app.pages.rendering import page
from app.pages.shell import Crumb, Shell, model_crumbs, running
from app.pages.sorting import INDEX, Tile, in_order, tiles
from app.store import evidence, read
from app.store.views import BranchView, LayerView, ModelView, UnitView, VisualizationView
from app.wiring import House, Wired

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Section:
    """The units of one branch; of the whole layer where there is none, or another order."""

    branch: BranchView | None
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class Whole:
    """Pictures of the layer as a whole by one technique, with how they were made."""

    group: PictureGroup
    method: Method


@dataclass(frozen=True, slots=True)
class Sorting:
    """How the units are sorted, and the links to other ways."""

    sort: str
    by: tuple[Choice, ...]
    order: tuple[Choice, ...]
    """Highest or lowest first; empty where they are sorted by index."""
    dataset: str
    """The title of the data set whose statistics they are."""


@dataclass(frozen=True, slots=True)
class LayerPage:
    """What `layer.html` shows."""

    shell: Shell
    model: ModelView
    layer: LayerView
    wholes: tuple[Whole, ...]
    """DeepDream, where it was rendered."""
    sorting: Sorting | None
    """None where no unit has statistics."""
    sections: tuple[Section, ...]
    """The units in the order of their index, cut at the branches; or all, as they are sorted."""


@router.get("/models/{model}/{layer}", response_class=HTMLResponse)
def layer(house: Wired, model: str, layer: str, sort: str = "", order: str = "") -> Response:
    home = read.model(house.engine, model)
    name = our_layer(house, model, layer)
    by = chosen(sort, SORT)
    way = chosen("" if by == INDEX else order, ORDER)
    if name != layer:
        return RedirectResponse(_path(house, model, name, by, way), 308)
    place = read.layer(house.engine, model, layer)
    return page(house, "layer.html", _context(house, home, place, by, way))


def _context(house: House, model: ModelView, layer: LayerView, sort: str, order: str) -> LayerPage:
    units = read.units(house.engine, model.slug, layer.name)
    sorting = _sorting(house, model.slug, layer.name, sort, order)
    is_by_index = sorting is None or sort == INDEX
    pictures = evidence.layer_pictures(house.engine, model.slug, layer.name)
    return LayerPage(
        shell=_shell(house, model, layer),
        model=model,
        layer=layer,
        wholes=wholes(layer.name, pictures),
        sorting=sorting,
        sections=sections(layer, units)
        if is_by_index
        else (Section(None, in_order(units, sort, order)),),
    )


def wholes(layer: str, pictures: Sequence[VisualizationView]) -> tuple[Whole, ...]:
    """The layer's own pictures by technique."""
    groups = layer_groups(layer, pictures)
    made = methods(shown for group in groups for shown in group.pictures)
    return tuple(Whole(group, method) for group, method in zip(groups, made, strict=True))


def _sorting(house: House, model: str, layer: str, sort: str, order: str) -> Sorting | None:
    found = read.statistics_dataset(house.engine, model, layer)
    if found is None:
        return None
    by = choices(SORT, sort, lambda each: _path(house, model, layer, each, order, "units"))
    ways = choices(ORDER, order, lambda each: _path(house, model, layer, sort, each, "units"))
    return Sorting(sort, by, () if sort == INDEX else ways, found[1])


def _path(house: House, model: str, layer: str, sort: str, order: str, panel: str = "") -> str:
    """A layer's page in an order of its units; an index has only one."""
    if sort in ("", INDEX):
        return house.urls.layer(model, layer, panel=panel)
    return house.urls.layer(model, layer, panel, sort=sort, order=unless_first(order, ORDER))


def sections(layer: LayerView, units: Sequence[UnitView]) -> tuple[Section, ...]:
    """The units cut at the branches."""
    if not layer.branches:
        return (Section(None, tiles(units)),)
    return tuple(
        Section(branch, tiles(units[branch.start : branch.stop])) for branch in layer.branches
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

"""`/models/{model}/{layer}`: a layer's own pictures, and all its units as thumbnails, by branch or
by one of their statistics, of the technique that the reader chose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.pages.addresses import our_layer
from app.pages.layer_choices import Asked, Menu, carried, in_family, menus, options
from app.pages.layer_tiles import Shelf, Tile
from app.pages.methods import Method, methods
from app.pages.pictures import PictureGroup, layer_groups
from app.pages.rendering import page
from app.pages.shell import Crumb, Shell, jumps, model_crumbs, running
from app.pages.sorting import INDEX, in_order
from app.store import evidence, labels, lists, read
from app.store.lists import ListedUnit, UnitList
from app.store.views import BranchView, LabelView, LayerView, VisualizationView
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
class LayerPage:
    """What `layer.html` shows."""

    shell: Shell
    layer: LayerView
    wholes: tuple[Whole, ...]
    """DeepDream, where it was rendered."""
    menus: tuple[Menu, ...]
    """How the units can be shown."""
    size: str
    """Of the tiles: `s`, `m` or `l`."""
    order_of: str
    """The title of the data set by whose statistics they are sorted; empty by index."""
    count: int
    """How many units are listed."""
    is_exemplified: bool
    """Whether units are shown by their examples, since none has a picture."""
    sections: tuple[Section, ...]
    """The units in the order of their index, cut at the branches; or all, as they are sorted."""


@router.get("/models/{model}/{layer}", response_class=HTMLResponse)
def layer(
    house: Wired,
    model: str,
    layer: str,
    technique: str = "",
    size: str = "",
    sort: str = "",
    order: str = "",
    branch: str = "",
    family: str = "",
    dead: str = "",
) -> Response:
    asked = Asked(technique, size, sort, order, branch, family, dead)
    name = our_layer(house, model, layer)
    if name != layer:
        return RedirectResponse(house.urls.layer(model, name, **asked.state()), 308)
    return page(house, "layer.html", _context(house, model, layer, asked))


def _context(house: House, model: str, layer: str, asked: Asked) -> LayerPage:
    read.require_model(house.engine, model)
    home = read.layer(house.engine, model, layer)
    found = lists.unit_list(house.engine, model, layer, asked.technique)
    own = labels.of_layer(house.engine, model, layer)
    there = options(home, found, own, asked.sort)
    asked = asked.within(there)
    units = listed(home, found.units, own, asked)
    pictures = evidence.layer_pictures(house.engine, model, layer)
    shelf = Shelf(house.urls, home, found, is_large=asked.size == "l")
    loose = lists.images(house.engine, shelf.loose(units))
    shown = shelf.tiles(model, units, loose, own, asked.sort)
    return LayerPage(
        shell=_shell(house, model, home, found, carried(asked, there)),
        layer=home,
        wholes=wholes(layer, pictures),
        menus=menus(house.urls, model, layer, asked, there),
        size=asked.size,
        order_of="" if asked.sort == INDEX else found.dataset or "",
        count=len(units),
        is_exemplified=not home.pictured and any(tile.sheet or tile.picture for tile in shown),
        sections=sections(home, shown) if asked.sort == INDEX else (Section(None, shown),),
    )


def listed(
    layer: LayerView, units: Sequence[ListedUnit], labels: Sequence[LabelView], asked: Asked
) -> Sequence[ListedUnit]:
    """The units that are asked for, in the order that is."""
    found = units
    for branch in layer.branches:
        if branch.name == asked.branch:
            found = found[branch.start : branch.stop]
    if asked.family:
        found = [unit for unit in found if in_family(labels, asked.family, unit.index)]
    if asked.dead == "hide":
        found = [unit for unit in found if not (unit.statistics and unit.statistics.is_dead)]
    return found if asked.sort == INDEX else in_order(found, asked.sort, asked.order)


def wholes(layer: str, pictures: Sequence[VisualizationView]) -> tuple[Whole, ...]:
    """The layer's own pictures by technique."""
    groups = layer_groups(layer, pictures)
    made = methods(shown for group in groups for shown in group.pictures)
    return tuple(Whole(group, method) for group, method in zip(groups, made, strict=True))


def sections(layer: LayerView, found: Sequence[Tile]) -> tuple[Section, ...]:
    """Tiles by index, cut at the branches; a branch of which none is listed is left out."""
    if not layer.branches:
        return (Section(None, tuple(found)),)
    parts = (
        Section(branch, tuple(tile for tile in found if branch.start <= tile.number < branch.stop))
        for branch in layer.branches
    )
    return tuple(part for part in parts if part.tiles)


def _shell(
    house: House, model: str, layer: LayerView, found: UnitList, state: dict[str, str]
) -> Shell:
    """The frame, with the layers before and after this one, shown as this one is."""
    around = jumps(house, model)

    def crumb(ordinal: int) -> Crumb | None:
        if not 0 <= ordinal < len(around):
            return None
        name = around[ordinal].name
        return Crumb(name, house.urls.layer(model, name, **state))

    return Shell(
        f"{layer.name} · {found.title}",
        crumbs=model_crumbs(house, found.title, model),
        run=running(house, model),
        previous=crumb(layer.ordinal - 1),
        next=crumb(layer.ordinal + 1),
        data=house.urls.data_of(house.urls.layer(model, layer.name)),
        jumps=around,
    )

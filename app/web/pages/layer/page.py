"""`/models/{model}/{layer}`: a layer's own pictures, and all its units as thumbnails, by branch or
by one of their statistics, of the technique that the reader chose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.db.queries import catalog, lookup, unit_detail, unit_list
from app.db.queries.run_status import live_run
from app.db.queries.unit_list import LayerUnits, ListedUnit
from app.db.transactions import Source
from app.db.views import BranchView, LabelView, LayerView, VisualizationView
from app.web.dependencies import AppStateDep, our_layer
from app.web.pages.layer.sorting import INDEX, in_order
from app.web.pages.layer.tiles import Shelf, Tile
from app.web.pages.layer.view_options import LayerQuery, Menu, carried, in_family, menus, options
from app.web.pages.templates import Crumb, Shell, jumps, model_crumbs, page
from app.web.urls import Urls
from app.web.visualizations import Method, PictureGroup, layer_groups, methods

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
    app_state: AppStateDep,
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
    asked, urls = LayerQuery(technique, size, sort, order, branch, family, dead), app_state.urls
    with app_state.snapshot() as db:
        name = our_layer(db, model, layer)
        if name != layer:
            return RedirectResponse(urls.layer(model, name, **asked.state()), 308)
        context = _context(db, urls, model, layer, asked)
    return page(app_state, "layer.html", context)


def _context(db: Source, urls: Urls, model: str, layer: str, asked: LayerQuery) -> LayerPage:
    catalog.require_model(db, model)
    home = catalog.layer(db, model, layer)
    found = unit_list.unit_list(db, model, layer, asked.technique)
    own = lookup.layer_labels(db, model, layer)
    there = options(home, found, own, asked.sort)
    asked = asked.within(there)
    units = listed(home, found.units, own, asked)
    pictures = unit_detail.layer_pictures(db, model, layer)
    shelf = Shelf(urls, home, found, is_large=asked.size == "l")
    loose = unit_list.images(db, shelf.loose(units))
    shown = shelf.tiles(model, units, loose, own, asked.sort)
    return LayerPage(
        shell=_shell(db, urls, model, home, found, carried(asked, there)),
        layer=home,
        wholes=wholes(layer, pictures),
        menus=menus(urls, model, layer, asked, there),
        size=asked.size,
        order_of="" if asked.sort == INDEX else found.dataset or "",
        count=len(units),
        is_exemplified=not home.pictured and any(tile.sheet or tile.picture for tile in shown),
        sections=sections(home, shown) if asked.sort == INDEX else (Section(None, shown),),
    )


def listed(
    layer: LayerView, units: Sequence[ListedUnit], labels: Sequence[LabelView], asked: LayerQuery
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
    db: Source,
    urls: Urls,
    model: str,
    layer: LayerView,
    found: LayerUnits,
    state: dict[str, str],
) -> Shell:
    """The frame, with the layers before and after this one, shown as this one is."""
    around = jumps(db, urls, model)

    def crumb(ordinal: int) -> Crumb | None:
        if not 0 <= ordinal < len(around):
            return None
        name = around[ordinal].name
        return Crumb(name, urls.layer(model, name, **state))

    return Shell(
        f"{layer.name} · {found.title}",
        crumbs=model_crumbs(urls, found.title, model),
        run=live_run(db, model),
        previous=crumb(layer.ordinal - 1),
        next=crumb(layer.ordinal + 1),
        data=urls.layer_data(model, layer.name),
        jumps=around,
    )

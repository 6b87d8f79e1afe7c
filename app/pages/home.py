"""`/`: what this is, and each model as a large entrance."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from app.pages.rendering import page
from app.pages.shell import Shell, running
from app.store import read
from app.store.views import ModelView, UnitView
from app.wiring import House, Wired

# Three rows of a dozen on a wide screen, six rows of six on a phone.
MOSAIC = 36

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Tile:
    """A picture of the mosaic."""

    layer: str
    unit: UnitView


@dataclass(frozen=True, slots=True)
class Entrance:
    """A model with a mosaic of its pictures."""

    model: ModelView
    mosaic: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class HomePage:
    """What `home.html` shows."""

    shell: Shell
    entrances: tuple[Entrance, ...]
    """The models, in the order in which they were stored."""


@router.get("/")
def home(house: Wired) -> HTMLResponse:
    entrances = tuple(entrance(house, model) for model in read.models(house.engine))
    shell = Shell("", run=running(house))
    return page(house, "home.html", HomePage(shell, entrances))


def entrance(house: House, model: ModelView) -> Entrance:
    """A model's mosaic: some of each layer, from the first layer to the last."""
    strips = read.strips(house.engine, model.slug, MOSAIC)
    queues = [[Tile(layer, unit) for unit in strip] for layer, strip in strips.items()]
    turns = (tile for turn in zip_longest(*queues) for tile in turn if tile is not None)
    chosen = {id(tile) for tile, _ in zip(turns, range(MOSAIC), strict=False)}
    ordered = (tile for queue in queues for tile in queue if id(tile) in chosen)
    return Entrance(model, tuple(ordered))

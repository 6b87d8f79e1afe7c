"""`/models`: the models that are stored here, with where they come from."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from app.pages.cards import card, first_shown
from app.pages.home import Entrance, entrance
from app.pages.rendering import page
from app.pages.shell import Shell, running
from app.store import read
from app.wiring import Origin, Wired

ABOUT = "Networks whose units can be seen here: each training is its own set of units."

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class ModelsPage:
    """What `models.html` shows."""

    shell: Shell
    entrances: tuple[Entrance, ...]
    """The models, in the order in which they were stored."""


@router.get("/models")
def models(house: Wired, origin: Origin) -> HTMLResponse:
    entrances = tuple(entrance(house, model) for model in read.models(house.engine))
    shown = first_shown(tile.unit.image for each in entrances for tile in each.mosaic)
    shell = Shell(
        "Models",
        run=running(house),
        data=house.urls.data_of(house.urls.models()),
        card=card(house, origin, house.urls.models(), "Models", ABOUT, shown),
    )
    return page(house, "models.html", ModelsPage(shell, entrances))

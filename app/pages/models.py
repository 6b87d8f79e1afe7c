"""`/models`: the models that are stored here, with where they come from."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from app.pages.home import Entrance, entrance
from app.pages.rendering import page
from app.pages.shell import Shell, running
from app.store import read
from app.wiring import Wired

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class ModelsPage:
    """What `models.html` shows."""

    shell: Shell
    entrances: tuple[Entrance, ...]
    """The models, in the order in which they were stored."""


@router.get("/models")
def models(house: Wired) -> HTMLResponse:
    entrances = tuple(entrance(house, model) for model in read.models(house.engine))
    shell = Shell("Models", run=running(house), data=house.urls.api_models())
    return page(house, "models.html", ModelsPage(shell, entrances))

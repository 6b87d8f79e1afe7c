"""`/models`: the models that are stored here, with where they come from."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from app.db.queries import catalog
from app.web.dependencies import AppStateDep, Origin, in_snapshot
from app.web.pages.home.page import Entrance, entrance
from app.web.pages.templates import Shell, card, first_shown, page, running

ABOUT = "Networks whose units can be seen here: each training is its own set of units."

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class ModelsPage:
    """What `models.html` shows."""

    shell: Shell
    entrances: tuple[Entrance, ...]
    """The models, in the order in which they were stored."""


@router.get("/models")
@in_snapshot
def models(app_state: AppStateDep, origin: Origin) -> HTMLResponse:
    entrances = tuple(entrance(app_state, model) for model in catalog.models(app_state.db))
    shown = first_shown(tile.unit.image for each in entrances for tile in each.mosaic)
    shell = Shell(
        "Models",
        run=running(app_state),
        data=app_state.urls.data_of(app_state.urls.models()),
        card=card(app_state, origin, app_state.urls.models(), "Models", ABOUT, shown),
    )
    return page(app_state, "models.html", ModelsPage(shell, entrances))

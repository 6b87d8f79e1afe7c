"""`/models`: the models that are stored here, with where they come from."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from app.db.queries import catalog
from app.db.queries.run_status import live_run
from app.web.dependencies import AppStateDep, Origin
from app.web.pages.home.page import Entrance, entrance
from app.web.pages.templates import Shell, card, first_shown, page

ABOUT = "Networks whose units can be seen here: each training is its own set of units."

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class ModelsPage:
    """What `models.html` shows."""

    shell: Shell
    entrances: tuple[Entrance, ...]
    """The models, in the order in which they were stored."""


@router.get("/models")
def models(app_state: AppStateDep, origin: Origin) -> HTMLResponse:
    urls, links = app_state.urls, app_state.urls.at(origin)
    with app_state.snapshot() as db:
        entrances = tuple(entrance(db, model) for model in catalog.models(db))
        run = live_run(db)
    shown = first_shown(tile.unit.image for each in entrances for tile in each.mosaic)
    shell = Shell(
        "Models",
        run=run,
        data=urls.models_data(),
        card=card(links, links.models(), "Models", ABOUT, shown),
    )
    return page(app_state, "models.html", ModelsPage(shell, entrances))

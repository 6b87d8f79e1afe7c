"""`/`: what this is, each model as a large entrance, and a tour for who comes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from app.db.queries import catalog
from app.db.queries.run_status import live_run
from app.db.tour import stored_tour as tours
from app.db.transactions import Source
from app.db.views import ModelView, UnitView
from app.db.views.overview import HighlightView
from app.web.dependencies import AppStateDep, Origin
from app.web.pages.formatting import Choice, choices, chosen
from app.web.pages.home.tour import TourStop, stops
from app.web.pages.templates import Shell, card, first_shown, page
from app.web.urls import Urls

# Two rows of a dozen on a wide screen, four rows of six on a phone: with what else is seen at
# first, about half a megabyte.
MOSAIC = 24

ABOUT = (
    "An explorer of InceptionV1: for every unit a picture made to excite it, beside the images "
    "that really do."
)

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class HomeTile:
    """A picture of the mosaic."""

    layer: str
    unit: UnitView


@dataclass(frozen=True, slots=True)
class Entrance:
    """A model with a mosaic of its pictures."""

    model: ModelView
    mosaic: tuple[HomeTile, ...]


@dataclass(frozen=True, slots=True)
class TourPanel:
    """The tour of one model, and the ways to those of others."""

    model: ModelView
    stops: tuple[TourStop, ...]
    others: tuple[Choice, ...]
    """All models that have one; empty where it is the only one."""


@dataclass(frozen=True, slots=True)
class HomePage:
    """What `home.html` shows."""

    shell: Shell
    entrances: tuple[Entrance, ...]
    """The models, in the order in which they were stored."""
    tour: TourPanel | None
    """None where nothing remarkable is stored yet."""


@router.get("/")
def home(app_state: AppStateDep, origin: Origin, tour: str = "") -> HTMLResponse:
    urls, links = app_state.urls, app_state.urls.at(origin)
    with app_state.snapshot() as db:
        models = catalog.models(db)
        entrances = tuple(entrance(db, model) for model in models)
        highlights = tours.highlights(db)
        run = live_run(db)
    shown = first_shown(tile.unit.image for each in entrances for tile in each.mosaic)
    shell = Shell(
        "",
        run=run,
        data=urls.api_models(),
        card=card(links, links.home(), "Inception Microscope", ABOUT, shown),
    )
    panel = choose_tour(urls, models, highlights, tour)
    return page(app_state, "home.html", HomePage(shell, entrances, panel))


def entrance(db: Source, model: ModelView) -> Entrance:
    """A model's mosaic: some units of each layer, from the first layer to the last."""
    strips = catalog.mosaic(db, model.slug, MOSAIC) if model.pictured else {}
    tiles = (HomeTile(layer, unit) for layer, strip in strips.items() for unit in strip)
    return Entrance(model, tuple(tiles))


def choose_tour(
    urls: Urls, models: Sequence[ModelView], found: Sequence[HighlightView], wanted: str
) -> TourPanel | None:
    """The tour that an address names, or that of the first model that has one."""
    have = {view.model for view in found}
    titled = {model.slug: model.title for model in models if model.slug in have}
    if not titled:
        return None
    slug = chosen(wanted, titled)
    others = choices(titled, slug, lambda each: urls.home(panel="tour", tour=each))
    return TourPanel(
        next(model for model in models if model.slug == slug),
        stops(view for view in found if view.model == slug),
        others if len(others) > 1 else (),
    )

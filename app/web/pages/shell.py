"""What every page has around its content: title, breadcrumbs, neighbours, and what runs."""

from __future__ import annotations

from dataclasses import dataclass

from app.db.queries import catalog, run_status
from app.db.views import RunView
from app.web.dependencies import AppState


@dataclass(frozen=True, slots=True)
class Crumb:
    """A step of the way from the home page to this one."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Card:
    """A page as a link elsewhere shows it; addresses are absolute."""

    address: str
    title: str
    description: str
    image: str | None = None
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame of a page."""

    title: str
    """Where one is, the nearest first; the site's name is added."""
    crumbs: tuple[Crumb, ...] = ()
    """The pages above this one."""
    run: RunView | None = None
    """The precompute that is going on, if any: the page says so and refreshes itself."""
    previous: Crumb | None = None
    next: Crumb | None = None
    """The neighbours, which the arrow keys lead to."""
    data: str | None = None
    """The path of this page's JSON."""
    card: Card | None = None
    """What a link to the page shows elsewhere, and the address it is cited by."""
    query: str = ""
    """What stands in the search box."""
    is_embedded: bool = False
    """Whether the page stands in a frame of another's: without header and footer."""
    jumps: tuple[Crumb, ...] = ()
    """The layers of the model, which keys lead to."""


def model_crumbs(
    app_state: AppState, title: str, model: str, layer: str | None = None
) -> tuple[Crumb, ...]:
    """The way to what stands below a model, or below one of its layers."""
    urls = app_state.urls
    crumbs = (Crumb("Models", urls.models()), Crumb(title, urls.model(model)))
    return (*crumbs, Crumb(layer, urls.layer(model, layer))) if layer else crumbs


def jumps(app_state: AppState, model: str) -> tuple[Crumb, ...]:
    """The layers of a model, for `Shell.jumps`."""
    names = catalog.layer_names(app_state.db, model)
    return tuple(Crumb(name, app_state.urls.layer(model, name)) for name in names)


def running(app_state: AppState, model: str | None = None) -> RunView | None:
    """The run to speak of on a page about this model, or about all."""
    return run_status.live_run(app_state.db, model)

"""Templates: how a page's typed context becomes HTML.

A template sees the fields of its page's context, the addresses, and the words; nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from app import __version__
from app.db.queries import catalog
from app.db.transactions import Source
from app.db.views import ImageView, RecipeView, RunView
from app.statistics import MAXIMUM, MINIMUM, MOMENTS, SHARES
from app.techniques import TECHNIQUES
from app.unit_names import LOGITS
from app.web.dependencies import AppState
from app.web.middleware import FRAMED, POLICY
from app.web.pages import formatting
from app.web.urls import Urls, branch_anchor
from app.web.visualizations import is_tiny

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def templates(folder: Path, urls: Urls) -> Environment:
    """The environment of all pages: escaped, and strict about names that do not exist."""
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(formatting.FILTERS, href=href)
    environment.tests["tiny"] = is_tiny
    environment.globals.update(
        urls=urls,
        version=__version__,
        branch_anchor=branch_anchor,
        techniques=TECHNIQUES,
        LOGITS=LOGITS,
        summary=(*MOMENTS, MINIMUM, MAXIMUM, *SHARES),  # low before high, as in a histogram
        PRIVATE=formatting.PRIVATE,
        POLICY=POLICY,
        picture_of=formatting.picture_of,
        unit_name=formatting.unit_name,
        recipe_table=recipe_tables(environment),
    )
    return environment


def page(
    app_state: AppState, template: str, context: DataclassInstance, is_framed: bool = False
) -> HTMLResponse:
    """The page; it may change at any moment, so it is asked for again each time.

    One that `is_framed` may stand in a frame of any other site.
    """
    html = render(app_state, template, context)
    mark = {FRAMED: "1"} if is_framed else {}
    return HTMLResponse(html, headers={"Cache-Control": "no-cache"} | mark)


def render(app_state: AppState, template: str, context: DataclassInstance) -> str:
    """The text that a template makes of a context; its addresses are those of `app_state`."""
    names = {"urls": app_state.urls} | variables(context)
    return app_state.templates.get_template(template).render(names)


def variables(context: DataclassInstance) -> dict[str, Any]:
    """The fields of a context by name; not copied, unlike `asdict`."""
    return {field.name: getattr(context, field.name) for field in fields(context)}


# What stands in place of an address that a static copy does not have.
NO_HREF = Markup(' role="link" aria-disabled="true" data-absent title="Not in this copy"')


def href(path: str) -> Markup:
    """The attributes of a link to `path`; it is marked as disabled where there is no path."""
    return Markup(' href="{}"').format(path) if path else NO_HREF


# A database has as many recipes as it has layers times techniques, or fewer.
KEPT = 512


def recipe_tables(environment: Environment) -> Callable[[RecipeView], Markup]:
    """A function for templates that answers a recipe's table."""
    made: dict[str, Markup] = {}

    def table(recipe: RecipeView) -> Markup:
        found = made.get(recipe.sha256)
        if found is None:
            parts = environment.get_template("parts.html").module
            found = parts.recipe(recipe)  # type: ignore[attr-defined]
            if len(made) >= KEPT:
                made.clear()
            made[recipe.sha256] = found
        return found

    return table


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


def model_crumbs(urls: Urls, title: str, model: str, layer: str | None = None) -> tuple[Crumb, ...]:
    """The pages above one of a model: all models, the model, and its layer if one is named."""
    crumbs = (Crumb("Models", urls.models()), Crumb(title, urls.model(model)))
    return (*crumbs, Crumb(layer, urls.layer(model, layer))) if layer else crumbs


def jumps(db: Source, urls: Urls, model: str) -> tuple[Crumb, ...]:
    """The layers of a model, for `Shell.jumps`."""
    names = catalog.layer_names(db, model)
    return tuple(Crumb(name, urls.layer(model, name)) for name in names)


def card(links: Urls, address: str, title: str, text: str, image: ImageView | None = None) -> Card:
    """The card of the page at `address`, which is absolute, as all `links` are."""
    if image is None:
        return Card(address, title, text)
    picture = links.image(image.sha256, image.media_type)
    return Card(address, title, text, picture, f"{title}: a feature visualization")


def first_shown(images: Iterable[ImageView | None]) -> ImageView | None:
    """The first picture that is there and not hidden."""
    return next((image for image in images if image and not image.is_hidden), None)

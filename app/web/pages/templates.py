"""Templates: how a page's typed context becomes HTML.

A template sees the fields of its page's context, the addresses, and the words; nothing else.
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app import __version__
from app.techniques import objective
from app.web.middleware import FRAMED
from app.web.pages import formatting
from app.web.pages.recipe_tables import recipe_tables
from app.web.pages.visualizations import is_tiny
from app.web.urls import Urls, branch_anchor

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from app.web.dependencies import AppState


def templates(folder: Path, urls: Urls) -> Environment:
    """The environment of all pages: escaped, and strict about names that do not exist."""
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(formatting.FILTERS, objective=objective)
    environment.tests["tiny"] = is_tiny
    environment.globals.update(
        urls=urls,
        version=__version__,
        branch_anchor=branch_anchor,
        PRIVATE=formatting.PRIVATE,
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
    html = app_state.templates.get_template(template).render(variables(context))
    mark = {FRAMED: "1"} if is_framed else {}
    return HTMLResponse(html, headers={"Cache-Control": "no-cache"} | mark)


def variables(context: DataclassInstance) -> dict[str, Any]:
    """The fields of a context by name; not copied, unlike `asdict`."""
    return {field.name: getattr(context, field.name) for field in fields(context)}

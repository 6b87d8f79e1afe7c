"""Templates: how a page's typed context becomes HTML.

A template sees the fields of its page's context, the addresses, and the words; nothing else.
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.middleware import FRAMED
from app.pages import words
from app.pages.escaping import Pages
from app.pages.pictures import is_tiny
from app.pages.recipes import recipe_tables
from app.pages.techniques import objective
from app.urls import Urls, branch_anchor
from app.version import VERSION

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from app.wiring import House


def templates(folder: Path, urls: Urls) -> Environment:
    """The environment of all pages: escaped, and strict about names that do not exist."""
    environment = Pages(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(words.FILTERS, objective=objective)
    environment.tests["tiny"] = is_tiny
    environment.globals.update(
        urls=urls,
        version=VERSION,
        branch_anchor=branch_anchor,
        PRIVATE=words.PRIVATE,
        picture_of=words.picture_of,
        unit_name=words.unit_name,
        recipe_table=recipe_tables(environment),
    )
    return environment


def page(
    house: House, template: str, context: DataclassInstance, is_framed: bool = False
) -> HTMLResponse:
    """The page; it may change at any moment, so it is asked for again each time.

    One that `is_framed` may stand in a frame of any other site.
    """
    html = house.templates.get_template(template).render(variables(context))
    mark = {FRAMED: "1"} if is_framed else {}
    return HTMLResponse(html, headers={"Cache-Control": "no-cache"} | mark)


def variables(context: DataclassInstance) -> dict[str, Any]:
    """The fields of a context by name; not copied, unlike `asdict`."""
    return {field.name: getattr(context, field.name) for field in fields(context)}

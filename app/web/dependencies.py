"""What routes are given: the database, the URLs and the templates of this application.

They hang on the application's state, made by `create_app`; two applications share nothing.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from jinja2 import Environment
from sqlalchemy import Connection, Engine

from app.db.queries import catalog
from app.db.transactions import Source, reading
from app.errors import NotFound
from app.web.image_loader import ImageLoader
from app.web.static import Assets
from app.web.telemetry.telemetry import Telemetry
from app.web.urls import Urls, without_port


@dataclass(frozen=True, slots=True)
class AppState:
    """The objects that routes share."""

    engine: Engine
    urls: Urls
    assets: Assets
    templates: Environment
    telemetry: Telemetry
    images: ImageLoader
    site: str = ""
    """The public origin of the pages; empty where it is each request's own."""

    def snapshot(self) -> AbstractContextManager[Connection]:
        """One transaction for all that an answer reads, which sees one state of the database.

        Each route that reads opens exactly one, and renders its template after it.
        """
        return reading(self.engine)


async def app_state(request: Request) -> AppState:
    """The application's state; async, so that it takes no thread."""
    state: AppState = request.app.state.app_state
    return state


async def origin(request: Request) -> str:
    """The origin of the pages, `https://host`, which makes a path an absolute address."""
    state: AppState = request.app.state.app_state
    return state.site or f"{request.url.scheme}://{request.url.netloc}"


async def api_schema(request: Request) -> dict[str, Any]:
    """The application's OpenAPI document."""
    schema: dict[str, Any] = request.app.openapi()
    return schema


AppStateDep = Annotated[AppState, Depends(app_state)]
Origin = Annotated[str, Depends(origin)]
ApiSchema = Annotated[dict[str, Any], Depends(api_schema)]

INDEX = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)


def our_layer(db: Source, model: str, layer: str) -> str:
    """The name under which a layer is stored here: `mixed3b_0` is Microscope's for `mixed3b`."""
    ours = without_port(layer)
    if ours is None:
        return layer
    names = set(catalog.layer_names(db, model))
    return ours if layer not in names and ours in names else layer


def unit_index(text: str) -> int:
    """The index in an address; one way of writing each, so that each unit has one address."""
    if not INDEX.fullmatch(text):
        raise NotFound(f"A unit is addressed by its index, a whole number, not by {text!r}.")
    return int(text)

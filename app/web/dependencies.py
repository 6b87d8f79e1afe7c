"""What routes are given: the database, the URLs and the templates of this application.

They hang on the application's state, made by `create_app`; two applications share nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import wraps
from typing import Annotated, ParamSpec, TypeVar, cast

from fastapi import Depends, Request
from jinja2 import Environment
from sqlalchemy import Engine

from app.db.queries import catalog
from app.db.transactions import Source, reading
from app.errors import NotFound
from app.web.image_loader import ImageLoader
from app.web.static import Assets
from app.web.telemetry.telemetry import Telemetry
from app.web.urls import Urls, without_port

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class AppState:
    """The objects that routes share."""

    engine: Engine
    db: Source
    """What queries take: within `in_snapshot` the transaction of the request, else the engine."""
    urls: Urls
    assets: Assets
    templates: Environment
    telemetry: Telemetry
    images: ImageLoader
    site: str = ""
    """The public origin of the pages; empty where it is each request's own."""

    @contextmanager
    def snapshot(self) -> Iterator[AppState]:
        """The same state, whose queries all see one state of the database."""
        with reading(self.db) as connection:
            yield replace(self, db=connection)


def in_snapshot(route: Callable[P, R]) -> Callable[P, R]:
    """A route that reads the database in one transaction; its state is named `app_state`."""

    @wraps(route)
    def read(*args: P.args, **values: P.kwargs) -> R:
        app_state = cast(AppState, values.pop("app_state"))
        with app_state.snapshot() as snapshot:
            return route(*args, app_state=snapshot, **values)  # type: ignore[arg-type]

    return read


async def app_state(request: Request) -> AppState:
    """The application's state; async, so that it takes no thread."""
    state: AppState = request.app.state.app_state
    return state


async def origin(request: Request) -> str:
    """The origin of the pages, `https://host`, which makes a path an absolute address."""
    state: AppState = request.app.state.app_state
    return state.site or f"{request.url.scheme}://{request.url.netloc}"


AppStateDep = Annotated[AppState, Depends(app_state)]
Origin = Annotated[str, Depends(origin)]

INDEX = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)


def our_layer(app_state: AppState, model: str, layer: str) -> str:
    """The name under which a layer is stored here: `mixed3b_0` is Microscope's for `mixed3b`."""
    ours = without_port(layer)
    if ours is None:
        return layer
    names = set(catalog.layer_names(app_state.db, model))
    return ours if layer not in names and ours in names else layer


def unit_index(text: str) -> int:
    """The index in an address; one way of writing each, so that each unit has one address."""
    if not INDEX.fullmatch(text):
        raise NotFound(f"A unit is addressed by its index, a whole number, not by {text!r}.")
    return int(text)

"""What routes are given: the database, the URLs and the templates of this application.

They hang on the application's state, made by `create_app`; two applications share nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from jinja2 import Environment
from sqlalchemy import Engine

from app.web.image_loader import ImageLoader
from app.web.static import Assets
from app.web.telemetry.telemetry import Telemetry
from app.web.urls import Urls


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

"""What routes are given: the store, the addresses and the templates of this application.

They hang on the application's state, made by `create_app`; two applications share nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from jinja2 import Environment
from sqlalchemy import Engine

from app.assets import Assets
from app.telemetry.telemetry import Telemetry
from app.urls import Urls


@dataclass(frozen=True, slots=True)
class House:
    """Everything that a route may need."""

    engine: Engine
    urls: Urls
    assets: Assets
    templates: Environment
    telemetry: Telemetry
    site: str = ""
    """The public origin of the pages; empty where it is each request's own."""


async def house(request: Request) -> House:
    """The application's own; async, so that it takes no thread."""
    found: House = request.app.state.house
    return found


async def origin(request: Request) -> str:
    """The origin of the pages, `https://host`, which a path makes an absolute address of."""
    found: House = request.app.state.house
    return found.site or f"{request.url.scheme}://{request.url.netloc}"


Wired = Annotated[House, Depends(house)]
Origin = Annotated[str, Depends(origin)]

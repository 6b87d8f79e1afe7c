"""The application: `create_app(settings)` puts the parts together, and does nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread
from fastapi import Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware

from app import assets, heat, services
from app.answers import answer_failures
from app.api import lists, page_data, panels, routes, sources
from app.api import search as search_api
from app.api.document import document
from app.cors import Cors
from app.images import PICTURES
from app.middleware import Headers, Heads, LastResort
from app.names import Names, whole
from app.pages import (
    about,
    compare,
    glance,
    histogram,
    home,
    layer,
    llms,
    model,
    models,
    random,
    reference,
    search,
    unit,
)
from app.pages.rendering import templates
from app.settings import Settings
from app.site import Site
from app.store.deadline import hold_to
from app.store.engine import READERS, open_for_reading
from app.telemetry.telemetry import Telemetry
from app.urls import Urls
from app.version import VERSION
from app.wiring import House

# From 4 on zlib looks for better matches than the first: that takes twice to three times as long,
# of a page of a thousand units 1.7 ms instead of 0.6, and saves a twentieth.
COMPRESSION = 3

ROUTERS = (
    page_data.router,  # before the pages: a page's name would swallow `.json`
    home.router,
    models.router,
    model.router,
    layer.router,
    glance.router,
    unit.router,
    random.router,
    about.router,
    search.router,
    search_api.router,
    histogram.router,
    panels.router,
    compare.router,
    reference.router,
    llms.router,
    routes.router,
    lists.router,
    sources.router,
    heat.router,
    services.router,
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application over the settings' database; without settings, those of the environment.

    Raises `StoreError` where the database is missing, or of another version.
    """
    settings = settings or Settings()
    app = application(settings)
    app.state.house = _house(settings)
    return app


def application(settings: Settings) -> Site:
    """The routes and what is around them; `state.house` is still to be given."""
    app = Site(
        title="Inception Microscope",
        version=VERSION,
        summary="What excites every channel of an InceptionV1.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # it knows nothing of the prefix; `services` does it
        lifespan=_lifespan,
        dependencies=[Depends(whole)],
    )
    for router in ROUTERS:
        app.include_router(router)
    if settings.metrics:
        app.include_router(services.metrics)
    app.openapi = document(app)  # type: ignore[method-assign]
    answer_failures(app)
    # The last that is added is the outermost.
    app.add_middleware(LastResort)
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=COMPRESSION)
    app.add_middleware(Heads)
    app.add_middleware(Cors)
    app.add_middleware(Headers)
    app.add_middleware(Names)
    return app


def _house(settings: Settings) -> House:
    static = assets.Assets.read(assets.folder("static"))
    urls = Urls(settings.root_path, static.digest)
    pages = templates(assets.folder("templates"), urls)
    engine = open_for_reading(settings.database)
    if settings.query_seconds:
        hold_to(engine, settings.query_seconds)
    telemetry = Telemetry(engine, PICTURES)
    return House(engine, urls, static, pages, telemetry, settings.site)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """As many threads as places in the database's pool: none waits in vain, none is idle."""
    to_thread.current_default_thread_limiter().total_tokens = READERS
    yield
    app.state.house.engine.dispose()

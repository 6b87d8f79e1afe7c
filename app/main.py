"""The application: `create_app(settings)` puts the parts together, and does nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread
from fastapi import Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware

from app import __version__
from app.config import Settings
from app.db.deadline import hold_to
from app.db.engine import READERS, open_for_reading
from app.names import Names, whole
from app.site import Site
from app.web import health, heatmap_routes, static_files
from app.web.api import lists, page_data, provenance, routes, unit_panels
from app.web.api import search as search_api
from app.web.api.openapi import document
from app.web.cors import Cors
from app.web.dependencies import AppState
from app.web.error_handlers import answer_failures
from app.web.image_routes import PICTURES
from app.web.middleware import Headers, HeadMiddleware, ServerErrorMiddleware
from app.web.pages import llms, random, search
from app.web.pages.about import page as about
from app.web.pages.compare import page as compare
from app.web.pages.home import page as home
from app.web.pages.layer import page as layer
from app.web.pages.model import list as models
from app.web.pages.model import page as model
from app.web.pages.reference import page as reference
from app.web.pages.templates import templates
from app.web.pages.unit import glance, histogram
from app.web.pages.unit import page as unit
from app.web.telemetry.telemetry import Telemetry
from app.web.urls import Urls

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
    unit_panels.router,
    compare.router,
    reference.router,
    llms.router,
    routes.router,
    lists.router,
    provenance.router,
    heatmap_routes.router,
    health.router,
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application over the settings' database; without settings, those of the environment.

    Raises `StoreError` where the database is missing, or of another version.
    """
    settings = settings or Settings()
    app = application(settings)
    app.state.app_state = _house(settings)
    return app


def application(settings: Settings) -> Site:
    """The routes and what is around them; `state.app_state` is still to be given."""
    app = Site(
        title="Inception Microscope",
        version=__version__,
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
        app.include_router(health.metrics)
    app.openapi = document(app)  # type: ignore[method-assign]
    answer_failures(app)
    # The last that is added is the outermost.
    app.add_middleware(ServerErrorMiddleware)
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=COMPRESSION)
    app.add_middleware(HeadMiddleware)
    app.add_middleware(Cors)
    app.add_middleware(Headers)
    app.add_middleware(Names)
    return app


def _house(settings: Settings) -> AppState:
    static = static_files.Assets.read(static_files.folder("static"))
    urls = Urls(settings.root_path, static.digest)
    pages = templates(static_files.folder("templates"), urls)
    engine = open_for_reading(settings.database)
    if settings.query_seconds:
        hold_to(engine, settings.query_seconds)
    telemetry = Telemetry(engine, PICTURES)
    return AppState(engine, urls, static, pages, telemetry, settings.site)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """As many threads as places in the database's pool: none waits in vain, none is idle."""
    to_thread.current_default_thread_limiter().total_tokens = READERS
    yield
    app.state.app_state.engine.dispose()

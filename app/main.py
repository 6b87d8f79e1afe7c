"""The application: `create_app(settings)` puts the parts together, and does nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread
from fastapi import FastAPI
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.gzip import GZipMiddleware

from app import __version__
from app.config import Settings
from app.db.engine import READERS, open_for_reading
from app.db.transactions import hold_to
from app.web import health, heatmap_routes
from app.web.api import lists, page_data, provenance, routes, unit_panels
from app.web.api import search as search_api
from app.web.api.openapi import document
from app.web.caching import PageCache
from app.web.dependencies import AppState
from app.web.error_handlers import answer_failures
from app.web.image_loader import ImageLoader
from app.web.image_routes import ROUTE, add_image_route
from app.web.middleware import (
    DisconnectMiddleware,
    ErrorMiddleware,
    HeaderMiddleware,
    HeadMiddleware,
    PrefixMiddleware,
)
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
from app.web.static import Assets, folder
from app.web.telemetry.access_log import AccessLogMiddleware
from app.web.telemetry.telemetry import Telemetry
from app.web.urls import Urls

# Of a page of a thousand units level 3 takes 0.6 ms; from 4 on zlib takes two to three times as
# long and saves a twentieth.
COMPRESSION_LEVEL = 3

# No route reads a request's body.
MAX_BODY_BYTES = 64 * 1024

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
    app_state = _app_state(settings)
    app = FastAPI(
        title="Inception Microscope",
        version=__version__,
        summary="What excites every channel of an InceptionV1.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # it knows nothing of the prefix; `health` does it
        lifespan=_lifespan,
    )
    app.state.app_state = app_state
    add_image_route(app)
    for router in ROUTERS:
        app.include_router(router)
    if settings.metrics:
        app.include_router(health.metrics)
    app.openapi = document(app)  # type: ignore[method-assign]
    answer_failures(app)
    _add_middleware(app, app_state)
    return app


def _add_middleware(app: FastAPI, app_state: AppState) -> None:
    """The last that is added is the outermost."""
    app.add_middleware(ErrorMiddleware)
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=COMPRESSION_LEVEL)
    app.add_middleware(DisconnectMiddleware)
    app.add_middleware(
        PageCache,
        engine=app_state.engine,
        prefix=app_state.urls.prefix,
        site=app_state.site,
    )
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=MAX_BODY_BYTES)
    app.add_middleware(HeadMiddleware)
    app.add_middleware(HeaderMiddleware)
    app.add_middleware(AccessLogMiddleware, telemetry=app_state.telemetry)
    app.add_middleware(PrefixMiddleware, prefix=app_state.urls.prefix)


def _app_state(settings: Settings) -> AppState:
    assets = Assets.read(folder("static"))
    urls = Urls(settings.root_path, assets.digest)
    engine = open_for_reading(settings.database)
    if settings.query_seconds:
        hold_to(engine, settings.query_seconds)
    telemetry = Telemetry(engine, ROUTE)
    return AppState(
        engine,
        urls,
        assets,
        templates(folder("templates"), urls),
        telemetry,
        ImageLoader(engine, telemetry.metrics.record_image_query),
        settings.site,
    )


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """As many threads as connections in the pool: none waits in vain, none is idle."""
    to_thread.current_default_thread_limiter().total_tokens = READERS
    yield
    app.state.app_state.engine.dispose()

"""Addresses for machines: health, metrics, robots, and the static files."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from app import __version__
from app.db.engine import REVISION
from app.errors import NotFound
from app.web.api.responses import FAILURES
from app.web.api.schemas.network import Health, Readiness
from app.web.dependencies import AppStateDep
from app.web.image_routes import IMMUTABLE

router = APIRouter()
metrics = APIRouter()
"""Left out where the settings say so."""

# Prometheus' text format; the version is part of what it is.
EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"

ROBOTS = "User-agent: *\nAllow: /\n"


@router.get("/healthz", tags=["service"], summary="Whether the server is alive")
async def health() -> Health:
    """That the server answers; it says nothing about the database."""
    return Health(status="ok", version=__version__)


@router.get(
    "/readyz",
    tags=["service"],
    summary="Whether the database can be shown",
    responses={503: FAILURES[503]},
)
async def ready(app_state: AppStateDep, response: Response) -> Readiness:
    """That the database answers, and that its schema is this version's; at most a second old."""
    await app_state.telemetry.ready()
    response.headers["Cache-Control"] = "no-store"
    return Readiness(status="ready", schema_revision=REVISION)


@metrics.get("/metrics", include_in_schema=False)
async def scrape(app_state: AppStateDep) -> Response:
    """What was counted, for Prometheus."""
    text = await app_state.telemetry.scrape()
    return Response(text, headers={"Cache-Control": "no-store"}, media_type=EXPOSITION)


@router.get("/robots.txt", include_in_schema=False)
async def robots() -> PlainTextResponse:
    return PlainTextResponse(ROBOTS)


@router.get("/favicon.ico", include_in_schema=False)
async def favicon(app_state: AppStateDep) -> Response:
    """Browsers ask here unbidden; the icon is a drawing, which they all can show."""
    return await static(app_state, app_state.assets.digest, "logo.svg")


@router.get("/static/{digest}/{name}", include_in_schema=False)
async def static(app_state: AppStateDep, digest: str, name: str) -> Response:
    """A static file; it may be kept for ever only where the address holds its true digest."""
    asset = app_state.assets.files.get(name)
    if asset is None:
        raise NotFound(f"There is no static file {name!r}.")
    cache = IMMUTABLE if digest == app_state.assets.digest else "no-cache"
    return Response(asset.bytes, headers={"Cache-Control": cache}, media_type=asset.media_type)


@router.get("/{path:path}/", include_in_schema=False)
def without_slash(path: str, request: Request) -> RedirectResponse:
    """An address that ends in a slash means the one without it.

    The answer is relative, so that it is right behind any proxy and prefix.
    """
    last = quote(path.rpartition("/")[2])
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"../{last}{query}", HTTPStatus.PERMANENT_REDIRECT)

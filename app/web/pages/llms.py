"""`/llms.txt`: this site for a language model, as https://llmstxt.org asks: what it is, what is
here, the addresses with examples, and what one may not conclude.

Markdown, sent as plain text. Names come from outside: they are made harmless here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse

from app.db.queries import catalog, run_status
from app.db.views import ModelView
from app.web.dependencies import AppState, AppStateDep, Origin, in_snapshot
from app.web.pages.reference.page import Operation, operations
from app.web.pages.reference.parameters import names_of
from app.web.pages.templates import variables

# Longer titles are cut: a list of links must stay one.
LONGEST = 200

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class LlmsExample:
    """An example of each kind of address: a unit that has a picture, and its neighbour."""

    model: str
    layer: str
    unit: int


@dataclass(frozen=True, slots=True)
class LlmsModel:
    """A model with its layers."""

    slug: str
    title: str
    licence: str
    units: int
    pictured: int
    layers: int
    listed: str
    """The layers' names, each with how many units it has."""


@dataclass(frozen=True, slots=True)
class LlmsDataset:
    """A data set."""

    title: str
    slug: str
    images: int
    private: bool


@dataclass(frozen=True, slots=True)
class LlmsPage:
    """What `llms.txt` says."""

    origin: str
    networks: tuple[LlmsModel, ...]
    datasets: tuple[LlmsDataset, ...]
    place: LlmsExample | None
    """What examples speak of; None where nothing is stored."""
    operations: tuple[Operation, ...]


@router.get("/llms.txt")
@in_snapshot
def llms(app_state: AppStateDep, request: Request, origin: Origin) -> PlainTextResponse:
    names = names_of(app_state)
    place = (
        LlmsExample(names["model"], names["layer"], int(names["unit"]))
        if "model" in names
        else None
    )
    told = operations(request.app.openapi(), app_state.urls, origin, names)
    context = LlmsPage(origin, _networks(app_state), _datasets(app_state), place, told)
    text = app_state.templates.get_template("llms.txt").render(variables(context))
    return PlainTextResponse(text, headers={"Cache-Control": "no-cache"})


def _networks(app_state: AppState) -> tuple[LlmsModel, ...]:
    return tuple(_network(app_state, each) for each in catalog.models(app_state.db))


def _network(app_state: AppState, view: ModelView) -> LlmsModel:
    layers = catalog.layers(app_state.db, view.slug)
    listed = ", ".join(f"{plain(each.name)} ({each.channels})" for each in layers)
    title, licence = plain(view.title), plain(view.licence)
    return LlmsModel(view.slug, title, licence, view.units, view.pictured, len(layers), listed)


def _datasets(app_state: AppState) -> tuple[LlmsDataset, ...]:
    return tuple(
        LlmsDataset(plain(each.title), plain(each.slug), each.images, each.private)
        for each in run_status.datasets(app_state.db)
    )


def plain(text: str) -> str:
    """A name as one line that Markdown takes for what it is."""
    line = " ".join(text.split())
    cut = line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
    return re.sub(r"([\\`*_\[\]<>#])", r"\\\1", cut)

"""`/llms.txt`: this site for a language model, as https://llmstxt.org asks: what it is, what is
here, the addresses with examples, and what one may not conclude.

Markdown, sent as plain text. Names come from outside: they are made harmless here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from app.db.queries import catalog, run_status
from app.db.transactions import Source
from app.db.views import ModelView
from app.web.dependencies import ApiSchema, AppStateDep, Origin
from app.web.pages.reference.page import Operation, operations
from app.web.pages.reference.parameters import names_of
from app.web.pages.templates import render
from app.web.urls import Urls

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

    links: Urls
    """The absolute addresses."""
    networks: tuple[LlmsModel, ...]
    datasets: tuple[LlmsDataset, ...]
    place: LlmsExample | None
    """What examples speak of; None where nothing is stored."""
    operations: tuple[Operation, ...]


@router.get("/llms.txt")
def llms(app_state: AppStateDep, schema: ApiSchema, origin: Origin) -> PlainTextResponse:
    with app_state.snapshot() as db:
        names = names_of(db)
        networks, datasets = _networks(db), _datasets(db)
    place = (
        LlmsExample(names["model"], names["layer"], int(names["unit"]))
        if "model" in names
        else None
    )
    links = app_state.urls.at(origin)
    told = operations(schema, links, names)
    text = render(app_state, "llms.txt", LlmsPage(links, networks, datasets, place, told))
    return PlainTextResponse(text, headers={"Cache-Control": "no-cache"})


def _networks(db: Source) -> tuple[LlmsModel, ...]:
    return tuple(_network(db, each) for each in catalog.models(db))


def _network(db: Source, view: ModelView) -> LlmsModel:
    layers = catalog.layers(db, view.slug)
    listed = ", ".join(f"{plain(each.name)} ({each.channels})" for each in layers)
    title, licence = plain(view.title), plain(view.licence)
    return LlmsModel(view.slug, title, licence, view.units, view.pictured, len(layers), listed)


def _datasets(db: Source) -> tuple[LlmsDataset, ...]:
    return tuple(
        LlmsDataset(plain(each.title), plain(each.slug), each.images, each.private)
        for each in run_status.datasets(db)
    )


def plain(text: str) -> str:
    """A name as one line that Markdown takes for what it is."""
    line = " ".join(text.split())
    cut = line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
    return re.sub(r"([\\`*_\[\]<>#])", r"\\\1", cut)

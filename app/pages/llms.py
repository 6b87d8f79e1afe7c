"""`/llms.txt`: this site for a language model, as https://llmstxt.org asks: what it is, what is
here, the addresses with examples, and what one may not conclude.

Markdown, sent as plain text. Names come from outside: they are made harmless here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse

from app.pages.parameters import names_of
from app.pages.reference import Operation, operations
from app.pages.rendering import variables
from app.store import ledger, read
from app.store.views import ModelView
from app.wiring import House, Origin, Wired

# Longer titles are cut: a list of links must stay one.
LONGEST = 200

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Place:
    """An example of each kind of address: a unit that has a picture, and its neighbour."""

    model: str
    layer: str
    unit: int


@dataclass(frozen=True, slots=True)
class Network:
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
class Images:
    """A data set."""

    title: str
    slug: str
    images: int
    private: bool


@dataclass(frozen=True, slots=True)
class LlmsPage:
    """What `llms.txt` says."""

    origin: str
    networks: tuple[Network, ...]
    datasets: tuple[Images, ...]
    place: Place | None
    """What examples speak of; None where nothing is stored."""
    operations: tuple[Operation, ...]


@router.get("/llms.txt")
def llms(house: Wired, request: Request, origin: Origin) -> PlainTextResponse:
    names = names_of(house)
    place = Place(names["model"], names["layer"], int(names["unit"])) if "model" in names else None
    told = operations(request.app.openapi(), house.urls, origin, names)
    context = LlmsPage(origin, _networks(house), _datasets(house), place, told)
    text = house.templates.get_template("llms.txt").render(variables(context))
    return PlainTextResponse(text, headers={"Cache-Control": "no-cache"})


def _networks(house: House) -> tuple[Network, ...]:
    return tuple(_network(house, each) for each in read.models(house.engine))


def _network(house: House, view: ModelView) -> Network:
    layers = read.layers(house.engine, view.slug)
    listed = ", ".join(f"{plain(each.name)} ({each.channels})" for each in layers)
    title, licence = plain(view.title), plain(view.licence)
    return Network(view.slug, title, licence, view.units, view.pictured, len(layers), listed)


def _datasets(house: House) -> tuple[Images, ...]:
    return tuple(
        Images(plain(each.title), plain(each.slug), each.images, each.private)
        for each in ledger.datasets(house.engine)
    )


def plain(text: str) -> str:
    """A name as one line that Markdown takes for what it is."""
    line = " ".join(text.split())
    cut = line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
    return re.sub(r"([\\`*_\[\]<>#])", r"\\\1", cut)

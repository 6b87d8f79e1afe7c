"""Renders the pages and the data of a copy with the application's own functions.

They are given the application's state with `FileUrls`, which answers relative paths.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Response

from app.web import heatmap_routes
from app.web.api import page_data, routes, unit_panels
from app.web.dependencies import AppState
from app.web.file_urls import FileAddress
from app.web.health import ROBOTS
from app.web.pages import llms
from app.web.pages.about import page as about
from app.web.pages.home import page as home
from app.web.pages.layer import page as layer
from app.web.pages.model import list as models
from app.web.pages.model import page as model
from app.web.pages.reference import page as reference
from app.web.pages.unit import histogram
from app.web.pages.unit import page as unit

# The fields of the JSON API that hold addresses.
ADDRESSES = ("href", "page", "image", "heat", "next")
# `FileUrls` knows the site itself, and needs no origin of a request.
ORIGIN = ""

Schema = dict[str, Any]


def rendered(state: AppState, schema: Schema, address: FileAddress) -> bytes:
    """The bytes of a file; `schema` is the application's OpenAPI document."""
    if address.is_page:
        return bytes(_page(state, schema, address).body)
    body = _file(state, schema, address)
    return body if isinstance(body, bytes) else bytes(body.body)


def _page(state: AppState, schema: Schema, address: FileAddress) -> Response:
    chosen = dict(parse_qsl(address.query))
    match address.names:
        case ():
            return home.home(state, ORIGIN, **chosen)
        case ("models",):
            return models.models(state, ORIGIN)
        case ("models", name):
            return model.model(state, ORIGIN, name)
        case ("models", name, part):
            return layer.layer(state, name, part, **chosen)
        case ("models", name, part, index):
            return unit.unit(state, ORIGIN, name, part, index, **chosen)
        case ("about",):
            return about.about(state, ORIGIN)
        case ("docs",):
            return reference.reference(state, schema, ORIGIN)
    raise LookupError(f"No page function for {address}.")


def _file(state: AppState, schema: Schema, address: FileAddress) -> Response | bytes:
    match address.names:
        case ("static", _, name):
            return state.assets.files[name].bytes
        case ("robots.txt",):
            return ROBOTS.encode()
        case ("llms.txt",):
            return llms.llms(state, schema, ORIGIN)
        case ("openapi.json",):
            return _json(schema)
        case ("models", name, part, index, "histogram.svg"):
            return histogram.histogram(state, name, part, index, **dict(parse_qsl(address.query)))
        case ("heat", name, part, index, dataset, kind, rank):
            place = (name, part, index, dataset, kind)
            return heatmap_routes.heat(state, *place, rank.removesuffix(".png"))
    body = bytes(_data(state, address).body)
    return _json(json.loads(body, object_hook=_without_absent))


def _data(state: AppState, address: FileAddress) -> Response:
    *above, last = address.names
    name = last.removesuffix(".json")
    match above:
        case ["api", "v1"]:
            return routes.models(state)
        case []:
            return page_data.models(state)
        case ["models"]:
            return page_data.model(state, name)
        case ["models", slug]:
            return page_data.layer(state, slug, name)
        case ["models", slug, part]:
            return page_data.unit(state, slug, part, name)
        case ["models", slug, part, index]:
            return unit_panels.panel(state, slug, part, index, name)
    raise LookupError(f"No function for the data at {address}.")


def _without_absent(fields: dict[str, Any]) -> dict[str, Any]:
    """An answer in which addresses that the copy does not have are null."""
    absent = [name for name in ADDRESSES if fields.get(name) == ""]
    return fields | dict.fromkeys(absent)


def _json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()

"""`/docs`: the operations of the JSON API, from the same OpenAPI schema that programs read.

A page of our own: the usual one loads scripts from elsewhere, which the pages never do.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse

from app.web.dependencies import ApiSchema, AppStateDep, Origin
from app.web.pages.reference.parameters import Parameter, names_of, parameters
from app.web.pages.templates import Shell, page
from app.web.urls import Urls

router = APIRouter(include_in_schema=False)


# What a request to try says although it may be left out: what is looked for, and how many.
TRIED = ("q", "limit")


@dataclass(frozen=True, slots=True)
class SchemaField:
    """A field of an answer."""

    name: str
    type: str
    of: str | None
    """The answer that it holds, if it is one of those listed."""
    help: str


@dataclass(frozen=True, slots=True)
class SchemaTable:
    """An answer with its fields."""

    name: str
    help: str
    fields: tuple[SchemaField, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """An address that can be read."""

    path: str
    summary: str
    help: str
    answer: str
    parameters: tuple[Parameter, ...]
    request: str
    """An address to try it with."""
    example: str
    """An answer, as JSON; empty where it is something else."""


@dataclass(frozen=True, slots=True)
class ReferencePage:
    """What `reference.html` shows."""

    shell: Shell
    operations: tuple[Operation, ...]
    answers: tuple[SchemaTable, ...]


@router.get("/docs")
def reference(app_state: AppStateDep, schema: ApiSchema, origin: Origin) -> HTMLResponse:
    shell = Shell("JSON API", data=app_state.urls.openapi())
    with app_state.snapshot() as db:
        names = names_of(db)
    found = operations(schema, app_state.urls.at(origin), names)
    context = ReferencePage(shell, found, answers(schema))
    return page(app_state, "reference.html", context)


@router.get("/api")
@router.get("/api/v1")
async def api(app_state: AppStateDep) -> RedirectResponse:
    return RedirectResponse(app_state.urls.reference(), 307)


def operations(
    schema: Mapping[str, Any], links: Urls, names: Mapping[str, str]
) -> tuple[Operation, ...]:
    """The addresses of the schema, in its order; `names` are those to try them with,
    `links` the absolute addresses."""
    return tuple(
        _operation(path, methods["get"], links, names) for path, methods in schema["paths"].items()
    )


def _operation(
    path: str, get: Mapping[str, Any], links: Urls, names: Mapping[str, str]
) -> Operation:
    content = get["responses"]["200"].get("content", {}).get("application/json", {})
    told = parameters(get)
    return Operation(
        path,
        get["summary"],
        get.get("description", ""),
        _name(content.get("schema", {})) or "",
        told,
        links.operation(path, _tried(told, names)),
        json.dumps(content["example"], indent=2, ensure_ascii=False) if content else "",
    )


def _tried(told: tuple[Parameter, ...], names: Mapping[str, str]) -> dict[str, str]:
    """What stands in a request to try; of what may be left out only what makes it short."""
    return {
        each.name: names.get(each.name, each.example)
        for each in told
        if not each.is_query or each.name in TRIED
    }


def answers(schema: Mapping[str, Any]) -> tuple[SchemaTable, ...]:
    """The answers of the schema with their fields."""
    shapes = schema["components"]["schemas"]
    return tuple(
        SchemaTable(name, shape.get("description", ""), _fields(shape))
        for name, shape in shapes.items()
    )


def _fields(shape: Mapping[str, Any]) -> tuple[SchemaField, ...]:
    return tuple(
        SchemaField(name, _type(field), _name(field), field.get("description", ""))
        for name, field in shape.get("properties", {}).items()
    )


def _type(field: Mapping[str, Any]) -> str:
    """A type in words: `integer`, `text or null`, `list of Branch`."""
    if "anyOf" in field:
        return " or ".join(_type(part) for part in field["anyOf"])
    if "$ref" in field:
        return _name(field) or ""
    if field.get("type") == "array":
        return f"list of {_type(field['items'])}"
    name = str(field.get("type", "anything"))
    return {"string": "text"}.get(name, name)


def _name(field: Mapping[str, Any]) -> str | None:
    """The answer that a field refers to, directly or in a list."""
    reference = field.get("$ref") or field.get("items", {}).get("$ref")
    return str(reference).rsplit("/", 1)[-1] if reference else None

"""`/docs`: the operations of the JSON API, from the same OpenAPI schema that programs read.

A page of our own: the usual one loads scripts from elsewhere, which the pages never do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from app.pages.rendering import page
from app.pages.shell import Shell
from app.wiring import Wired

router = APIRouter(include_in_schema=False)


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


@dataclass(frozen=True, slots=True)
class ReferencePage:
    """What `reference.html` shows."""

    shell: Shell
    operations: tuple[Operation, ...]
    answers: tuple[SchemaTable, ...]


@router.get("/docs")
async def reference(house: Wired, request: Request) -> HTMLResponse:
    schema = request.app.openapi()
    shell = Shell("JSON API", data=house.urls.openapi())
    context = ReferencePage(shell, operations(schema), answers(schema))
    return page(house, "reference.html", context)


@router.get("/api")
async def api(house: Wired) -> RedirectResponse:
    return RedirectResponse(house.urls.reference(), 307)


def operations(schema: Mapping[str, Any]) -> tuple[Operation, ...]:
    """The addresses of the schema, in its order."""
    return tuple(
        Operation(path, get["summary"], get.get("description", ""), _answer(get))
        for path, methods in schema["paths"].items()
        for get in [methods["get"]]
    )


def answers(schema: Mapping[str, Any]) -> tuple[SchemaTable, ...]:
    """The answers of the schema with their fields; FastAPI's own error shapes are left out."""
    shapes = schema["components"]["schemas"]
    return tuple(
        SchemaTable(name, shape.get("description", ""), _fields(shape))
        for name, shape in shapes.items()
        if not name.endswith("ValidationError")
    )


def _answer(operation: Mapping[str, Any]) -> str:
    content = operation["responses"]["200"]["content"]
    return _name(content["application/json"]["schema"]) or ""


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

"""What the page of reference says of an operation's parameters, and what to try them with.

The names to try are those of this database, so that a request can be run as it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.db.queries import catalog, pagination
from app.db.transactions import Source
from app.web.api.parameters import LARGEST

TYPES = {"string": "text", "integer": "whole number"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A part of an address that one fills in."""

    name: str
    is_query: bool
    """Whether it stands after the question mark, and may be left out."""
    type: str
    limits: str
    """What it may be, and what it is when it is left out."""
    help: str
    example: str


def parameters(operation: Mapping[str, Any]) -> tuple[Parameter, ...]:
    """The parameters of an operation of the schema, in its order."""
    return tuple(_parameter(each) for each in operation.get("parameters", ()))


def _parameter(told: Mapping[str, Any]) -> Parameter:
    schema = told["schema"]
    kind = next(iter(schema.get("anyOf", [schema])))
    return Parameter(
        told["name"],
        told["in"] == "query",
        TYPES.get(kind.get("type", ""), str(kind.get("type", ""))),
        _limits(kind, schema.get("default")),
        told.get("description", ""),
        str(next(iter(schema.get("examples", ())), "")),
    )


def _limits(kind: Mapping[str, Any], default: Any) -> str:
    """In words: `One of top, minimum.`, `From 1 to 1,000; 100 if left out.`"""
    said = []
    if "enum" in kind:
        said.append(f"one of {', '.join(kind['enum'])}")
    # The largest number that the database holds is no limit that anyone meets.
    if kind.get("maximum", LARGEST) != LARGEST:
        said.append(f"from {kind['minimum']:,} to {kind['maximum']:,}")
    if default not in (None, ""):
        said.append(f"{default} if left out")
    text = "; ".join(said)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def names_of(db: Source) -> dict[str, str]:
    """Names in this database by the parameter that they are for; those of no database without."""
    recipe, models = pagination.any_recipe(db), catalog.models(db)
    found = {"sha256": recipe} if recipe else {}
    if not models:
        return found
    layers = catalog.layers(db, models[0].slug)
    layer = max(layers, key=lambda each: each.pictured)
    return found | {"model": models[0].slug, "layer": layer.name, "unit": "0"}

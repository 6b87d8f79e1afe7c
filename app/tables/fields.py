"""How a JSON column is exported: as columns of plain types, named in its `info["fields"]`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Field:
    """A column of an export that is read from a JSON column."""

    name: str
    type: str
    """`text`, `integer`, `number`; `texts`, `integers`, `numbers` for lists."""
    help: str
    read: Callable[[Any], Any]
    """From the JSON value to the field's."""


def exported(*fields: Field) -> dict[str, Any]:
    """The `info` of a JSON column that is exported as these fields."""
    return {"fields": fields}


def of_value(name: str, type: str, help: str, key: str) -> Field:
    """A value of a JSON object."""
    return Field(name, type, help, lambda found: found[key])


def of_records(name: str, type: str, help: str, key: str) -> Field:
    """A value of each object of a JSON list, as a list."""
    return Field(name, type, help, lambda found: [each[key] for each in found])

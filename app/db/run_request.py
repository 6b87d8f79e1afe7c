"""What a run was asked for: the options that were given, by name. Pure: no database.

precompute stores them (`Request.as_json`), and the web side may not import it: what both know of
techniques is held equal by a test.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from app.techniques import DEFAULT, TECHNIQUES

# The state of a run whose request was given up; see `requests`.
ABANDONED = "abandoned"

# Holds the text of a command that could not be read as options; nothing is known of what it asked.
COMMAND = "command"


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A request, by public names."""

    model: str
    techniques: tuple[str, ...] = DEFAULT
    layers: tuple[str, ...] | None = None
    """None: all."""
    units: frozenset[int] | None = None
    """None: all."""
    seeds: int = 1
    dataset: str = ""
    """The slug of the data set; empty where none was named."""


def command_line(request: Mapping[str, Any]) -> str:
    """The command that asks for this again."""
    if COMMAND in request:
        return str(request[COMMAND])
    return shlex.join(["microscope", "precompute", *_words(request)])


def _words(request: Mapping[str, Any]) -> Iterator[str]:
    for name, value in request.items():
        yield f"--{name.replace('_', '-')}"
        if value is not True:
            yield ",".join(value) if isinstance(value, list) else str(value)


def asked(request: Mapping[str, Any]) -> RunRequest | None:
    """What a run was asked for; None where its options cannot be read."""
    if COMMAND in request:
        return None
    try:
        return RunRequest(
            request.get("name") or request.get("model", ""),
            _techniques(request),
            tuple(request["layers"]) if "layers" in request else None,
            _units(request["units"]) if "units" in request else None,
            int(request.get("seeds", 1)),
            _dataset(request),
        )
    except ValueError:
        return None


def _techniques(request: Mapping[str, Any]) -> tuple[str, ...]:
    """With a photograph, also those that start from it."""
    names = tuple(request.get("techniques", DEFAULT))
    if "photograph" not in request:
        return names
    return (*names, *(slug for slug, each in TECHNIQUES.items() if each.photograph_of in names))


def _units(text: str) -> frozenset[int]:
    """`0-3,40` → 0, 1, 2, 3, 40."""
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)


def _dataset(request: Mapping[str, Any]) -> str:
    """The slug that precompute gives a folder."""
    if name := request.get("dataset_name"):
        return str(name)
    folder = PurePath(request.get("dataset", "")).name.lower()
    return re.sub(r"[^a-z0-9._-]+", "-", folder).strip("-._")[:80]

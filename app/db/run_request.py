"""What a run was asked for, read from the command that it recorded. Pure: no database.

precompute writes these commands (`Request.command_line`) and the web side may not import it: what
both know of techniques is held equal by a test.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import PurePath

from app.techniques import DEEPDREAM, DEEPDREAM_PHOTOGRAPH, DEFAULT

# The state of a run whose request was given up; see `requests`.
ABANDONED = "abandoned"


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


def asked(command: str) -> RunRequest | None:
    """What a recorded command asks for; None where it is no `microscope precompute`."""
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    if words[:2] != ["microscope", "precompute"]:
        return None
    return _asked(_options(words[2:]))


def _options(words: list[str]) -> dict[str, str]:
    """Options and their values; one without a value has an empty one."""
    found: dict[str, str] = {}
    name = ""
    for word in words:
        if word.startswith("--"):
            name, _, value = word.removeprefix("--").partition("=")
            found[name] = value
        elif name:
            found[name], name = word, ""
    return found


def _asked(options: dict[str, str]) -> RunRequest | None:
    try:
        return RunRequest(
            options.get("name") or options.get("model", ""),
            _techniques(options),
            _parts(options["layers"]) if "layers" in options else None,
            _units(options["units"]) if "units" in options else None,
            int(options.get("seeds", 1)),
            _dataset(options),
        )
    except ValueError:
        return None


def _techniques(options: dict[str, str]) -> tuple[str, ...]:
    names = _parts(options["techniques"]) if "techniques" in options else DEFAULT
    is_from_photograph = "photograph" in options and DEEPDREAM.slug in names
    return (*names, DEEPDREAM_PHOTOGRAPH.slug) if is_from_photograph else names


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(",") if part)


def _units(text: str) -> frozenset[int]:
    """`0-3,40` → 0, 1, 2, 3, 40."""
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)


def _dataset(options: dict[str, str]) -> str:
    """The slug that precompute gives a folder."""
    if name := options.get("dataset-name"):
        return name
    folder = PurePath(options.get("dataset", "")).name.lower()
    return re.sub(r"[^a-z0-9._-]+", "-", folder).strip("-._")[:80]

"""Numbers, dates and techniques in words, the same on every page."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

KINDS = {"top": "Top examples", "minimum": "Minimum examples"}


def number(value: float) -> str:
    """Three significant digits, as long as that needs no exponent: 1,234 · 12.3 · 0.0123."""
    size, sign = abs(value), "−" if value < 0 else ""
    if size >= 100:
        return f"{sign}{size:,.0f}"
    if size >= 10:
        return f"{sign}{size:.1f}"
    if size >= 1 or size == 0:
        return f"{sign}{size:.2f}"
    return f"{sign}{size:.3g}"


def count(value: int) -> str:
    """With thousands apart: 5,808."""
    return f"{value:,}"


def day(moment: datetime) -> str:
    """As people write it: 7 March 2026."""
    return f"{moment.day} {moment:%B %Y}"


def kind(name: str) -> str:
    """The heading of a kind of examples."""
    return KINDS.get(name, f"{name.capitalize()} examples")


def branch(name: str) -> str:
    """The name of a branch as it is written: 3×3."""
    return re.sub(r"(?<=\d)x(?=\d)", "×", name)


def picture_of(layer: str, unit: int, *what: str) -> str:
    """The alternative text of a rendered picture; `what` tells it from the unit's others."""
    return f"unit {unit} of {layer}: {_listed('feature visualization', *what)}"


def layer_picture_of(layer: str, *what: str) -> str:
    """The alternative text of a picture of a whole layer."""
    return f"layer {layer}: {_listed(*what)}"


def _listed(*what: str) -> str:
    return ", ".join(filter(None, what))


def unit_name(layer: str, unit: int) -> str:
    """The short name that papers use: mixed4c:447."""
    return f"{layer}:{unit}"


FILTERS: dict[str, Callable[..., Any]] = {
    "number": number,
    "count": count,
    "day": day,
    "branch": branch,
    "kind": kind,
}

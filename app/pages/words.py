"""Numbers, dates and techniques in words, the same on every page."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

OBJECTIVES = {
    "channel": "channel objective",
    "neuron": "neuron objective",
    "negative": "negative channel objective",
    "diversity": "channel objective with diversity",
}
KINDS = {"top": "Top examples", "minimum": "Minimum examples"}


def number(value: float) -> str:
    """Three significant digits, as long as that needs no exponent: 1,234 · 12.3 · 0.0123."""
    size = abs(value)
    if size >= 100:
        return f"{value:,.0f}"
    if size >= 10:
        return f"{value:.1f}"
    if size >= 1 or size == 0:
        return f"{value:.2f}"
    return f"{value:.3g}"


def count(value: int) -> str:
    """With thousands apart: 5,808."""
    return f"{value:,}"


def day(moment: datetime) -> str:
    """As people write it: 7 March 2026."""
    return f"{moment.day} {moment:%B %Y}"


def objective(technique: str) -> str:
    """What a technique maximises."""
    return OBJECTIVES.get(technique, f"{technique} objective")


def kind(name: str) -> str:
    """The heading of a kind of examples."""
    return KINDS.get(name, f"{name.capitalize()} examples")


def branch(name: str) -> str:
    """The name of a branch as it is written: 3×3."""
    return re.sub(r"(?<=\d)x(?=\d)", "×", name)


def picture_of(layer: str, unit: int, technique: str = "channel") -> str:
    """The alternative text of a rendered picture."""
    return f"unit {unit} of {layer}: feature visualization, {objective(technique)}"


def unit_name(layer: str, unit: int) -> str:
    """The short name that papers use: mixed4c:447."""
    return f"{layer}:{unit}"


FILTERS: dict[str, Callable[..., Any]] = {
    "number": number,
    "count": count,
    "day": day,
    "branch": branch,
    "objective": objective,
    "kind": kind,
}

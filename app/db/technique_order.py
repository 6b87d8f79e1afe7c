"""The order of techniques: which picture of a unit is shown first, and what follows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import case

from app.db.tables import Visualization

# Others follow by name.
TECHNIQUES = ("channel", "logit", "neuron", "negative", "diversity")


def technique_order() -> Any:
    """The place of a technique among a unit's pictures, as an SQL expression."""
    ranks = {name: rank for rank, name in enumerate(TECHNIQUES)}
    return case(ranks, value=Visualization.technique, else_=len(ranks))


def technique_rank(name: str) -> tuple[int, str]:
    """The same place, to sort names by."""
    return (TECHNIQUES.index(name) if name in TECHNIQUES else len(TECHNIQUES), name)

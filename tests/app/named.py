"""The made-up network with what a maintainer adds: labels, and pictures that are hidden."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import insert, select

from app.db.engine import open_for_writing
from app.db.transactions import writing
from app.evidence.labels import Label
from app.tables import Hidden, Layer

LONG = "a word " * 1500
LABELS = (
    {"start": 2, "stop": 3, "label": "<b>fox</b> ears", "family": "<i>ears</i>"},
    {"start": 0, "stop": 8, "label": LONG, "family": None},
    {"start": 3, "stop": 4, "label": "somebody else", "family": None},
)


def name_units(database: str, layer: str = "mixed3b") -> None:
    """Labels for units of one layer."""
    engine = open_for_writing(database)
    with writing(engine) as connection:
        home = connection.scalar(select(Layer.id).where(Layer.name == layer))
        said = {"layer_id": home, "note": "<u>seen</u> often", "source": "A & B, table 1"}
        connection.execute(insert(Label), [{**each, **said} for each in LABELS])
    engine.dispose()


def hide(database: str, *pictures: str) -> None:
    """Hide pictures by their hashes."""
    engine = open_for_writing(database)
    when = {"reason": "asked for", "created": datetime.now(UTC)}
    with writing(engine) as connection:
        connection.execute(insert(Hidden), [{"sha256": each, **when} for each in pictures])
    engine.dispose()

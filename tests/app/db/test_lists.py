"""How SQLite answers a layer's lists: from indexes that hold what is shown, not from wide rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from app.db.engine import open_for_reading
from app.db.queries import unit_list
from app.db.transactions import reading


def plans(path: Path, ask: Callable[[Any], object], of: str) -> list[str]:
    """How each statement that names a column is answered, step by step."""
    engine = open_for_reading(str(path))
    asked: list[tuple[str, Any]] = []
    event.listen(
        engine,
        "before_cursor_execute",
        lambda _, cursor, statement, values, *rest: asked.append((statement, values)),
    )
    ask(engine)
    with reading(engine) as connection:
        found = [
            "; ".join(
                row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
            )
            for text, values in list(asked)
            if of in text
        ]
    engine.dispose()
    return found


@pytest.mark.parametrize(
    "ask",
    [
        lambda engine: unit_list.unit_list(engine, "toy", "mixed3b"),
        lambda engine: unit_list.units(engine, "toy", "mixed3b"),
    ],
    ids=["page", "json"],
)
def test_lists_read_statistics_from_the_index_that_holds_them(
    tmp_path: Path, fill: Callable[..., None], ask: Callable[[Any], object]
) -> None:
    path = tmp_path / "microscope.db"
    fill(str(path))
    found = plans(path, ask, "statistics.mean")
    assert found
    assert all("statistics USING COVERING INDEX ix_statistics_list" in plan for plan in found)


def test_of_each_unit_one_picture_is_read(tmp_path: Path, fill: Callable[..., None]) -> None:
    path = tmp_path / "microscope.db"
    fill(str(path))
    ask = "visualization.image_sha256"
    found = plans(path, lambda engine: unit_list.unit_list(engine, "toy", "mixed3b"), ask)
    assert found
    assert all("visualization USING INTEGER PRIMARY KEY" in plan for plan in found)

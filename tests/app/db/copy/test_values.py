"""Values of every type come back from the other engine as they were."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, insert, select

from app import tables
from app.db.copy import table_parts
from app.db.copy.transfer import copy
from app.db.engine import open_for_copying
from app.db.records import ImageRecord
from app.db.transactions import reading, writing
from app.evidence.visualizations import Visualization
from tests.app.db.conftest import NewStore
from tests.app.db.copy.samples import Row, silent

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


numbers = st.floats(allow_nan=False, allow_infinity=False) | st.just(-0.0)


leaves = st.none() | st.booleans() | st.integers() | numbers | texts


objects = st.dictionaries(texts, leaves, max_size=3)


bodies = objects | st.lists(leaves | objects | st.lists(leaves, max_size=3), max_size=3)


moments = st.datetimes(timezones=st.just(UTC) | st.just(timezone(timedelta(hours=5, minutes=45))))


@pytest.fixture(scope="module")
def three(new_store: NewStore) -> Iterator[tuple[Engine, Engine, Engine]]:
    """SQLite, PostgreSQL, and SQLite again."""
    engines = tuple(
        open_for_copying(new_store(kind)) for kind in ("sqlite", "postgresql", "sqlite")
    )
    yield engines  # type: ignore[misc]
    for engine in engines:
        engine.dispose()


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(bodies, texts, numbers, numbers | st.none(), moments), min_size=6, max_size=25
    )
)
def test_whatever_is_stored_comes_back_from_the_other_engine(
    three: tuple[Engine, Engine, Engine], drawn: list[tuple[Any, str, float, float | None, Any]]
) -> None:
    first, second, third = three
    for engine in three:
        with writing(engine) as connection:
            for name in reversed(table_parts.ORDER):
                connection.execute(delete(table_parts.ORDER.table(name)))
    with writing(first) as connection:
        for number, (body, name, activation, minimum, moment) in enumerate(drawn, start=1):
            for table, row in rows_from(number, body, name, activation, minimum, moment):
                connection.execute(insert(table), row)
    copy(first, second, silent)
    copy(second, third, silent)
    assert everything(third) == everything(first)


def rows_from(
    number: int, body: Any, name: str, activation: float, minimum: float | None, moment: Any
) -> list[tuple[type[tables.Base], dict[str, Any]]]:
    """A row or two of the tables whose columns are of every type."""
    data = name.encode() + bytes([number])
    sha256 = ImageRecord.of(data, "image/png", 1, 1).sha256
    picture: Row = {
        "sha256": sha256,
        "media_type": "image/png",
        "width": 1,
        "height": 1,
        "bytes": data,
    }
    run: Row = {"model": "m", "request": body, "version": "1", "state": "failed", "skipped": [name]}
    model: Row = {"slug": str(number), "title": name, "variant": "v", "weights_sha256": sha256}
    model |= {"weights_file": name, "licence": name, "input_size": number, "created": moment}
    layer: Row = {"name": "l", "ordinal": 1, "channels": 1, "map_size": 1, "branches": [body]}
    shown: Row = {"layer_id": number, "unit_id": None, "technique": "t", "seed": number}
    shown |= {"image_sha256": sha256, "recipe_id": number, "activation": activation}
    shown |= {"maximum": activation, "minimum": minimum, "note": name, "seconds": 0.1}
    # Numbers with gaps, as they are after pictures were replaced.
    return [
        (tables.Image, picture | {"id": 7 * number}),
        (tables.Recipe, {"id": number, "sha256": sha256, "body": {"of": body}}),
        (tables.Model, model | {"id": number}),
        (tables.Layer, layer | {"id": number, "model_id": number}),
        (Visualization, shown | {"id": 3 * number, "created": moment}),
        (tables.Hidden, {"sha256": sha256, "reason": name, "created": moment}),
        (tables.Run, run | {"id": number, "started": moment, "heartbeat": moment}),
    ]


def everything(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    with reading(engine) as connection:
        return {
            name: [tuple(row) for row in connection.execute(select(table).order_by(table.c[0]))]
            for name, table in table_parts.ORDER.tables()
        }

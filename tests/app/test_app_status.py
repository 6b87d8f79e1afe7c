"""What `microscope status` prints: counts by layer, in units or in whole layers."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

import pytest
from rich.console import Console
from sqlalchemy import Engine

from app import status
from app.store.engine import open_for_reading


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    engine = open_for_reading(database)
    yield engine
    engine.dispose()


def printed(engine: Engine) -> list[list[str]]:
    """The table's cells, row by row."""
    page = StringIO()
    status.show(Console(file=page, width=160), status.gather(engine))
    lines = page.getvalue().replace("┃", "│").splitlines()
    return [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines if "│" in line]


def test_techniques_come_in_the_order_of_the_pages_then_data_sets(engine: Engine) -> None:
    columns = ["channel", "logit", "neuron", "negative", "diversity", "deepdream"]
    assert printed(engine)[0] == ["layer", "units", *columns, "foxes", "secrets"]


def test_units_are_counted_and_pictures_of_a_layer_count_the_layer(engine: Engine) -> None:
    _, conv, mixed, logits, total = printed(engine)
    assert conv == ["conv2d0", "16", "16", "–", "1", "1", "1", "1", "16", "–"]
    assert mixed == ["mixed3b", "24", "12", "–", "–", "1", "–", "–", "12", "1"]
    assert logits == ["logits", "4", "–", "4", "–", "–", "–", "–", "4", "–"]
    assert total == ["all", "44", "28", "4", "1", "2", "1", "1 layer", "32", "1"]

"""What is not complete is named, with what mends it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, Engine, func, select, update

from app.evidence.class_attribution import Effect
from app.evidence.examples import Example, Scan
from app.evidence.similar_units import Neighbour
from app.evidence.statistics import Statistics
from app.evidence.visualizations import Visualization
from app.tables import DatasetImage, Highlight, Sheet
from tests.app.db.check.samples import AGAIN, broken, delete_from, found, mends


def blind(connection: Connection) -> None:
    connection.execute(update(DatasetImage).values(image_sha256=None))


ONE = select(func.min(Scan.unit_id)).scalar_subquery()


@pytest.mark.parametrize(
    ("damage", "kind", "says", "commands"),
    [
        (delete_from(Example, Example.rank == 1), "ranks", "examples", AGAIN),
        (delete_from(Neighbour, Neighbour.rank == 1), "ranks", "similar units", AGAIN),
        (delete_from(Effect, Effect.rank == 1), "ranks", "effects", AGAIN),
        (delete_from(Effect, Effect.rank == -2), "ranks", "effects", AGAIN),
        (delete_from(Visualization, Visualization.member == 1), "members", "belong", AGAIN),
        (delete_from(Visualization, Visualization.member == 3), "members", "belong", AGAIN),
        (
            delete_from(Example, Example.kind == "top", Example.rank == 3, Example.unit_id == ONE),
            "examples", "not as many", AGAIN,
        ),
        (blind, "views", "without their view", AGAIN),
        (
            delete_from(Statistics, Statistics.unit_id == ONE),
            "statistics", "no statistics", ("precompute --model toy",),
        ),
        (
            delete_from(Statistics, Statistics.unit_id == ONE),
            "missing", "was asked for", ("precompute --model toy",),
        ),
        (
            delete_from(Visualization, Visualization.technique == "logit"),
            "missing", "was asked for", ("precompute --model toy",),
        ),
        (
            delete_from(Visualization, Visualization.technique == "deepdream"),
            "missing", "was asked for", ("precompute --model toy",),
        ),
        (
            delete_from(Effect, Effect.unit_id == ONE),
            "missing", "was asked for", ("precompute --model toy",),
        ),
        (delete_from(Sheet, Sheet.technique == "channel"), "sheets", "Sheets", ("refresh",)),
        (delete_from(Highlight, Highlight.rank == 1), "tour", "The tour of toy", ("refresh",)),
        (delete_from(Visualization), "leftovers", "Nothing refers to", ("prune",)),
    ],
)  # fmt: skip
def test_what_is_not_complete_is_named_with_what_mends_it(
    toy: Engine,
    damage: Callable[[Connection], None],
    kind: str,
    says: str,
    commands: tuple[str, ...],
) -> None:
    with broken(toy) as connection:
        damage(connection)
        fault = found(connection)[kind]
    assert says in fault.says
    assert fault.count > 0
    assert mends(fault, *commands)

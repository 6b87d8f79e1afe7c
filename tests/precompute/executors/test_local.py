"""The local engine: what fails is tried in its parts, named, and stops nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.db.engine import open_for_reading
from app.db.queries.run_status import runs
from precompute.executors.local import Local
from precompute.executors.task import Task
from precompute.missing import RenderBatch
from precompute.network import Inception
from precompute.pipeline import run
from precompute.prepare import prepare
from precompute.render.render import Picture
from precompute.request import Request
from precompute.stages.outcome import UnitsFailedError
from precompute.work import Work
from tests.precompute.content import content
from tests.precompute.executors.tasks import Numbers, PoisonedRendering, Squares

REQUEST = Request("toy", layers=("conv2d0", "mixed4c"), units="0-9", steps=1, size=32,
                  techniques=("channel",))  # fmt: skip


@pytest.mark.parametrize("threads", [None, 1])
def test_every_item_comes_back_in_order(toy: Inception, threads: int | None) -> None:
    items: list[Numbers] = [(number, number + 1) for number in range(0, 60, 2)]
    found = list(Local(toy).run(Squares(threads), items))
    assert [done.item for done in found] == items
    assert [dict(done.results) for done in found] == [{(a, b): (a * a, b * b)} for a, b in items]


@pytest.mark.parametrize("threads", [None, 1])
def test_a_poisoned_part_is_named_and_its_neighbours_are_done(
    toy: Inception, threads: int | None
) -> None:
    task: Task[Numbers, Numbers] = Squares(threads, raises=frozenset({4}))
    first, second, third = Local(toy).run(task, [(1, 2), (3, 4, 5), (6,)])
    assert second.results == (((3,), (9,)), ((5,), (25,)))
    (failure,) = second.failures
    assert (failure.name, failure.reason) == ("number 4", "ValueError: 4 is poisoned")
    assert not first.failures
    assert third.results == (((6,), (36,)),)


def poison(monkeypatch: pytest.MonkeyPatch, **poisoned: frozenset[int]) -> None:
    """Makes units of mixed4c fail, whatever the engine."""
    clean = Work.render_task
    monkeypatch.setattr(
        Work,
        "render_task",
        lambda work, technique: PoisonedRendering(clean(work, technique), "mixed4c", **poisoned),
    )


def test_a_poisoned_unit_is_reported_at_the_end_and_all_others_are_as_if_it_were_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = replace(REQUEST, database=str(tmp_path / "clean.db"))
    request = replace(REQUEST, database=str(tmp_path / "m.db"))
    run(prepare(clean))
    with monkeypatch.context() as patch:
        poison(patch, raises=frozenset({3, 9}))
        with pytest.raises(
            UnitsFailedError, match=r"2 of the units.*channel mixed4c:3: ValueError"
        ):
            run(prepare(request))
    wanted = [
        row for row in content(clean.database)["visualization"]
        if row[:2] not in {("mixed4c", 3), ("mixed4c", 9)}
    ]  # fmt: skip
    assert content(request.database)["visualization"] == wanted
    engine = open_for_reading(request.database)
    (record,) = runs(engine)
    engine.dispose()
    assert record.state == "failed"
    assert "channel mixed4c:9" in record.message
    assert run(prepare(request)).rendered == 2  # the cause is gone: only these are made
    assert content(request.database)["visualization"] == content(clean.database)["visualization"]


def test_a_failed_batch_names_its_units_as_a_person_does() -> None:
    work = prepare(REQUEST)
    from precompute.render.technique import TECHNIQUES

    rendering: Task[RenderBatch, list[Picture]] = work.render_task(TECHNIQUES["channel"])
    assert rendering.name(RenderBatch("mixed4c", (13,), 0)) == "channel mixed4c:13"
    assert rendering.name(RenderBatch("mixed4c", (13,), 2)) == "channel mixed4c:13 seed 2"
    assert rendering.name(RenderBatch("mixed4c", (None,), 0)) == "channel mixed4c"

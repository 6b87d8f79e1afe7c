"""Calls that are made again: until the database answers, and no longer than was said."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine

from app.db import retry
from app.db.engine import open_for_writing
from app.db.queries.run_status import stored_visualizations
from app.db.records import ModelRecord, VisualizationRecord
from app.db.retry import RetryPolicy
from app.db.writer.writer import Writer
from app.errors import DatabaseFull, DatabaseGone, DatabaseTaken, StoreError

GONE = DatabaseGone("The database is away (refused). Look after it.")


class Held:
    """A lock that is held, until it is said who has it."""

    def __init__(self, *faults: StoreError) -> None:
        self.faults = list(faults)

    def take(self) -> None:
        """Nothing."""

    def confirm(self) -> None:
        if self.faults:
            raise self.faults.pop(0)

    def release(self) -> None:
        """Nothing."""


def failing(*faults: StoreError) -> Callable[[], str]:
    """A call that fails so, and then succeeds."""
    left = list(faults)

    def call() -> str:
        if left:
            raise left.pop(0)
        return "done"

    return call


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "PAUSE_SECONDS", 0.0)


def test_a_database_that_comes_back_is_waited_for_and_it_is_said() -> None:
    told: list[str] = []
    assert RetryPolicy(Held(GONE), 60, told.append)(failing(GONE, GONE)) == "done"
    assert told[0] == "The database is away (refused). It is waited for, 60 s at most."
    assert told[1].startswith("It answers again, after ")
    assert len(told) == 2


def test_who_waits_in_vain_is_told_what_to_do() -> None:
    with pytest.raises(DatabaseGone, match=r"is away \(refused\), for 0 s.*same command") as error:
        RetryPolicy(Held(), 0, lambda _: None)(failing(GONE))
    assert error.value.exit_code == 1


@pytest.mark.parametrize("fault", [DatabaseFull("full"), StoreError("refused")])
def test_what_waiting_does_not_mend_is_not_waited_for(fault: StoreError) -> None:
    with pytest.raises(type(fault)):
        RetryPolicy(Held(), 60, lambda _: None)(failing(fault))


def test_nothing_is_written_under_a_lock_that_another_has() -> None:
    made: list[None] = []
    with pytest.raises(DatabaseTaken):
        RetryPolicy(Held(GONE, DatabaseTaken("run 2 has it")), 60, lambda _: None)(
            lambda: made.append(None)
        )
    assert not made


def test_what_can_be_gone_through_only_once_is_there_the_second_time(
    store_url: str,
    make_model: Callable[..., ModelRecord],
    make_visualization: Callable[..., VisualizationRecord],
) -> None:
    engine = open_for_writing(store_url)

    def records() -> Iterator[VisualizationRecord]:
        yield from (make_visualization("conv2d0", unit) for unit in range(3))

    Writer(engine).put_model(make_model())
    Writer(engine, twice).put_visualizations("toy", records())
    assert len(stored_of(engine)) == 3
    engine.dispose()


def twice(call: Callable[[], retry.Result]) -> retry.Result:
    """As if the connection had been lost when everything was stored already."""
    call()
    return call()


def stored_of(engine: Engine) -> dict[tuple[str, int | None, int], str]:
    return stored_visualizations(engine, "toy", "channel")

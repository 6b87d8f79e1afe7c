"""Two at once: a second precompute is refused, and maintainers' commands disturb nobody."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator

import pytest

from app.db.derived.refresh import refresh_all
from app.db.engine import open_for_writing
from app.db.maintenance import prune
from tests.bad_days.samples import WORDS, Undisturbed, require_same, runs_of, wait_until_free
from tests.nursery import Child, Nursery
from tests.nursery import nursery as new_nursery


@pytest.fixture(scope="module")
def rival(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Starts runs beside those of `nursery`."""
    with new_nursery(tmp_path_factory.mktemp("rival")) as made:
        yield made


def test_the_second_is_refused_until_the_first_is_killed_and_then_goes_on_at_once(
    new_database: Callable[[], str], nursery: Nursery, rival: Nursery, undisturbed: Undisturbed
) -> None:
    database = new_database()
    first = nursery.start(*WORDS, "--database", database)
    first.wait_for(lambda: "channel: " in first.told())
    # Stopped, it holds the database for as long as the second needs to start.
    first.signal(signal.SIGSTOP)
    second = rival.run(*WORDS, "--database", database)
    assert second.code == 1
    assert "Another run fills the database" in second.told()
    assert "run 1 of toy, since" in second.told()
    assert len(second.told().splitlines()) == 1
    assert first.kill() == -signal.SIGKILL
    wait_until_free(database)
    assert rival.run(*WORDS, "--database", database).code == 0
    require_same(database, undisturbed)
    assert [run.state for run in runs_of(database)] == ["finished", "interrupted"]


def test_what_a_maintainer_does_meanwhile_disturbs_no_run(
    new_database: Callable[[], str], nursery: Nursery, undisturbed: Undisturbed
) -> None:
    database = new_database()
    child = nursery.start(*WORDS, "--database", database)
    child.wait_for(lambda: "channel: " in child.told())
    assert tidied_while_it_runs(child, database) > 1
    assert child.code == 0, child.told()
    require_same(database, undisturbed)


def tidied_while_it_runs(child: Child, database: str) -> int:
    """Removes what nothing refers to and makes lists anew, over and over; how often."""
    engine, count = open_for_writing(database), 0
    while child.poll() is None:
        prune.prune(engine)
        refresh_all(engine)
        count += 1
    engine.dispose()
    return count

"""Killed at random moments, over and over: whole after each, and complete and equal in the end."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.errors import StoreError
from tests.bad_days.clusters import KNOWN, cluster
from tests.bad_days.samples import WORDS, Undisturbed, require_same, runs_of, wait_until_free
from tests.nursery import Nursery, wait_until
from tests.precompute.content import intact

# On each kind of database; together more than fifty.
LOCAL_KILLS, RAY_KILLS = 18, 8
# What an undisturbed run says: two lines for each of eleven stages.
LINES = 22
# Until it is known how long a run takes to say its first.
START_SECONDS = 0.5
NEVER = 1_000_000


@dataclass(frozen=True)
class Kind:
    """An engine, as it is asked for; how often its runs are killed, and what that must hit.

    A run of Ray's does nothing before its first line that the local engine does not.
    """

    kills: int
    stages: int
    first_line: int = 0
    options: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    workers: Callable[[], list[int]] = list


@pytest.fixture(scope="module")
def ray_kind() -> Iterator[Kind]:
    """A cluster that outlives the runs; each has one worker, with as many threads as it has."""
    with cluster(len(os.sched_getaffinity(0))) as found:
        options = ("--engine", "ray", "--address", found.address)
        yield Kind(RAY_KILLS, 2, 1, options, KNOWN, found.workers)


@pytest.fixture(params=["local", "ray"])
def kind(request: pytest.FixtureRequest) -> Kind:
    if request.param == "local":
        return Kind(LOCAL_KILLS, 4)
    found = request.getfixturevalue("ray_kind")
    assert isinstance(found, Kind)
    return found


def test_killed_again_and_again_it_ends_as_an_undisturbed_run(
    kind: Kind,
    new_database: Callable[[], str],
    nursery: Nursery,
    undisturbed: Undisturbed,
    tmp_path: Path,
) -> None:
    seed = time.time_ns()
    print(f"seed {seed}")  # noqa: T201
    killer = Killer(nursery, kind, random.Random(seed))
    while not killer.has_enough:
        database = new_database()
        killer.run_and_kill(database)
        require_same(database, undisturbed)
        assert not list(tmp_path.glob("*-scan"))
    print(f"{killer.kills} kills, by stage {dict(killer.stages)}")  # noqa: T201
    assert len(killer.stages) >= kind.stages, killer.stages


class Killer:
    """Kills runs at random moments, and looks at what they leave.

    A moment is a random line of what an undisturbed run says, and a random while after it: as long
    as a line has taken so far, so that it does not matter how busy the machine is.
    """

    def __init__(self, nursery: Nursery, kind: Kind, chance: random.Random) -> None:
        self.nursery, self.kind, self.chance = nursery, kind, chance
        self.stages: Counter[str] = Counter()
        self._start_seconds = START_SECONDS

    @property
    def kills(self) -> int:
        return self.stages.total()

    @property
    def has_enough(self) -> bool:
        """Enough kills, of enough stages; where that takes far too many, it does not come about."""
        wanted = self.kind.kills
        hits_all = len(self.stages) >= self.kind.stages
        return self.kills >= wanted and (hits_all or self.kills >= 3 * wanted)

    def run_and_kill(self, database: str) -> None:
        """Over and over, until a run gets through."""
        while (code := self._once(database, self._line())) != 0:
            assert code == -signal.SIGKILL
            self.stages[self._stage(database)] += 1

    def _line(self) -> int:
        """After which to kill; in the end one that never comes.

        Often an early one: what a run that goes on says first is of a later stage.
        """
        lines = self.chance.choice((LINES, LINES // 4))
        return NEVER if self.has_enough else self.chance.randrange(self.kind.first_line, lines)

    def _once(self, database: str, line: int) -> int:
        """A run's exit code; it is killed unless it ends before its line."""
        words = (*WORDS, *self.kind.options, "--database", database)
        times = [time.monotonic()]
        child = self.nursery.start(*words, **self.kind.environment)

        def is_there() -> bool:
            said = len(child.told().splitlines())
            times.extend([time.monotonic()] * (said + 1 - len(times)))
            return said >= line or child.poll() is not None

        wait_until(is_there)
        if child.code is None:
            time.sleep(self.chance.uniform(0, self._pace(times)))
        code = child.kill()
        self._wait_until_nothing_is_left(database)
        return code

    def _pace(self, times: list[float]) -> float:
        """Seconds that a line takes; the first two wait for what has to start."""
        match len(times) - 1:
            case 0:
                return self._start_seconds
            case 1 | 2:
                self._start_seconds = times[1] - times[0]
                return self._start_seconds
        return (times[-1] - times[2]) / (len(times) - 3)

    def _wait_until_nothing_is_left(self, database: str) -> None:
        """No worker outlives its driver, and no server keeps a lock for it."""
        wait_until(lambda: not self.kind.workers())
        wait_until_free(database)

    def _stage(self, database: str) -> str:
        """What the run that was killed was at; its database is whole."""
        with suppress(StoreError):  # it is not made yet
            latest = next(iter(runs_of(database)), None)
            assert not list(intact(database))
            if latest is not None and latest.state == "running":
                return latest.stage or "loading"
        return "start"

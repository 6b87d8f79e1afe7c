"""Killed at random moments, over and over: whole after each, and complete and equal in the end."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from app.errors import StoreError
from tests.bad_days.nursery import Nursery
from tests.bad_days.samples import WORDS, Undisturbed, require_same, runs_of
from tests.precompute.content import intact

# One line for each engine that computes: its options.
ENGINES = [pytest.param((), id="local")]
# On each kind of database; together more than fifty.
KILLS = 26
# Of so many moments in a run, these many stages are hit, or the moments were not random.
STAGES = 4


@pytest.mark.parametrize("options", ENGINES)
def test_killed_again_and_again_it_ends_as_an_undisturbed_run(
    options: tuple[str, ...],
    new_database: Callable[[], str],
    nursery: Nursery,
    undisturbed: Undisturbed,
    tmp_path: Path,
) -> None:
    seed = time.time_ns()
    print(f"seed {seed}, {undisturbed.seconds:.1f} s undisturbed")  # noqa: T201
    killer = Killer(nursery, options, undisturbed.seconds, random.Random(seed))
    while killer.kills < KILLS:
        database = new_database()
        killer.run_and_kill(database)
        require_same(database, undisturbed)
        assert not list(tmp_path.glob("*-scan"))
    print(f"{killer.kills} kills, by stage {dict(killer.stages)}")  # noqa: T201
    assert len(killer.stages) >= STAGES, killer.stages


class Killer:
    """Kills runs at random moments, and looks at what they leave."""

    def __init__(
        self, nursery: Nursery, options: tuple[str, ...], seconds: float, chance: random.Random
    ) -> None:
        self.nursery, self.options, self.seconds, self.chance = nursery, options, seconds, chance
        self.stages: Counter[str] = Counter()

    @property
    def kills(self) -> int:
        return self.stages.total()

    def run_and_kill(self, database: str) -> None:
        """Over and over, until a run gets through."""
        while (code := self._once(database)) != 0:
            assert code == -signal.SIGKILL
            self.stages[self._stage(database)] += 1

    def _once(self, database: str) -> int:
        """The exit code of a run that is killed if it takes too long for its luck."""
        child = self.nursery.start(*WORDS, *self.options, "--database", database)
        deadline = time.monotonic() + self.chance.uniform(0, self.seconds)
        while child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        return child.kill()

    def _stage(self, database: str) -> str:
        """What the run that was killed was at; its database is whole."""
        with suppress(StoreError):  # it is not made yet
            latest = next(iter(runs_of(database)), None)
            assert not list(intact(database))
            if latest is not None and latest.state == "running":
                return latest.stage or "loading"
        return "start"

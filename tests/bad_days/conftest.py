"""Bad days: everything in this folder takes minutes, and is run by `make test-bad-days`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.bad_days.samples import WORDS, Undisturbed
from tests.nursery import SHARING, Nursery
from tests.postgres import Postgres, running_postgres

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("bad_day")


@pytest.fixture(scope="session", autouse=True)
def _shared_cores() -> Iterator[None]:
    """Whatever is started here computes beside others, and does not spin while it waits."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SHARING.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server for all; who stops it starts it again."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def undisturbed(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """A run that nothing happened to."""
    database = tmp_path_factory.mktemp("undisturbed") / "microscope.db"
    child = nursery.run(*WORDS, "--database", database)
    assert child.code == 0, child.told()
    return Undisturbed(database)


@pytest.fixture(params=["sqlite", "postgresql"])
def new_database(
    request: pytest.FixtureRequest, tmp_path: Path, postgres: Postgres
) -> Callable[[], str]:
    """Makes places of databases that hold nothing yet, on either engine."""
    numbers = count()

    def make() -> str:
        if request.param == "postgresql":
            return postgres.new_schema()
        return str(tmp_path / f"{next(numbers)}.db")

    return make

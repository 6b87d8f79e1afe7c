"""The lock of a run: one at a time on a database, gone with the process that had it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import create_engine, text

from app.db.engine import database_url, open_for_writing
from app.db.lock import ALONE, SessionLock, held, require_free
from app.db.records import ModelRecord
from app.db.transactions import writing
from app.db.writer.writer import Writer
from app.errors import DatabaseReadOnly, DatabaseTaken
from tests.app.db.holding import another_process
from tests.postgres import Postgres


def test_a_second_run_is_refused_with_the_name_of_the_first(store_url: str) -> None:
    with another_process(store_url), pytest.raises(DatabaseTaken) as refused, held(store_url):
        pass
    assert "run 1 of toy, since" in refused.value.message
    assert "`microscope precompute --model toy`" in refused.value.message
    assert "microscope status" in refused.value.message
    assert refused.value.exit_code == 1


@pytest.mark.parametrize("command", ALONE)
def test_a_command_that_has_a_database_to_itself_is_named(store_url: str, command: str) -> None:
    with held(store_url, command), pytest.raises(DatabaseTaken) as refused, held(store_url):
        pass
    assert refused.value.message.startswith(f"`{command}` has the database ")
    with held(store_url, "rm -rf /"), pytest.raises(DatabaseTaken, match="Another run"):
        require_free(store_url)


def test_the_lock_of_a_killed_run_is_free_at_once(store_url: str) -> None:
    with another_process(store_url) as process:
        process.kill()
        process.wait()
        with held(store_url):
            pass


def test_runs_of_the_past_that_never_ended_are_told_as_killed(store_url: str) -> None:
    from app.db.queries import run_status

    with another_process(store_url):
        pass
    engine = open_for_writing(store_url)
    Writer(engine).end_lost_runs()
    (run,) = run_status.runs(engine)
    assert (run.state, "killed" in run.message) == ("interrupted", True)
    engine.dispose()


def test_who_has_the_lock_can_let_it_go_and_take_it_again(store_url: str) -> None:
    for _ in range(2):
        with held(store_url) as lock:
            lock.confirm()
            with pytest.raises(DatabaseTaken, match="only just begun"), held(store_url):
                pass
        require_free(store_url)


def test_to_ask_whether_a_file_is_free_makes_nothing(tmp_path: Path) -> None:
    require_free(str(tmp_path / "none.db"))
    assert not list(tmp_path.iterdir())


def test_a_file_under_another_name_is_the_same_database(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "real.db")
    with held(str(tmp_path / "real.db")), pytest.raises(DatabaseTaken):
        require_free(str(tmp_path / "link.db"))


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(DatabaseReadOnly, match="there is no folder"),
        held(str(tmp_path / "a/b.db")),
    ):
        pass


def test_two_schemas_of_a_server_do_not_disturb_each_other(postgres: Postgres) -> None:
    with held(postgres.new_schema()), held(postgres.new_schema()):
        pass


def test_a_lock_that_was_lost_with_its_connection_is_taken_again(postgres: Postgres) -> None:
    url = postgres.new_schema()
    with held(url) as lock:
        end_connections(postgres, "advisory")
        lock.confirm()
        with pytest.raises(DatabaseTaken):
            require_free(url)


def test_a_lock_that_was_lost_to_another_run_is_not_written_under(postgres: Postgres) -> None:
    url = postgres.new_schema()
    first, second = SessionLock(database_url(url)), SessionLock(database_url(url))
    first.acquire()
    end_connections(postgres, "advisory")
    second.acquire()
    with pytest.raises(DatabaseTaken):
        first.confirm()
    second.release()


def end_connections(postgres: Postgres, kind: str) -> None:
    """Ends those that have a lock of this kind, and returns when they are gone."""
    administrator = create_engine(database_url(postgres.url))
    query = f"SELECT pid FROM pg_locks WHERE locktype = '{kind}'"
    with administrator.connect() as connection:
        # Milliseconds that it waits for each to be gone.
        ended = f"SELECT pg_terminate_backend(pid, 30000) FROM ({query}) AS holders"
        assert all(connection.scalars(text(ended)).all())
    administrator.dispose()


def test_those_who_write_wait_for_one_another(
    store_url: str, make_model: Callable[..., ModelRecord]
) -> None:
    first, second = open_for_writing(store_url), open_for_writing(store_url)
    Writer(first).put_model(make_model())
    order, is_inside = [], Event()

    def write() -> None:
        is_inside.wait(60)
        with writing(second) as connection:
            connection.execute(text("UPDATE model SET title = 'second'"))
            order.append("second")

    thread = Thread(target=write)
    thread.start()
    with writing(first) as connection:
        is_inside.set()
        thread.join(0.5)
        connection.execute(text("UPDATE layer SET channels = channels"))
        order.append("first")
    thread.join(60)
    assert order == ["first", "second"]
    first.dispose()
    second.dispose()

"""Bad days on Ray: lost workers, lost drivers, lost nodes, poison; the content stays the same."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.store.engine import open_for_reading
from app.store.ledger import runs
from precompute.engines.cluster import TOKEN
from precompute.outcome import UnitsFailedError
from precompute.pipeline import run
from precompute.request import Request
from precompute.stimuli import DrawnCollection
from precompute.work import Work, prepare
from tests.bad_days.processes import (
    PATIENCE_SECONDS,
    descendants,
    is_alive,
    titled,
    wait_until,
)
from tests.postgres import free_port
from tests.precompute.content import content, counted, intact, require_same
from tests.precompute.engines.tasks import PoisonedRendering

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-c", "from app.cli import main; main()"]
IMAGES = 120
# One core for each worker, so that there are two, and one for the local engine that they are
# compared with: bytes depend on the number of threads.
RAY = ("--engine", "ray", "--cpus", "1")
ONE_CORE = ("taskset", "--cpu-list", "0")
TOY = Request("toy", layers=("conv2d0", "mixed4c"), units="0-9", steps=1, size=32,
              techniques=("channel",), engine="ray")  # fmt: skip

Content = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of images, one of which is none."""
    folder, drawn = tmp_path_factory.mktemp("photographs"), DrawnCollection(per_class=4)
    for number in range(IMAGES):
        drawn.image(number).save(folder / f"{number:03d}.png")
    (folder / "050.png").write_text("no picture")
    return folder


def words(photographs: Path, database: Path) -> list[str]:
    return [
        "precompute", "--model", "toy", "--dataset", str(photographs), "--dataset-name", "set",
        "--layers", "conv2d0,mixed4c,logits", "--units", "0-15", "--steps", "12", "--size", "64",
        "--top", "4", "--techniques", "channel,logit,examples,effects",
        "--database", str(database),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def undisturbed(photographs: Path, tmp_path_factory: pytest.TempPathFactory) -> Content:
    """What the local engine makes, on one core."""
    database = tmp_path_factory.mktemp("local") / "m.db"
    finish([*ONE_CORE, *PROGRAM, *words(photographs, database)])
    return content(database)


def environment() -> dict[str, str]:
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    quiet = {"COLUMNS": "200", "RAY_USAGE_STATS_ENABLED": "0"}
    return os.environ | {"PYTHONPATH": path, "RAY_AUTH_MODE": "token", TOKEN: "a" * 64} | quiet


def finish(command: list[str]) -> str:
    """Runs a command to its end, which must be a good one; what it said on the way."""
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False,
        env=environment(),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stderr


@contextmanager
def begun(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    """A command that runs, in a group of its own as from a terminal; it is ended at the end."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment(),
        start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE_SECONDS)


PICTURES = "SELECT count(*) FROM visualization"
SCANNING = "SELECT count(*) FROM run WHERE stage = 'examples' AND state = 'running'"


def test_a_killed_worker_is_replaced_and_the_content_is_that_of_the_local_engine(
    photographs: Path, undisturbed: Content, tmp_path: Path
) -> None:
    """One is killed while pictures are rendered, one while images are scanned."""
    database = tmp_path / "m.db"
    with begun([*PROGRAM, *words(photographs, database), *RAY]) as process:
        killed = set[int]()
        for query in (f"{PICTURES} WHERE technique = 'channel'", SCANNING):
            wait_until(lambda query=query: counted(database, query), query)  # type: ignore[misc]
            kill_a_worker(process.pid, killed)
        said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, said
    assert said.count("its work is done again") == len(killed) == 2, said
    require_same(database, undisturbed)


def kill_a_worker(driver: int, killed: set[int]) -> None:
    """Kills a worker that is at work, another than those before."""
    at_work: list[int] = []

    def found() -> bool:
        at_work[:] = [p for p in titled(descendants(driver), "ray::Worker") if p not in killed]
        return bool(at_work)

    wait_until(found, "a worker works")
    os.kill(at_work[0], signal.SIGKILL)
    killed.add(at_work[0])


def test_a_killed_driver_leaves_no_process_and_the_same_command_finishes(
    photographs: Path, undisturbed: Content, tmp_path: Path
) -> None:
    database = tmp_path / "m.db"
    for query in (PICTURES, SCANNING):
        with begun([*PROGRAM, *words(photographs, database), *RAY]) as process:
            wait_until(lambda query=query: counted(database, query), query)  # type: ignore[misc]
            started = descendants(process.pid)
            process.kill()
        assert started
        wait_until(lambda pids=started: not any(map(is_alive, pids)), "Ray is gone")  # type: ignore[misc]
        assert not list(intact(database))
    finish([*PROGRAM, *words(photographs, database), *RAY])
    require_same(database, undisturbed)


def test_ctrl_c_ends_with_130_says_how_to_go_on_and_leaves_no_process(
    photographs: Path, tmp_path: Path
) -> None:
    """As a terminal does: the whole group is told, the workers too."""
    database = tmp_path / "m.db"
    with begun([*PROGRAM, *words(photographs, database), *RAY]) as process:
        wait_until(lambda: counted(database, PICTURES), "pictures are stored")
        started = descendants(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130, said
    assert said.splitlines()[-1].startswith("Interrupted: what is finished is stored"), said
    wait_until(lambda: not any(map(is_alive, started)), "Ray is gone")


def test_units_that_raise_or_kill_their_worker_are_named_and_all_others_are_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = replace(TOY, engine="local", database=str(tmp_path / "clean.db"))
    request = replace(TOY, database=str(tmp_path / "m.db"))
    run(prepare(clean))
    rendering = Work.rendering
    poisoned = {"raises": frozenset({9}), "kills": frozenset({2})}
    monkeypatch.setattr(
        Work, "rendering", lambda work, technique: PoisonedRendering(
            rendering(work, technique), "mixed4c", **poisoned
        ),
    )  # fmt: skip
    with pytest.raises(UnitsFailedError) as caught:
        run(prepare(request))
    assert sorted(line.split(":")[1] for line in caught.value.outcome.failed) == ["2", "9"]
    wanted = [
        row for row in content(clean.database)["visualization"]
        if row[:2] not in {("mixed4c", 2), ("mixed4c", 9)}
    ]  # fmt: skip
    assert content(request.database)["visualization"] == wanted
    engine = open_for_reading(request.database)
    assert runs(engine)[0].state == "failed"
    engine.dispose()


@contextmanager
def nodes(photographs: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A cluster of two nodes: its address, and the second, which does not see the photographs."""
    port, folder = free_port(), Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))
    start = [sys.executable, "-m", "ray.scripts.scripts", "start", "--block", "--num-cpus=1",
             "--node-ip-address=127.0.0.1", f"--object-store-memory={200 * 2**20}"]  # fmt: skip
    head = [*start, "--head", f"--port={port}", f"--temp-dir={folder}", "--include-dashboard=false"]
    hidden = f'mount -t tmpfs none {photographs} && exec "$@"'
    second = ["unshare", "--mount", "sh", "-c", hidden, "-", *start, f"--address=127.0.0.1:{port}"]
    with (folder / "log").open("wb") as log, running(head, log):
        wait_until(lambda: answers(port), "the head answers")
        with running(second, log) as process:
            yield f"127.0.0.1:{port}", process
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(command: list[str], log: Any) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, stdout=log, stderr=log, env=environment())
    try:
        yield process
    finally:
        kill_all(process)


def kill_all(process: subprocess.Popen[bytes]) -> None:
    """A node that loses its power."""
    for pid in (process.pid, *descendants(process.pid)):
        if is_alive(pid):
            os.kill(pid, signal.SIGKILL)
    process.wait(timeout=PATIENCE_SECONDS)


def answers(port: int) -> bool:
    import socket

    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def may_hide_folders() -> bool:
    """Whether a process may be given file systems of its own."""
    done = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    return done.returncode == 0


@pytest.mark.skipif(not may_hide_folders(), reason="needs the right to hide a folder (unshare)")
def test_a_node_that_does_not_see_the_images_is_sent_them_and_may_be_lost(
    photographs: Path, undisturbed: Content, tmp_path: Path
) -> None:
    database = tmp_path / "m.db"
    with nodes(photographs) as (address, second):
        wait_until(lambda: titled(descendants(second.pid), "ray::"), "the second node is there")
        command = [*PROGRAM, *words(photographs, database), *RAY, "--address", address]
        with begun(command) as process:
            wait_until(lambda: counted(database, SCANNING), "images are scanned")
            wait_until(lambda: titled(descendants(second.pid), "ray::Worker"), "both work")
            wait_until(lambda: counted(database, "SELECT done FROM run") >= IMAGES // 2, "half")
            kill_all(second)
            said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, said
    require_same(database, undisturbed)

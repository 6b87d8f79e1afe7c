"""Bad days on Ray: lost workers, lost drivers, lost nodes, poison; the content stays the same."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from precompute.pipeline import run
from precompute.prepare import prepare
from precompute.request import Request
from precompute.stages.outcome import UnitsFailedError
from precompute.stimuli import DrawnCollection
from precompute.work import Work
from tests.bad_days.clusters import cluster, environment, kill_all
from tests.bad_days.processes import (
    PATIENCE_SECONDS,
    cpu_seconds,
    descendants,
    is_alive,
    title,
    titled,
    wait_until,
)
from tests.bad_days.samples import runs_of
from tests.nursery import Child, Nursery
from tests.precompute.content import content, counted, intact, require_same
from tests.precompute.executors.tasks import PoisonedRendering

PROGRAM = [sys.executable, "-c", "from app.cli.main import main; main()"]
# Five batches: each of two workers has one, and one that waits.
IMAGES = 80
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
        "--layers", "conv2d0,mixed4c,logits", "--units", "0-15", "--steps", "4", "--size", "64",
        "--top", "4", "--techniques", "channel,logit,examples,effects",
        "--database", str(database),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def undisturbed(photographs: Path, tmp_path_factory: pytest.TempPathFactory) -> Content:
    """What the local engine makes, on one core."""
    database = tmp_path_factory.mktemp("local") / "m.db"
    subprocess.run(
        [*ONE_CORE, *PROGRAM, *words(photographs, database)], capture_output=True, text=True,
        timeout=PATIENCE_SECONDS, check=True, env=environment(),
    )  # fmt: skip
    return content(database)


def begin(nursery: Nursery, *command: str) -> Child:
    """A command that runs on Ray's workers."""
    return nursery.start(*command, *RAY, **environment())


PICTURES = "SELECT count(*) FROM visualization"
SCANNING = "SELECT count(*) FROM run WHERE stage = 'examples' AND state = 'running'"


def test_a_killed_worker_is_replaced_and_the_content_is_that_of_the_local_engine(
    photographs: Path, undisturbed: Content, nursery: Nursery, tmp_path: Path
) -> None:
    """One is killed while pictures are rendered, one while images are scanned."""
    database = tmp_path / "m.db"
    child = begin(nursery, *words(photographs, database))
    killed = set[int]()
    for query in (PICTURES, SCANNING):
        child.wait_for(lambda query=query: counted(database, query))  # type: ignore[misc]
        kill_a_worker(child, killed)
    assert child.wait() == 0, child.told()
    assert len(killed) == 2
    require_same(database, undisturbed)


def kill_a_worker(driver: Child, killed: set[int]) -> None:
    """Kills a worker that is at work, another than those before; its last words tell which."""
    at_work: list[int] = []

    def found() -> bool:
        working = titled(descendants(driver.pid), "ray::perform")
        at_work[:] = [pid for pid in working if pid not in killed]
        return bool(at_work)

    driver.wait_for(found)
    os.kill(at_work[0], signal.SIGKILL)
    killed.add(at_work[0])


def test_a_killed_driver_leaves_no_process_and_the_same_command_finishes_and_tidies_up(
    photographs: Path, undisturbed: Content, nursery: Nursery, tmp_path: Path
) -> None:
    database, folders = tmp_path / "m.db", set[Path]()
    for query in (PICTURES, SCANNING):
        child = begin(nursery, *words(photographs, database))
        child.wait_for(lambda query=query: counted(database, query))  # type: ignore[misc]
        started = descendants(child.pid)
        folders |= folders_of(started)
        assert child.kill() == -signal.SIGKILL
        assert started
        wait_until(lambda pids=started: not any(map(is_alive, pids)), "Ray is gone")  # type: ignore[misc]
        assert not list(intact(database))
    child = begin(nursery, *words(photographs, database))
    assert child.wait() == 0, child.told()
    require_same(database, undisturbed)
    assert len(folders) == 2
    assert not any(folder.exists() for folder in folders)


def folders_of(started: set[int]) -> set[Path]:
    """Where Ray's processes keep what they need, as their commands say."""
    commands = " ".join(map(title, started))
    return {Path(found) for found in re.findall(r"/tmp/ray-\w+", commands)}


def test_ctrl_c_ends_with_130_says_how_to_go_on_and_leaves_no_process(
    photographs: Path, nursery: Nursery, tmp_path: Path
) -> None:
    """As a terminal does: the whole group is told, the workers too."""
    database = tmp_path / "m.db"
    child = begin(nursery, *words(photographs, database))
    child.wait_for(lambda: counted(database, PICTURES))
    started = descendants(child.pid)
    os.killpg(child.pid, signal.SIGINT)
    assert child.wait() == 130, child.told()
    last = child.told().splitlines()[-1]
    assert last.startswith("Interrupted: what is finished is stored"), child.told()
    wait_until(lambda: not any(map(is_alive, started)), "Ray is gone")


def test_units_that_raise_or_kill_their_worker_are_named_and_all_others_are_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = replace(TOY, engine="local", database=str(tmp_path / "clean.db"))
    request = replace(TOY, database=str(tmp_path / "m.db"))
    run(prepare(clean))
    rendering = Work.render_task
    poisoned = {"raises": frozenset({9}), "kills": frozenset({2})}
    monkeypatch.setattr(
        Work, "render_task", lambda work, technique: PoisonedRendering(
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
    assert runs_of(request.database)[0].state == "failed"


def may_hide_folders() -> bool:
    """Whether a process may be given file systems of its own."""
    done = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    return done.returncode == 0


def has_computed(node: int, first: dict[int, float]) -> bool:
    """Whether a worker of the node has computed since it was first seen at work: it has images."""
    at_work = titled(descendants(node), "ray::perform")
    return any(cpu_seconds(pid) > first.setdefault(pid, cpu_seconds(pid)) + 0.1 for pid in at_work)


@pytest.mark.skipif(not may_hide_folders(), reason="needs the right to hide a folder (unshare)")
def test_a_node_that_does_not_see_the_images_is_sent_them_and_may_be_lost(
    photographs: Path, undisturbed: Content, nursery: Nursery, tmp_path: Path
) -> None:
    database = tmp_path / "m.db"
    hidden = ("unshare", "--mount", "sh", "-c", f'mount -t tmpfs none {photographs} && exec "$@"')
    with cluster(cores=1) as found, found.with_node(1, (*hidden, "-")) as second:
        child = begin(nursery, *words(photographs, database), "--address", found.address)
        child.wait_for(lambda: counted(database, SCANNING))
        child.wait_for(partial(has_computed, second.pid, {}))
        kill_all(second)
        assert child.wait() == 0, child.told()
    require_same(database, undisturbed)

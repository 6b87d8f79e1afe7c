"""The Ray executor on a real cluster of this machine, with tasks that take no time."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from precompute.executors.ray_cluster import ClusterError, WorkerResources
from precompute.executors.ray_executor import AHEAD, RayExecutor
from precompute.network import Inception
from tests.precompute.executors.tasks import Elsewhere, Numbers, Opening, Squares

PATIENCE_SECONDS = 120
said: list[str] = []


@pytest.fixture(scope="module")
def engine(toy: Inception) -> Iterator[RayExecutor]:
    """One cluster for all: it takes seconds to start."""
    made = RayExecutor(toy, torch.device("cpu"), WorkerResources(1), None, said.append)
    yield made
    made.close()


@pytest.mark.parametrize("threads", [None, 1])
def test_every_item_comes_back_in_order(engine: RayExecutor, threads: int | None) -> None:
    items: list[Numbers] = [(number, number + 1) for number in range(0, 40, 2)]
    found = list(engine.run(Squares(threads), items))
    assert [done.item for done in found] == items
    assert [dict(done.results) for done in found] == [{(a, b): (a * a, b * b)} for a, b in items]


def test_a_poisoned_part_is_named_and_its_neighbours_are_done(engine: RayExecutor) -> None:
    said.clear()
    task = Squares(raises=frozenset({4}))
    first, second, third = engine.run(task, [(1, 2), (3, 4, 5), (6,)])
    assert second.results == (((3,), (9,)), ((5,), (25,)))
    (failure,) = second.failures
    assert (failure.name, failure.reason) == ("number 4", "ValueError: 4 is poisoned")
    assert not first.failures
    assert not third.failures
    assert any("number 4 failed: ValueError: 4 is poisoned (" in line for line in said)


def test_a_part_that_kills_its_worker_is_named_and_its_neighbours_are_done(
    engine: RayExecutor,
) -> None:
    task = Squares(kills=frozenset({4}))
    first, second, third = engine.run(task, [(1, 2), (3, 4, 5), (6,)])
    assert second.results == (((3,), (9,)), ((5,), (25,)))
    (failure,) = second.failures
    assert failure.name == "number 4"
    assert failure.reason.startswith("its worker died each time")
    assert (first.failures, third.results) == ((), (((6,), (36,)),))


def test_what_a_worker_warns_of_is_said_here(engine: RayExecutor) -> None:
    said.clear()
    list(engine.run(Squares(), [(13,)]))
    assert [line.partition(": ")[2] for line in said] == ["warning: thirteen was here"]


def test_workers_run_no_further_ahead_than_the_writer_lets_them(
    engine: RayExecutor, tmp_path: Path
) -> None:
    """The writer takes one result, and waits until the workers have begun all that they may."""
    taken, most, items = 0, AHEAD * 2, [(number,) for number in range(24)]
    for _ in engine.run(Squares(in_order=False, begun=tmp_path), items):
        taken += 1
        wait_for_begun(tmp_path, min(len(items), taken + most - 2))
        assert len(list(tmp_path.iterdir())) <= taken + most
    assert taken == len(items)


def wait_for_begun(folder: Path, count: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(list(folder.iterdir())) < count and time.monotonic() < deadline:
        time.sleep(0.01)


def test_what_a_worker_does_not_see_is_sent_to_it(engine: RayExecutor) -> None:
    items = [Elsewhere(number, os.getpid()) for number in range(8)]
    found = list(engine.run(Opening(), items))
    results = [result for done in found for _, result in done.results]
    assert [content for _, content in results] == list(range(8))
    assert os.getpid() not in {pid for pid, _ in results}


def test_where_nobody_answers_is_said_at_once(toy: Inception) -> None:
    with pytest.raises(ClusterError, match=r"127\.0\.0\.1:9: nobody answers there"):
        RayExecutor(toy, torch.device("cpu"), WorkerResources(1), "127.0.0.1:9", said.append)


def test_a_worker_that_fits_on_no_node_is_refused(engine: RayExecutor) -> None:
    from precompute.executors.ray_cluster import require_room

    list(engine.run(Squares(), [(1,)]))  # the cluster is there from the first task on
    with pytest.raises(ClusterError, match="No node of the cluster has 999 cores for a worker"):
        require_room(WorkerResources(999))
    with pytest.raises(ClusterError, match=r"has 1 core and 0\.5 GPU"):
        require_room(WorkerResources(1, 0.5))

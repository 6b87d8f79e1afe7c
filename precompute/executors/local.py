"""The local engine: tasks are done in this process, one after the other or in its threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import torch

from precompute.executors.devices import workers_for
from precompute.executors.task import (
    Done,
    Failure,
    Item,
    Result,
    Task,
    Tick,
    Workplace,
    reason_of,
    unheard,
)
from precompute.network import Inception

Given = TypeVar("Given")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Local:
    """This process, with the network that it has loaded."""

    network: Inception

    def run(
        self, task: Task[Item, Result], items: Iterable[Item], tick: Tick = unheard
    ) -> Iterator[Done[Item, Result]]:
        """As `task.Engine` says; always in the items' order."""
        place = Workplace(self.network, tick)
        workers = workers_for(self.network.mean.device) if task.threads == 1 else 1
        work: Callable[[Item], Done[Item, Result]] = partial(attempt, task, place)
        yield from map(work, items) if workers == 1 else in_threads(work, items, workers)


def attempt(task: Task[Item, Result], place: Workplace, item: Item) -> Done[Item, Result]:
    """Does a task, and where it fails, does it with each of the item's parts."""
    try:
        return Done(item, ((item, task(place, item)),))
    except Exception:  # whatever it is, it must not stop the others
        return _in_parts(task, place, item)


def _in_parts(task: Task[Item, Result], place: Workplace, item: Item) -> Done[Item, Result]:
    results: list[tuple[Item, Result]] = []
    failures: list[Failure[Item]] = []
    for part in task.parts(item):
        try:
            results.append((part, task(place, part)))
        except Exception as error:
            failures.append(Failure(part, task.name(part), reason_of(error)))
    return Done(item, tuple(results), tuple(failures))


def in_threads(
    work: Callable[[Given], Answer], items: Iterable[Given], workers: int
) -> Iterator[Answer]:
    """The answers in order, from threads that PyTorch gives one core each: they wait for nobody.

    As many items are under way as there are workers, and one more each that waits its turn.
    """
    before, rest = torch.get_num_threads(), iter(items)
    waiting: deque[Future[Answer]] = deque()
    pool = ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(1,))
    torch.set_num_threads(1)  # who takes the results has no core to wait for either
    try:
        for item in rest:
            waiting.append(pool.submit(work, item))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(before)

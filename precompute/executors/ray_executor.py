"""The executor on Ray: items become Ray tasks, and their results stream back.

Ray chooses the node, restarts processes and repeats the items of those that died. Items are drawn
as results are taken, and so many are open at a time as keep every core busy while one result is
stored.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import ray
import torch
from ray.exceptions import RayError, RayTaskError

from app import __version__
from precompute.executors import ray_cluster
from precompute.executors.ray_cluster import ClusterError, WorkerResources
from precompute.executors.ray_worker import ItemResult, Stored, perform
from precompute.executors.task import (
    Done,
    Failure,
    Item,
    Result,
    ShippableItem,
    Task,
    Tick,
    reason_of,
    unheard,
)
from precompute.network import Inception

# Ray's own repetitions of an item whose process died: the first death may be the machine's fault.
RETRIES = 1
# Open items for each that is worked on.
AHEAD = 2
WAIT_SECONDS = 2.0
# PyTorch is loaded within seconds, from a slow disk within a minute.
SILENT_SECONDS = 60.0


@dataclass(eq=False)
class _Open:
    """An item that is not finished, or one that is tried in its parts."""

    number: int
    item: Any
    parts: list[Any] = field(default_factory=list)
    """Where the item as a whole failed: each is tried alone."""
    waiting: int = 1
    results: list[Any] = field(default_factory=list)
    failures: list[Failure[Any]] = field(default_factory=list)

    def done(self) -> Done[Any, Any]:
        """What became of it; results of parts in their order, whichever came first."""
        if self.parts:
            self.results.sort(key=lambda result: self.parts.index(result[0]))
        return Done(self.item, tuple(self.results), tuple(self.failures))


class RayExecutor:
    """Ray's workers; a cluster of this machine is started when there is something to do.

    Args:
        network: what the tasks are about; it is sent once to each node.
        device: where the workers compute.
        resources: what each worker takes.
        address: the cluster to join, at once; None: one of its own.
        say: is called with what a person should know.

    Raises:
        ClusterError: no cluster answers at the address.
    """

    def __init__(
        self,
        network: Inception,
        device: torch.device,
        resources: WorkerResources,
        address: str | None,
        say: Callable[[str], None],
    ) -> None:
        self._network, self._device, self._say = network, device, say
        self._resources = resources
        self._stored_network: Stored | None = None
        self._numbers = count()
        self._ships_files = self._has_results = False
        self._is_connected = address is not None
        if address is not None:
            ray_cluster.connect(address)

    def run(
        self, task: Task[Item, Result], items: Iterable[Item], tick: Tick = unheard
    ) -> Iterator[Done[Item, Result]]:
        """As `task.Executor` says; `tick` is not called.

        Raises:
            ClusterError: no worker can begin.
        """
        rest = iter(items)
        first = next(rest, None)
        if first is None:
            return
        self._connect()
        before = torch.get_num_threads()
        torch.set_num_threads(1)  # the workers need the cores
        try:
            yield from _Run(self, task, first, rest).results()
        finally:
            torch.set_num_threads(before)

    def close(self) -> None:
        """Leave the cluster; one that was started here ends."""
        if self._is_connected:
            ray_cluster.disconnect()

    def _connect(self) -> None:
        if not self._is_connected:
            self._is_connected = True
            ray_cluster.connect(None)
        if self._stored_network is None:
            ray_cluster.require_room(self._resources)
            self._stored_network = Stored("network-0", ray.put(self._network))


class _Run:
    """One task over its items: what is open, and what is ready to be handed on."""

    def __init__(
        self, executor: RayExecutor, task: Task[Any, Any], first: Any, rest: Iterator[Any]
    ) -> None:
        self._executor, self._task = executor, task
        self._items, self._is_drawn = _chained(first, rest), False
        self._stored = Stored(f"task-{next(executor._numbers)}", ray.put(task))
        self._resources = executor._resources.for_task(task.threads)
        self._submit = ray.remote(
            num_cpus=self._resources.cpus, num_gpus=self._resources.gpus, max_retries=RETRIES
        )(perform)
        self._pending: dict[Any, tuple[_Open, Any]] = {}
        self._ready: dict[int, Done[Any, Any]] = {}
        self._open, self._drawn, self._next = 0, count(), 0

    def results(self) -> Iterator[Done[Any, Any]]:
        quiet_since = time.monotonic()
        while True:
            self._draw()
            if not self._pending:
                return
            found, _ = ray.wait(list(self._pending), num_returns=1, timeout=WAIT_SECONDS)
            for ref in found:
                self._take(ref)
            yield from self._handed_on()
            if found:
                quiet_since = time.monotonic()
            elif time.monotonic() - quiet_since > SILENT_SECONDS:
                quiet_since = time.monotonic()
                self._executor._say(
                    "No result for a minute: the cluster's cores or GPUs may be taken by others."
                )

    def _draw(self) -> None:
        """Open as many items as keep the cluster busy; the writer takes one at a time."""
        most = AHEAD * max(1, ray_cluster.room(self._resources))
        while not self._is_drawn and self._open + len(self._ready) < most:
            item = next(self._items, None)
            if item is None:
                self._is_drawn = True
                return
            self._open += 1
            self._send(_Open(next(self._drawn), item), item)

    def _send(self, order: _Open, item: Any) -> None:
        sent = item
        if isinstance(item, ShippableItem):
            sent = item.carried() if self._executor._ships_files else item.addressed()
        network, device = self._executor._stored_network, self._executor._device.type
        ref = self._submit.remote(network, self._stored, sent, device, self._resources.cpus)
        self._pending[ref] = (order, item)

    def _take(self, ref: Any) -> None:
        order, item = self._pending.pop(ref)
        try:
            result: ItemResult = ray.get(ref)
        except RayTaskError as error:
            self._refuse_if_none_began(error)
            self._fail(order, item, reason_of(error.cause or error))
        except RayError as error:
            self._fail(order, item, f"its worker died each time ({type(error).__name__})")
        else:
            self._accept(order, item, result)

    def _accept(self, order: _Open, item: Any, result: ItemResult) -> None:
        if result.version != __version__:
            raise ClusterError(
                f"{result.host} has version {result.version} of inception-microscope, this "
                f"machine has {__version__}: install the same everywhere."
            )
        self._executor._has_results = True
        for line in result.warnings:
            self._executor._say(f"{result.host}: {line}")
        if result.done is None:
            self._executor._ships_files = True
            self._send(order, item)
            return
        for failure in result.done.failures:
            self._executor._say(f"{failure.name} failed: {failure.reason} ({result.host}).")
        order.results += result.done.results
        order.failures += result.done.failures
        self._finish(order)

    def _fail(self, order: _Open, item: Any, reason: str) -> None:
        """Try the parts of an item, each alone; a part that fails is reported."""
        name = self._task.name(item)
        self._executor._say(f"{name} failed: {reason}.")
        parts = list(self._task.parts(item))
        if item is order.item and len(parts) > 1:
            order.parts, order.waiting = parts, len(parts)
            for part in parts:
                self._send(order, part)
            return
        order.failures.append(Failure(item, name, reason))
        self._finish(order)

    def _finish(self, order: _Open) -> None:
        order.waiting -= 1
        if not order.waiting:
            self._open -= 1
            self._ready[order.number] = order.done()

    def _handed_on(self) -> Iterator[Done[Any, Any]]:
        if not self._task.in_order:
            while self._ready:
                yield self._ready.pop(next(iter(self._ready)))
            return
        while self._next in self._ready:
            yield self._ready.pop(self._next)
            self._next += 1

    def _refuse_if_none_began(self, error: RayTaskError) -> None:
        if not self._executor._has_results:
            raise ClusterError(
                f"No worker could begin: {reason_of(error.cause or error)}. Each node needs "
                "inception-microscope[precompute,ray] of the same version as here."
            ) from error


def _chained(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from rest

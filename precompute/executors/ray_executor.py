"""The engine on Ray: items go to the workers of a cluster, and what comes of them streams back.

No worker runs ahead of the single writer: items are drawn as results are taken, and so many are
open at a time as keep every worker busy while one result is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import Any

import ray
import torch
from ray.exceptions import RayError, RayTaskError

from precompute.executors import ray_cluster
from precompute.executors.ray_cluster import Share
from precompute.executors.ray_pool import EACH, WHOLE, Crew, Member
from precompute.executors.ray_scheduler import Book, Piece
from precompute.executors.ray_worker import Answer, Parcelled
from precompute.executors.task import Done, Item, Parcel, Result, Task, Tick, reason_of, unheard
from precompute.network import Inception

# How long to wait for something to happen before nodes that came or went are looked for.
WAIT_SECONDS = 2.0
AHEAD = 2
"""Open items for each that is being worked on."""

Say = Callable[[str], None]


class Remote:
    """Ray's workers; a cluster of this machine is started when there is something to do.

    Args:
        network: what the tasks are about; it is sent once to each node.
        device: where the workers compute.
        share: what each worker takes.
        address: the cluster to join, at once; None: one of its own.
        say: is told what a person should know.

    Raises:
        ClusterError: no cluster answers at the address.
    """

    def __init__(
        self, network: Inception, device: torch.device, share: Share, address: str | None, say: Say
    ) -> None:
        self._network, self._device, self._share, self._say = network, device, share, say
        self._crew: Crew | None = None
        self._tasks = count()
        self._is_connected = address is not None
        if address is not None:
            ray_cluster.connect(address)

    def run(
        self, task: Task[Item, Result], items: Iterable[Item], tick: Tick = unheard
    ) -> Iterator[Done[Item, Result]]:
        """As `task.Engine` says; of steps nothing is told.

        Raises:
            ClusterError: no worker can begin.
        """
        book = Book(task, items)
        book.draw(1)
        if book.is_done:
            return
        crew = self._crew or self._hired()
        sent = Parcelled(str(next(self._tasks)), ray.put(task))
        slots, before = crew.slots(task.threads), torch.get_num_threads()
        torch.set_num_threads(1)  # who takes the results has no core to wait for
        try:
            while not book.is_done:
                crew.fill()
                book.draw(max(1, AHEAD * slots * len(crew.ready)))
                for member in crew.ready:
                    self._give(book, member, sent, slots)
                self._collect(book, crew)
                yield from book.ready()
        finally:
            torch.set_num_threads(before)

    def close(self) -> None:
        """Leaves the cluster; one that was started here ends."""
        if self._is_connected:
            ray_cluster.disconnect()

    def _hired(self) -> Crew:
        if not self._is_connected:
            self._is_connected = True
            ray_cluster.connect(None)
        network = Parcelled("network", ray.put(self._network))
        self._crew = Crew(network, self._device.type, self._share, self._say)
        return self._crew

    def _give(self, book: Book[Any, Any], member: Member, task: Parcelled, slots: int) -> None:
        """Work for a worker: what it can do at a time, and one more that waits its turn."""
        group = WHOLE if book.task.threads is None else EACH
        while len(member.under_way) <= slots and not _has_suspect(member):
            piece = book.next(is_free=not member.under_way)
            if piece is None:
                return
            item = _sent(piece.item, member.sees_files)
            promise = member.actor.do.options(concurrency_group=group).remote(task, item)
            member.under_way[promise] = piece

    def _collect(self, book: Book[Any, Any], crew: Crew) -> None:
        """Waits until something comes back, and takes all that has."""
        promises = list(crew.promises())
        found, _ = ray.wait(promises, num_returns=1, timeout=WAIT_SECONDS) if promises else ((), ())
        for member in list(crew.members):
            if member.greeting is None:
                if member.hello in found:
                    crew.greeted(member)
                continue
            for promise in found:
                if promise in member.under_way:
                    self._take(book, crew, member, promise)

    def _take(self, book: Book[Any, Any], crew: Crew, member: Member, promise: Any) -> None:
        try:
            answer: Answer = ray.get(promise)
        except RayTaskError as error:  # what it answered could not be sent
            book.fail(member.under_way.pop(promise), reason_of(error))
        except RayError as error:
            self._lose(book, crew, member, error)
        else:
            self._accept(book, member, member.under_way.pop(promise), answer)

    def _accept(
        self, book: Book[Any, Any], member: Member, piece: Piece[Any, Any], answer: Answer
    ) -> None:
        for line in answer.lines:
            self._say(f"{member.name}: {line}")
        if not answer.is_here:
            member.sees_files = False
            book.again(piece)
        elif answer.reason is not None:
            self._say(f"{book.task.name(piece.item)} failed: {answer.reason} ({member.name}).")
            book.fail(piece, answer.reason)
        else:
            book.finish(piece, answer.result)

    def _lose(self, book: Book[Any, Any], crew: Crew, member: Member, error: RayError) -> None:
        """A worker is gone: what it had is done again by others."""
        lost = list(member.under_way.values())
        names = ", ".join(book.task.name(piece.item) for piece in lost)
        self._say(f"Lost {member.name}; its work is done again: {names}.")
        member.under_way.clear()
        crew.dismiss(member)
        for piece in reversed(lost):
            book.die(piece, len(lost) == 1, f"its worker died each time ({type(error).__name__})")


def _has_suspect(member: Member) -> bool:
    return any(piece.is_suspect for piece in member.under_way.values())


def _sent(item: Any, sees_files: bool) -> Any:
    """An item as it is sent: files by their names where the worker sees them, else as content."""
    if not isinstance(item, Parcel):
        return item
    return item.addressed() if sees_files else item.carried()

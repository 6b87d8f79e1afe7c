"""Who is given what, and what came back: the bookkeeping of an engine whose workers can be lost.

Plain data, without Ray. An item that fails is tried again in its parts. An item whose worker died
may be innocent, because a worker has several at a time: it is tried again alone, and only a worker
that dies with it alone counts against it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Generic

from precompute.executors.task import Done, Failure, Item, Result, Task

# The first death may be the machine's fault.
DEATHS = 2


@dataclass(eq=False)
class Order(Generic[Item, Result]):
    """An item, and what came of it so far."""

    item: Item
    open: int = 1
    """Pieces that are not finished."""
    results: dict[int, tuple[Item, Result]] = field(default_factory=dict)
    failures: dict[int, Failure[Item]] = field(default_factory=dict)

    def done(self) -> Done[Item, Result]:
        """What is handed on."""
        results, failures = (
            tuple(found[place] for place in sorted(found))
            for found in (self.results, self.failures)
        )
        return Done(self.item, results, failures)  # type: ignore[arg-type]


@dataclass(eq=False)
class Piece(Generic[Item, Result]):
    """What one worker is given: an item, or a part of one."""

    order: Order[Item, Result]
    item: Item
    place: int = 0
    """Among the parts."""
    is_part: bool = False
    is_suspect: bool = False
    """Whether a worker died that had it: it is then tried alone."""
    deaths: int = 0
    """How many workers died that had nothing else."""


class Book(Generic[Item, Result]):
    """The items of one run of a task.

    Args:
        task: what is done with them.
        items: drawn as results are handed on, never more than `most` ahead.
    """

    def __init__(self, task: Task[Item, Result], items: Iterable[Item]) -> None:
        self.task = task
        self._rest: Iterator[Item] = iter(items)
        self._is_drained = False
        self._orders: deque[Order[Item, Result]] = deque()
        self._waiting: deque[Piece[Item, Result]] = deque()

    @property
    def is_done(self) -> bool:
        """Whether everything was handed on."""
        return self._is_drained and not self._orders

    def draw(self, most: int) -> None:
        """Takes in items until so many are open: waiting, under way, or not yet handed on."""
        while len(self._orders) < most and not self._is_drained:
            for item in self._rest:
                order: Order[Item, Result] = Order(item)
                self._orders.append(order)
                self._waiting.append(Piece(order, item))
                break
            else:
                self._is_drained = True

    def next(self, is_free: bool) -> Piece[Item, Result] | None:
        """What a worker should do next; a suspect only where the worker has nothing else."""
        if not self._waiting or (self._waiting[0].is_suspect and not is_free):
            return None
        return self._waiting.popleft()

    def again(self, piece: Piece[Item, Result]) -> None:
        """It could not be done there, which is nobody's fault."""
        self._waiting.appendleft(piece)

    def finish(self, piece: Piece[Item, Result], result: Result) -> None:
        """It is done."""
        piece.order.results[piece.place] = (piece.item, result)
        piece.order.open -= 1

    def fail(self, piece: Piece[Item, Result], reason: str) -> None:
        """It failed: its parts are tried, or it is given up."""
        order = piece.order
        if piece.is_part:
            name = self.task.name(piece.item)
            order.failures[piece.place] = Failure(piece.item, name, reason)
            order.open -= 1
            return
        parts = [
            Piece(order, part, place, True, piece.is_suspect)
            for place, part in enumerate(self.task.parts(piece.item))
        ]
        order.open = len(parts)
        self._waiting.extendleft(reversed(parts))

    def die(self, piece: Piece[Item, Result], was_alone: bool, reason: str) -> None:
        """The worker that had it is gone."""
        piece.is_suspect = True
        piece.deaths += was_alone
        if piece.deaths >= DEATHS:
            self.fail(piece, reason)
        else:
            self._waiting.appendleft(piece)

    def ready(self) -> Iterator[Done[Item, Result]]:
        """What is finished, in the items' order where the task wants that."""
        while done := self._next_done():
            yield done

    def _next_done(self) -> Done[Item, Result] | None:
        for order in self._orders:
            if not order.open:
                self._orders.remove(order)
                return order.done()
            if self.task.in_order:
                break
        return None

"""What an engine is given and gives back: tasks, the place where they are done, what came of them.

A task is a small frozen value, a pure function of the network and its item: it can be sent to
another process, done anywhere and done again, and it writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar, runtime_checkable

from precompute.network import Inception
from precompute.network.precision import in_dtype

Item = TypeVar("Item")
Result = TypeVar("Result")
Result_co = TypeVar("Result_co", covariant=True)

Tick = Callable[[float], None]
"""Told of a share of an item that is done, in units of the caller's."""


def unheard(share: float) -> None:
    """Tells nobody."""


@dataclass(frozen=True)
class Workplace:
    """Where a task is done: the network is there already."""

    network: Inception
    """Frozen, in float32, on the device that is to be used."""
    tick: Tick = unheard
    _others: dict[str, Inception] = field(default_factory=dict)

    def network_in(self, dtype: str) -> Inception:
        """The network computing in another type, converted once."""
        if dtype not in self._others:
            self._others[dtype] = in_dtype(self.network, dtype)
        return self._others[dtype]


class Task(Protocol[Item, Result_co]):
    """What is done with each item."""

    @property
    def threads(self) -> int | None:
        """1: it is done with one thread, many items at a time; None: with all threads, alone."""
        ...

    @property
    def in_order(self) -> bool:
        """Whether results are wanted in the items' order."""
        ...

    def __call__(self, place: Workplace, item: Item, /) -> Result_co:
        """Does it."""
        ...

    def parts(self, item: Item, /) -> Sequence[Item]:
        """The item in its smallest parts, to find out which of them fails."""
        ...

    def name(self, item: Item, /) -> str:
        """What a person calls it."""
        ...


@dataclass(frozen=True)
class Failure(Generic[Item]):
    """A smallest part that failed as often as it was tried."""

    item: Item
    name: str
    reason: str


@dataclass(frozen=True)
class Done(Generic[Item, Result]):
    """An item with what came of it: one result, or those of its parts where the whole failed."""

    item: Item
    results: tuple[tuple[Item, Result], ...]
    failures: tuple[Failure[Item], ...] = ()


class Engine(Protocol):
    """Does tasks."""

    def run(
        self, task: Task[Item, Result], items: Iterable[Item], tick: Tick = unheard
    ) -> Iterator[Done[Item, Result]]:
        """Each item with what came of it, as it becomes ready.

        An item that fails is tried again in its parts, and what still fails is handed back as a
        `Failure`: it stops nothing. Items are drawn only as fast as results are taken.
        """
        ...


@runtime_checkable
class ShippableItem(Protocol):
    """An item that names files: to be sent to where they may not be."""

    def addressed(self) -> ShippableItem:
        """With what a worker needs to know the files by."""
        ...

    def is_here(self) -> bool:
        """Whether the files of this machine are the same."""
        ...

    def carried(self) -> ShippableItem:
        """With the files' content in place of their names."""
        ...


def reason_of(error: BaseException) -> str:
    """An error's first line, with its kind."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__

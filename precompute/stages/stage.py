"""What a stage is: its name, the layers it suits, what it plans, does and costs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from app.unit_names import LOGITS

if TYPE_CHECKING:
    from app.db.retry import Retry
    from app.db.writer.writer import Writer
    from precompute.executors.task import Engine
    from precompute.network import Layer
    from precompute.scan.context import StageProgress
    from precompute.stages.outcome import Outcome
    from precompute.work import Work

LAST = 1000

Key = TypeVar("Key")
Value = TypeVar("Value")


class Plan(Protocol):
    """What is wanted, minus what is stored."""

    @property
    def count(self) -> int:
        """How many pictures or units are missing."""

    @property
    def stored(self) -> int:
        """How many of those wanted are there already."""

    @property
    def other_recipe(self) -> int:
        """How many of those were made by another recipe than the requested one."""


AnyPlan = TypeVar("AnyPlan", bound=Plan)


@dataclass(frozen=True)
class Cost:
    """An estimate of what a plan takes on this machine."""

    sentence: str
    """What would be done, without a full stop."""
    seconds: float
    bytes: float = 0.0


@dataclass(frozen=True)
class Store:
    """The database, as plans read it."""

    engine: Any
    """Of `app.db`; None where there is no database yet."""
    retry: Retry

    def read(self, query: Callable[..., dict[Key, Value]], *names: str) -> dict[Key, Value]:
        """The answer of a query of `app.db.queries`; empty where there is no database."""
        if self.engine is None:
            return {}
        return self.retry(partial(query, self.engine, *names))


@dataclass(frozen=True)
class Stage(Generic[AnyPlan]):
    """A part of a run that makes one kind of evidence."""

    name: str
    """As `--techniques` takes it."""
    suits: Callable[[Layer], bool]
    plan: Callable[[Work, Store], AnyPlan]
    """Resuming is planning again: what is stored is not planned."""
    run: Callable[[Work, AnyPlan, Writer, StageProgress, Engine], Outcome]
    """Does the plan. It is called only where something is missing."""
    cost: Callable[[Work, AnyPlan], Cost]
    """Times samples of the plan; stores nothing."""
    needs_dataset: bool = False
    after: tuple[str, ...] = ()
    """Stages whose results it reads: it follows them where both are requested."""
    photograph_of: str = ""
    """The stage that it repeats from a photograph: it is done with that one, where a photograph is
    given, and `--techniques` does not take it."""
    order: int = LAST
    """Its place among all stages, the lowest first; stages that share one go by their module."""


def every_layer(layer: Layer) -> bool:
    """Suits layers with a map and the classes."""
    return True


def has_map(layer: Layer) -> bool:
    """Suits layers with a map."""
    return layer.name != LOGITS


def timed(job: Callable[[], object]) -> float:
    """The seconds that a job takes."""
    begun = time.perf_counter()
    job()
    return time.perf_counter() - begun

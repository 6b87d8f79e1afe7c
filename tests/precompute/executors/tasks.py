"""Tasks whose results are known without a network, and which fail where they are told to."""

from __future__ import annotations

import logging
import os
import signal
from dataclasses import dataclass, replace
from pathlib import Path

from precompute.executors.task import Workplace
from precompute.missing import RenderBatch
from precompute.render.render import Picture
from precompute.render.render_task import RenderTask

Numbers = tuple[int, ...]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Squares:
    """Squares numbers; of an item with several, all."""

    threads: int | None = None
    in_order: bool = True
    raises: frozenset[int] = frozenset()
    """With these it raises, each time."""
    kills: frozenset[int] = frozenset()
    """With these it takes its process with it, each time."""
    begun: Path | None = None
    """A folder in which a file is made for every item that is begun."""

    def __call__(self, place: Workplace, item: Numbers) -> Numbers:
        if self.begun:
            (self.begun / f"{item[0]}").touch()
        if self.kills & set(item):
            os.kill(os.getpid(), signal.SIGKILL)
        for number in self.raises & set(item):
            raise ValueError(f"{number} is poisoned")
        if 13 in item:
            log.warning("thirteen was here")
        return tuple(number**2 for number in item)

    def parts(self, item: Numbers) -> list[Numbers]:
        return [(number,) for number in item]

    def name(self, item: Numbers) -> str:
        return f"number {','.join(map(str, item))}"


@dataclass(frozen=True)
class Elsewhere:
    """A parcel that only its sender's process sees."""

    number: int
    sender: int
    content: int | None = None

    def addressed(self) -> Elsewhere:
        return self

    def is_here(self) -> bool:
        return self.content is not None or os.getpid() == self.sender

    def carried(self) -> Elsewhere:
        return replace(self, content=self.number)


@dataclass(frozen=True)
class Opening:
    """Opens a parcel: the worker that it was opened by, and what was in it."""

    threads = 1
    in_order = True

    def __call__(self, place: Workplace, item: Elsewhere) -> tuple[int, int | None]:
        return os.getpid(), item.content

    def parts(self, item: Elsewhere) -> list[Elsewhere]:
        return [item]

    def name(self, item: Elsewhere) -> str:
        return f"parcel {item.number}"


@dataclass(frozen=True)
class PoisonedRendering:
    """Renders, but for some units of a layer."""

    whole: RenderTask
    layer: str
    raises: frozenset[int] = frozenset()
    kills: frozenset[int] = frozenset()

    threads = None
    in_order = False

    @property
    def technique(self) -> str:
        return self.whole.technique

    @property
    def recipes(self) -> object:
        return self.whole.recipes

    def __call__(self, place: Workplace, batch: RenderBatch) -> list[Picture]:
        if batch.layer == self.layer:
            if self.kills & set(batch.units):
                os.kill(os.getpid(), signal.SIGKILL)
            if self.raises & set(batch.units):
                raise ValueError("a poisoned unit")
        return self.whole(place, batch)

    def parts(self, batch: RenderBatch) -> list[RenderBatch]:
        return self.whole.parts(batch)

    def name(self, batch: RenderBatch) -> str:
        return self.whole.name(batch)

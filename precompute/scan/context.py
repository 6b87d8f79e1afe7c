"""What a scan works with: the request, the network, the data set, the checkpoint, the executor."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor

from precompute.executors.local import Local
from precompute.executors.task import Engine
from precompute.images.dataset import Dataset
from precompute.images.view import View, view_for
from precompute.missing import Wanted
from precompute.network import Inception
from precompute.scan.checkpoint import Checkpoint, disk_errors_explained
from precompute.scan.maxima_table import Maxima


@dataclass(frozen=True)
class ScanRequest:
    """The units to scan for, and how."""

    units: Wanted
    top: int = 24
    """Length of a unit's list of strongest examples, and of its list of weakest ones."""
    dtype: str = "float32"
    """What the first pass computes in."""
    seed: int = 0
    """For the examples drawn from the intervals."""
    weights: str = ""
    """SHA-256 of the network's weights: an interrupted scan resumes only with the same weights."""

    @property
    def candidates(self) -> int:
        """Length of the first pass's lists: bfloat16 can swap an image with its neighbors."""
        return self.top if self.dtype == "float32" else 2 * self.top

    @cached_property
    def channels(self) -> dict[str, Tensor]:
        """Each layer's units, `[units]`."""
        return {layer: torch.tensor(units) for layer, units in self.units.items()}


class StageProgress(Protocol):
    """Receives the progress of a stage."""

    def begin(self, stage: str, total: int) -> None:
        """A stage begins."""

    def update(self, done: float) -> None:
        """So much of the total is done."""


class Silent:
    """Discards progress and messages."""

    def begin(self, stage: str, total: int) -> None: ...

    def update(self, done: float) -> None: ...

    def message(self, text: str) -> None: ...


@dataclass(frozen=True)
class ScanContext:
    """Everything that the passes of one scan share."""

    network: Inception
    dataset: Dataset
    request: ScanRequest
    checkpoint: Checkpoint
    progress: StageProgress
    executor: Engine | None = None
    """None: this process."""

    @property
    def view(self) -> View:
        return view_for(self.network.variant)

    @cached_property
    def engine(self) -> Engine:
        return self.executor or Local(self.network)

    def maxima(self) -> Maxima:
        """The table of each image's maxima, in the checkpoint's folder."""
        widths = {layer: len(units) for layer, units in self.request.units.items()}
        dtype: torch.dtype = getattr(torch, self.request.dtype)
        folder = self.checkpoint.folder
        with disk_errors_explained(folder):
            return Maxima(folder / "maxima", len(self.dataset.items), widths, dtype)

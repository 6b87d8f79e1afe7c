"""What a scan is asked for, who is told how far it is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from precompute.executors.local import Local
from precompute.executors.task import Engine
from precompute.images.dataset import Dataset
from precompute.images.view import View, view_for
from precompute.missing import Wanted
from precompute.network import Inception
from precompute.scan.checkpoint import Checkpoint, told
from precompute.scan.class_selectivity import Labels, Weighted
from precompute.scan.entries import Entries
from precompute.scan.intervals import Range
from precompute.scan.maxima_table import Maxima
from precompute.scan.moments import Account
from precompute.scan.similar_units import Neighbours


@dataclass(frozen=True)
class Asked:
    """What a scan is to find."""

    units: Wanted
    top: int = 24
    """Examples of each of a unit's two lists, the strongest and the weakest."""
    dtype: str = "float32"
    """What the first pass computes with."""
    seed: int = 0
    """Of the draw from the range."""
    weights: str = ""
    """SHA-256 of the network's weights: an interrupted scan is continued with the same only."""

    @property
    def candidates(self) -> int:
        """So many are looked at again: bfloat16 may take an example's neighbours for it."""
        return self.top if self.dtype == "float32" else 2 * self.top

    @cached_property
    def channels(self) -> dict[str, Tensor]:
        """Each layer's wanted units, `[units]`."""
        return {layer: torch.tensor(units) for layer, units in self.units.items()}


@dataclass(frozen=True)
class Watch:
    """Who is told how far a scan is."""

    begin: Callable[[str, int], None] = lambda stage, total: None
    reach: Callable[[float], None] = lambda done: None


SILENT = Watch()


@dataclass(frozen=True)
class LayerFound:
    """What a scan found of a layer; lists are in the order in which its units were asked for."""

    units: tuple[int, ...]
    account: Account
    ranges: list[Range]
    entries: Entries
    shares: list[Weighted]
    """The classes among the strongest 1 % of images."""
    neighbours: list[Neighbours]
    places: list[int] | None
    """Where each stands when similar units stand together; None where some were not scanned."""


@dataclass(frozen=True)
class Found:
    """What a scan found."""

    layers: dict[str, LayerFound]
    labels: Labels
    images: int
    """How many were read."""
    skipped: tuple[str, ...]
    """Those that could not be, as `path: reason`."""


@dataclass(frozen=True)
class Scanner:
    """A data set that is scanned."""

    network: Inception
    dataset: Dataset
    asked: Asked
    checkpoint: Checkpoint
    watch: Watch = SILENT
    engine: Engine | None = None
    """Where images are seen; None: here."""

    @property
    def view(self) -> View:
        return view_for(self.network.variant)

    @cached_property
    def engine_in_use(self) -> Engine:
        return self.engine or Local(self.network)

    def maxima(self) -> Maxima:
        """Each image's largest activations, in the checkpoint's folder."""
        widths = {layer: len(units) for layer, units in self.asked.units.items()}
        dtype: torch.dtype = getattr(torch, self.asked.dtype)
        with told(self.checkpoint.folder):
            return Maxima(self.checkpoint.folder / "maxima", len(self.dataset.items), widths, dtype)

"""What the store answers about models and their layers: what they are, and how much is stored.

The same manners as `views`, which hands them on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ModelHead:
    """A network with its weights."""

    slug: str
    title: str
    variant: str
    weights_sha256: str
    weights_file: str
    licence: str
    input_size: int
    created: datetime


@dataclass(frozen=True, slots=True)
class ModelView(ModelHead):
    """A network with how much of it is stored, which takes a while to count."""

    layers: int
    units: int
    pictured: int
    """Units with at least one picture."""


@dataclass(frozen=True, slots=True)
class BranchView:
    """A branch of an inception module: units `start` to `stop`, excluding `stop`."""

    name: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class LayerHead:
    """A layer of a network."""

    name: str
    ordinal: int
    channels: int
    map_size: int
    stride: int | None
    receptive_field: int | None
    branches: tuple[BranchView, ...]

    def branch_of(self, unit: int) -> str | None:
        """The name of the branch that a unit belongs to; None where there is one branch."""
        names = (branch.name for branch in self.branches if branch.start <= unit < branch.stop)
        return next(names, None)


@dataclass(frozen=True, slots=True)
class LayerView(LayerHead):
    """A layer with how many of its units are stored, which takes a while to count."""

    pictured: int
    scanned: int

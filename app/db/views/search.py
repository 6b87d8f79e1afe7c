"""What the store answers to a search: places by name, and units with what was asked about them.

The same manners as `views`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.db.views import BranchView, ImageView, LabelView


@dataclass(frozen=True, slots=True)
class UnitPlace:
    """A unit's public address."""

    model: str
    layer: str
    unit: int


@dataclass(frozen=True, slots=True)
class LayerPlace:
    """A layer as an address names it."""

    name: str
    channels: int
    branches: tuple[BranchView, ...]


@dataclass(frozen=True, slots=True)
class ModelPlace:
    """A model with its layers, in the order of the forward pass."""

    slug: str
    title: str
    variant: str
    layers: tuple[LayerPlace, ...]


@dataclass(frozen=True, slots=True)
class FoundUnit:
    """A unit that was searched for."""

    place: UnitPlace
    title: str | None
    image: ImageView | None
    labels: tuple[LabelView, ...]
    numbers: Mapping[str, float]
    """What was asked about it: statistics by name; `effect`, on the classes that were named."""


@dataclass(frozen=True, slots=True)
class Found:
    """Some of the units that fit, in order."""

    units: tuple[FoundUnit, ...]
    has_more: bool
    datasets: tuple[str, ...] = ()
    """The titles of the data sets whose statistics were asked."""
    crowded: tuple[str, ...] = ()
    """Texts that are in the names of too many classes to look for the effects on all."""

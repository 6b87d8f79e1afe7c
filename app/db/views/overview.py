"""What the store answers about a whole model: its tour, how dense its layers are, how each part of
it was made.

The same manners as `views`.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.db.views import ImageView


@dataclass(frozen=True, slots=True)
class HighlightView:
    """A stop of a model's tour: a unit, and in what it is remarkable."""

    model: str
    layer: str
    unit: int
    title: str | None
    """The class's name, for units of `logits`."""
    image: ImageView | None
    kind: str
    """A kind of `app.db.tour.rules`."""
    value: float | None
    """The number that makes it so; None where there is none to tell."""
    detail: str | None
    """A name that belongs to it: a class's, or another unit's."""


@dataclass(frozen=True, slots=True)
class DensityView:
    """How often the units of a layer are above 0 in the first data set that it was scanned in."""

    dataset: str
    """The data set's title."""
    share: float
    """Of positions above 0, the mean over the units."""


@dataclass(frozen=True, slots=True)
class RecipeUse:
    """That a recipe made something of a layer."""

    what: str
    """A technique of pictures; `examples` or `effects`, of a data set."""
    dataset: str | None
    layer: str
    recipe: str
    """The recipe's hash."""
    count: int
    """Pictures; of `examples` and `effects`, units."""


@dataclass(frozen=True, slots=True)
class SourceView:
    """Where labels come from, and how many."""

    source: str
    labels: int

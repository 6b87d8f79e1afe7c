"""What the store answers: frozen dataclasses with public names, ready for a page or for JSON.

No database ids, no SQLAlchemy types, and no image bytes except in `StoredImage`.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from app.db.run_request import command_line
from app.drawing.crops import Box as Box


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


def utc(moment: datetime) -> datetime:
    """The same moment, aware of its zone."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


# A run writes a sign of life with every batch; the slowest batches take about a minute.
STALE_AFTER = timedelta(minutes=3)

# The share of images below which a unit is called rare.
RARE = 0.01


class ImageView(NamedTuple):
    """A picture's head: enough to link to it and to reserve its place.

    A tuple, as all of which a list has a thousand: making a frozen dataclass takes five times as
    long.
    """

    sha256: str
    media_type: str
    width: int
    height: int
    is_hidden: bool = False
    """Whether the maintainer hides it: its place is kept, the picture is not shown."""


@dataclass(frozen=True, slots=True)
class SheetView:
    """Thumbnails of up to 64 neighbouring units of a layer in one picture, eight in a row."""

    number: int
    """From 0: units `64 × number` and the 63 that follow."""
    image: ImageView
    present: str
    """A character for each place, `1` where the unit has a thumbnail."""


@dataclass(frozen=True, slots=True)
class StoredImage:
    """A picture's bytes with what they are."""

    media_type: str
    bytes: builtins.bytes


class SummaryView(NamedTuple):
    """A unit's statistics in a data set as they stand in a list; values are before the ReLU."""

    mean: float
    deviation: float
    skew: float
    maximum: float
    minimum: float
    density: float
    """The share of positions above 0."""
    image_density: float
    """The share of images with a position above 0."""
    place: int | None = None
    """From 0: where it stands among its layer's units when similar ones stand together."""

    @property
    def is_dead(self) -> bool:
        """Whether it is above 0 nowhere in the data set."""
        return self.density == 0

    @property
    def is_rare(self) -> bool:
        """Whether it is above 0 in very few images, though in some."""
        return not self.is_dead and self.image_density < RARE


@dataclass(frozen=True, slots=True)
class UnitView:
    """A unit as it stands in a list: its number, its class's name, its first picture."""

    index: int
    title: str | None
    image: ImageView | None
    statistics: SummaryView | None = None
    """In the first data set that the layer was scanned in; None in lists that do not ask."""


@dataclass(frozen=True, slots=True)
class LabelView:
    """What a maintainer calls units `start` to `stop` of a layer, excluding `stop`."""

    start: int
    stop: int
    label: str
    family: str | None
    note: str | None
    source: str
    """Who says so, and where."""


@dataclass(frozen=True, slots=True)
class RecipeView:
    """Every number that a rendering or a scan depended on."""

    sha256: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class VisualizationView:
    """A rendered picture of a unit or of a whole layer, with the numbers measured on it."""

    technique: str
    seed: int
    member: int
    """From 0: the place among the pictures of one technique and seed, which belong together."""
    activation: float
    """The objective's value."""
    maximum: float
    """The largest cell of the unit's map, before the ReLU; of a layer, its largest value."""
    minimum: float | None
    """The smallest cell; None where it was not measured."""
    note: str | None
    """Why the picture is not what one would expect; None where it is."""
    seconds: float
    created: datetime
    image: ImageView
    recipe: RecipeView


@dataclass(frozen=True, slots=True)
class DatasetView:
    """A set of images that was scanned."""

    slug: str
    title: str
    licence: str
    fingerprint: str
    images: int
    private: bool
    created: datetime


@dataclass(frozen=True, slots=True)
class RunView:
    """A precompute: how far it is, or how it ended."""

    id: int
    model: str
    request: Mapping[str, Any]
    """The options that were given, by name."""
    version: str
    state: str
    stage: str
    done: int
    total: int
    message: str
    skipped: tuple[str, ...]
    started: datetime
    heartbeat: datetime

    @property
    def command(self) -> str:
        """The command that asks for the same again."""
        return command_line(self.request)

    @property
    def has_begun(self) -> bool:
        """Whether it came to its work; else it was refused before."""
        return self.total > 0 or self.state != "failed"

    def is_alive(self, now: datetime | None = None) -> bool:
        """Whether it runs and was heard of lately; a killed one stays `running` for ever."""
        return self.state == "running" and (now or datetime.now(UTC)) - self.heartbeat < STALE_AFTER

    def state_at(self, now: datetime) -> str:
        """Its state; `stale` where it is written down as running, and was not heard of lately."""
        return "stale" if self.state == "running" and not self.is_alive(now) else self.state

    def silence(self, now: datetime) -> float:
        """Seconds since its last sign of life; never below 0, whatever the clocks say."""
        return max((now - self.heartbeat).total_seconds(), 0.0)


@dataclass(frozen=True, slots=True)
class LayerCount:
    """How much of a layer has a picture of a technique, or is scanned in a data set.

    It is counted in units (`done` of `total`); pictures of the whole layer count as 1 of 1.
    """

    layer: str
    total: int
    what: str
    done: int

"""The shapes of a unit's JSON answer: its examples, what data sets say of it, how that came about.

The same manners as `schemas`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.api.schemas import Answer, Href, Page, RecipeAnswer, Summary, Visualization

KIND = (
    "top, minimum; or interval-0 to interval-11: images whose maximum over the map lies in that "
    "part of the range, numbered as in the statistics' `intervals`."
)
HEAT = (
    "The path of the unit's map on this image, as a picture to lie over the view; null where none "
    "is stored."
)


class Box(Answer):
    """A part of a view, in pixels; `right` and `lower` are excluded."""

    left: int
    upper: int
    right: int
    lower: int


class Example(Answer):
    """An image of a data set that excites the unit."""

    kind: Annotated[str, Field(description=KIND)]
    rank: Annotated[int, Field(description="From 1.")]
    activation: Annotated[float, Field(description="Before the ReLU, at (`y`, `x`).")]
    y: Annotated[int, Field(description="Row of the layer's map.")]
    x: Annotated[int, Field(description="Column of the layer's map.")]
    dataset: str
    path: Annotated[str, Field(description="The image's path in its data set.")]
    label: str | None
    image: Annotated[str | None, Field(description="The path of the view the network saw.")]
    box: Annotated[Box | None, Field(description="What the cell sees of the view, clipped.")]
    heat: Annotated[str | None, Field(description=HEAT)]


class Scan(Answer):
    """How the examples in a data set were found."""

    dataset: str
    fingerprint: str
    private: Annotated[bool, Field(description="Whether its pictures are never stored.")]
    top: int
    images: int
    created: datetime
    recipe: RecipeAnswer


class Quantile(Answer):
    """The value that a share of the sampled positions do not exceed."""

    share: Annotated[float, Field(description="0 to 1.")]
    value: float


class Histogram(Answer):
    """How often which value occurs, before the ReLU, in bins of equal width."""

    low: Annotated[float, Field(description="The lower end of the first bin.")]
    high: Annotated[float, Field(description="The upper end of the last bin.")]
    counts: list[int]
    positions: Annotated[
        int, Field(description="How many positions of each map were sampled; all, if it has fewer.")
    ]


class Interval(Answer):
    """A part of the range, with the images whose maximum over the map lies in it."""

    low: Annotated[float, Field(description="Excluded, but for the lowest interval.")]
    high: float
    images: int


class ClassValue(Answer):
    """A class of the data set, with what was measured of it."""

    label: str
    value: float


class Statistics(Summary):
    """What the unit does over all images of a data set."""

    dataset: str
    images: int
    positions: Annotated[int, Field(description="Cells of the map over all images.")]
    quantiles: Annotated[list[Quantile], Field(description="From the histogram's sample.")]
    histogram: Histogram
    intervals: Annotated[list[Interval], Field(description="From the lowest.")]
    class_means: Annotated[
        list[ClassValue], Field(description="Highest mean activation, after the ReLU.")
    ]
    class_shares: Annotated[
        list[ClassValue], Field(description="Share of each class among the top 1 % of images.")
    ]
    top_images: Annotated[int, Field(description="How many images the top 1 % are.")]


class Neighbour(Answer):
    """Another unit that is active on the same images."""

    dataset: str
    layer: str
    unit: int
    title: Annotated[str | None, Field(description="The class's name, for units of `logits`.")]
    image: Annotated[str | None, Field(description="The path of its first picture.")]
    within: Annotated[bool, Field(description="Whether it is of the same layer.")]
    rank: Annotated[int, Field(description="From 1, among those of the same layer or the others.")]
    correlation: Annotated[float, Field(description="Of the two units' maxima over the images.")]
    href: Href
    page: Page


class Effect(Answer):
    """How much the unit argues for or against a class."""

    output: Annotated[int, Field(description="The class, as a unit of `logits`.")]
    title: Annotated[str | None, Field(description="The class's name.")]
    rank: Annotated[int, Field(description="From 1: argued for. From −1 downwards: against.")]
    value: Annotated[float, Field(description="Mean of gradient times activation.")]
    images: Annotated[int, Field(description="Images whose gradients were averaged.")]
    href: Href
    page: Page


class Effects(Answer):
    """The classes that the unit argues for and against, by the images of a data set."""

    dataset: str
    outputs: Annotated[list[Effect], Field(description="For, then against; the most first.")]
    recipe: RecipeAnswer


class Unit(Answer):
    """Everything that is stored about a unit."""

    model: str
    layer: str
    unit: int
    title: str | None
    branch: Annotated[str | None, Field(description="The branch of the module it belongs to.")]
    map_size: int
    weights_sha256: str
    visualizations: Annotated[
        list[Visualization],
        Field(description="By technique, seed, then member; the page's own first."),
    ]
    examples: Annotated[list[Example], Field(description="By kind, then rank.")]
    scans: list[Scan]
    statistics: Annotated[list[Statistics], Field(description="One for each data set.")]
    neighbours: Annotated[
        list[Neighbour], Field(description="By data set; of the same layer first, then by rank.")
    ]
    effects: Annotated[list[Effects], Field(description="One for each data set.")]
    page: Page

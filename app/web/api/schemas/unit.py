"""The shapes of a unit's JSON answer: its examples, what data sets say of it, how that came about.

The same manners as `schemas`.
"""

from __future__ import annotations

from typing import Annotated

from app.web.api.fields import (
    DATASET,
    LAYER,
    MODEL,
    OUTPUT,
    UNIT,
    URLS,
    ClassHref,
    ClassPage,
    ClassTitle,
    Created,
    DatasetName,
    IsHidden,
    LayerName,
    Picture,
    Slug,
    UnitHref,
    UnitIndex,
    UnitPage,
    UnitTitle,
    Weights,
    said,
)
from app.web.api.schemas.class_units import ClassUnits
from app.web.api.schemas.network import Answer, RecipeAnswer, Summary, Visualization

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

    left: Annotated[int, said("From the view's left edge.", 0)]
    upper: Annotated[int, said("From the view's upper edge.", 40)]
    right: Annotated[int, said("From the view's left edge, excluded.", 224)]
    lower: Annotated[int, said("From the view's upper edge, excluded.", 224)]


class Example(Answer):
    """An image of a data set that excites the unit."""

    kind: Annotated[str, said(KIND, "top")]
    rank: Annotated[int, said("From 1.", 1)]
    activation: Annotated[float, said("Before the ReLU, at (`y`, `x`).", 260.5)]
    y: Annotated[int, said("Row of the layer's map.", 6)]
    x: Annotated[int, said("Column of the layer's map.", 8)]
    dataset: DatasetName
    path: Annotated[str, said("The image's path in its data set.", "dogs/0001.jpg")]
    label: Annotated[str | None, said("The image's class, as its data set says.", "dog")]
    image: Picture
    hidden: IsHidden
    box: Annotated[Box | None, said("What the cell sees of the view, clipped.")]
    heat: Annotated[str | None, said(HEAT, URLS.heat(MODEL, LAYER, UNIT, DATASET, "top", 1))]


class Scan(Answer):
    """How the examples in a data set were found."""

    dataset: DatasetName
    fingerprint: Annotated[str, said("SHA-256 over the list of its files.", "a1" * 32)]
    private: Annotated[bool, said("Whether its pictures are never stored.", False)]
    top: Annotated[int, said("How many top examples were asked for.", 24)]
    images: Annotated[int, said("How many images were read.", 1000)]
    created: Created
    recipe: RecipeAnswer


class Quantile(Answer):
    """The value that a share of the sampled positions do not exceed."""

    share: Annotated[float, said("0 to 1.", 0.5)]
    value: Annotated[float, said("Before the ReLU.", -12.5)]


class Histogram(Answer):
    """How often which value occurs, before the ReLU, in bins of equal width."""

    low: Annotated[float, said("The lower end of the first bin.", -180.0)]
    high: Annotated[float, said("The upper end of the last bin.", 260.0)]
    counts: Annotated[list[int], said("Of each bin, from the lowest.", [12, 640, 30])]
    positions: Annotated[
        int, said("How many positions of each map were sampled; all, if it has fewer.", 16)
    ]


class Interval(Answer):
    """A part of the range, with the images whose maximum over the map lies in it."""

    low: Annotated[float, said("Excluded, but for the lowest interval.", 234.0)]
    high: Annotated[float, said("Included.", 260.5)]
    images: Annotated[int, said("How many images.", 3)]


class ClassValue(Answer):
    """A class of the data set, with what was measured of it."""

    label: Annotated[str, said("The class, as the data set says.", "dog")]
    value: Annotated[float, said("What was measured.", 38.5)]


class Statistics(Summary):
    """What the unit does over all images of a data set."""

    dataset: DatasetName
    images: Annotated[int, said("How many images were read.", 1000)]
    positions: Annotated[int, said("Cells of the map over all images.", 196000)]
    quantiles: Annotated[list[Quantile], said("From the histogram's sample.")]
    histogram: Histogram
    intervals: Annotated[list[Interval], said("From the lowest.")]
    class_means: Annotated[list[ClassValue], said("Highest mean activation, after the ReLU.")]
    class_shares: Annotated[
        list[ClassValue], said("Share of each class among the top 1 % of images.")
    ]
    top_images: Annotated[int, said("How many images the top 1 % are.", 10)]


class Neighbour(Answer):
    """Another unit that is active on the same images."""

    dataset: DatasetName
    layer: LayerName
    unit: UnitIndex
    title: UnitTitle
    image: Picture
    hidden: IsHidden
    within: Annotated[bool, said("Whether it is of the same layer.", True)]
    rank: Annotated[int, said("From 1, in each of the two lists.", 1)]
    correlation: Annotated[float, said("Of the units' maxima over the images.", 0.75)]
    href: UnitHref
    page: UnitPage


class Effect(Answer):
    """How much the unit argues for or against a class."""

    output: Annotated[int, said("The class, as a unit of `logits`.", OUTPUT)]
    title: ClassTitle
    rank: Annotated[int, said("From 1: argued for. From −1 downwards: against.", 1)]
    value: Annotated[float, said("Mean of gradient times activation.", 0.25)]
    images: Annotated[int, said("Images whose gradients were averaged.", 200)]
    href: ClassHref
    page: ClassPage


class Effects(Answer):
    """The classes that the unit argues for and against, by the images of a data set."""

    dataset: DatasetName
    outputs: Annotated[list[Effect], said("For, then against; the most first.")]
    recipe: RecipeAnswer


class Label(Answer):
    """What a maintainer calls units `start` to `stop` of a layer, excluding `stop`."""

    layer: LayerName
    start: Annotated[int, said("The index of its first unit.", UNIT)]
    stop: Annotated[int, said("The index after its last unit.", UNIT + 1)]
    label: Annotated[str, said("The name.", "snouts")]
    family: Annotated[str | None, said("What kind of units it belongs to.", "animals")]
    note: Annotated[str | None, said("What is remarkable.", None)]
    source: Annotated[str, said("Who says so, and where.", "labels.csv")]


class Unit(Answer):
    """Everything that is stored about a unit."""

    model: Slug
    layer: LayerName
    unit: UnitIndex
    title: UnitTitle
    branch: Annotated[str | None, said("The branch of the module it belongs to.", "pool")]
    map_size: Annotated[int, said("Cells along a side of its map.", 14)]
    weights_sha256: Weights
    labels: Annotated[list[Label], said("What maintainers call it.")]
    visualizations: Annotated[
        list[Visualization],
        said("By technique, seed, then member; the page's own first."),
    ]
    examples: Annotated[list[Example], said("By kind, then rank.")]
    scans: list[Scan]
    statistics: Annotated[list[Statistics], said("One for each data set.")]
    neighbours: Annotated[
        list[Neighbour], said("By data set; of the same layer first, then by rank.")
    ]
    effects: Annotated[list[Effects], said("One for each data set.")]
    class_units: Annotated[
        list[ClassUnits], said("Of a class: which units argue for and against it, by data set.")
    ]
    page: UnitPage

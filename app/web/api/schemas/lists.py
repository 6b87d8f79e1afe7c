"""The shapes of the JSON answers that list: parts of a layer's units, of classes and examples;
statistics by column, labels, data sets, runs.

The same manners as `schemas`. A list that is long comes in parts, and says in `next` where the
following one is.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from app.web.api.fields import (
    DATASET,
    MOMENT,
    OUTPUT,
    ClassHref,
    ClassPage,
    ClassTitle,
    Created,
    DatasetName,
    LayerName,
    Next,
    Picture,
    Slug,
    UnitIndex,
    said,
)
from app.web.api.schemas.network import Answer, UnitSummary
from app.web.api.schemas.unit import Example, Label


class UnitList(Answer):
    """A part of a layer's units, in the order of their index."""

    model: Slug
    layer: LayerName
    statistics_dataset: Annotated[
        str | None, said("The data set of the units' statistics, where they have any.", DATASET)
    ]
    units: list[UnitSummary]
    next: Next


class ClassSummary(Answer):
    """A class that the network tells apart: a unit of `logits`."""

    output: Annotated[int, said("Its index among the units of `logits`.", OUTPUT)]
    title: ClassTitle
    image: Picture
    href: ClassHref
    page: ClassPage


class ClassList(Answer):
    """A part of a model's classes, in the order of their index."""

    model: Slug
    classes: list[ClassSummary]
    next: Next


class ExampleList(Answer):
    """A part of a unit's dataset examples, by data set, kind, then rank."""

    model: Slug
    layer: LayerName
    unit: UnitIndex
    examples: list[Example]
    next: Next


class StatisticsColumns(Answer):
    """The statistics of a layer's units, a list for each number, all in the order of `units`.

    Values are before the ReLU; a unit that was not scanned is left out.
    """

    model: Slug
    layer: LayerName
    dataset: Annotated[
        str | None, said("The data set; null where the layer has no statistics.", DATASET)
    ]
    units: Annotated[list[int], said("The units' indices.", [0, 1])]
    mean: Annotated[list[float], said("Over all positions of all images.", [-3.25, 0.5])]
    deviation: Annotated[list[float], said("The standard deviations.", [24.5, 12.0])]
    skew: Annotated[list[float], said("The third standardised moments.", [0.75, 1.5])]
    maximum: Annotated[list[float], said("The largest values.", [260.5, 96.0])]
    minimum: Annotated[list[float], said("The smallest values.", [-180.25, -64.0])]
    density: Annotated[list[float], said("The shares of positions above 0.", [0.125, 0.25])]
    image_density: Annotated[
        list[float], said("The shares of images with a position above 0.", [0.5, 0.75])
    ]
    place: Annotated[
        list[int | None],
        said("From 0: places in the layer when similar units stand together.", [12, 3]),
    ]


class LabelList(Answer):
    """What maintainers call the units of a model, in the order of the network."""

    model: Slug
    labels: list[Label]


class Dataset(Answer):
    """A set of images that was scanned."""

    slug: DatasetName
    title: Annotated[str, said("The data set's name for people.", "Photographs")]
    licence: Annotated[str, said("The licence of its images.", "CC BY 4.0")]
    fingerprint: Annotated[str, said("SHA-256 over the list of its files.", "a1" * 32)]
    images: Annotated[int, said("How many images it has.", 1000)]
    private: Annotated[bool, said("Whether its pictures are never stored.", False)]
    created: Created


class DatasetList(Answer):
    """The data sets, in the order in which they were stored."""

    datasets: list[Dataset]


class Run(Answer):
    """A precompute: how far it is, or how it ended."""

    run: Annotated[int, said("Its number; later runs have higher ones.", 2)]
    model: Slug
    version: Annotated[str, said("The version of the program that ran.", "0.1.0")]
    state: Annotated[
        str,
        said("`running`, `finished`, `failed`, `interrupted`, or `abandoned` later.", "running"),
    ]
    is_alive: Annotated[bool, said("Whether it runs and gave a sign of life lately.", True)]
    stage: Annotated[str, said("What it is doing, or did last.", "channel")]
    done: Annotated[int, said("How much of the stage is done.", 432)]
    total: Annotated[int, said("How much there is to do.", 992)]
    skipped: Annotated[int, said("How many images could not be read.", 0)]
    started: Annotated[datetime, said("When it began: UTC, RFC 3339.", MOMENT)]
    heartbeat: Annotated[datetime, said("Its last sign of life: UTC, RFC 3339.", MOMENT)]


class RunList(Answer):
    """A part of the runs, the newest first."""

    runs: list[Run]
    next: Next

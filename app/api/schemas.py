"""The shapes of the JSON answers: stable names, each with what it means.

They are made from the store's views; `image` and `href` are paths with the site's prefix.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """The root of all answers: made once, and read from the store's frozen views."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


Href = Annotated[str, Field(description="The path of this thing's own JSON.")]
Page = Annotated[str, Field(description="The path of its page.")]
ImagePath = Annotated[str, Field(description="The path of the picture.")]

ACTIVATION = (
    "The objective's value on the picture. channel, diversity: the mean of the unit's map, after "
    "the ReLU. logit: the class's logit. neuron: the map's centre cell, before the ReLU. "
    "negative: minus the mean of the map, before the ReLU. direction: the mean dot product with "
    "the direction. deepdream: the mean of the layer's squared activations."
)
RATIO = (
    "`maximum` over the activation of the strongest top example; for negative, `minimum` over "
    "that of the lowest minimum example. Null where there is no example to compare with."
)


class ModelSummary(Answer):
    """A network with its weights."""

    slug: str
    title: str
    variant: str
    weights_sha256: str
    weights_file: str
    licence: str
    input_size: Annotated[int, Field(description="Pixels along a side of the network's input.")]
    created: datetime
    units: int
    pictured: Annotated[int, Field(description="Units with at least one picture.")]
    href: Href
    page: Page


class ModelList(Answer):
    """All models in this database."""

    models: list[ModelSummary]


class Branch(Answer):
    """A branch of an inception module: units `start` to `stop`, excluding `stop`."""

    name: str
    start: int
    stop: int


class LayerSummary(Answer):
    """A layer of a model."""

    name: str
    ordinal: Annotated[int, Field(description="Its place in the forward pass, from 0.")]
    channels: int
    map_size: Annotated[int, Field(description="Cells along a side at the model's input size.")]
    stride: Annotated[int | None, Field(description="Pixels between neighbouring cells.")]
    receptive_field: Annotated[int | None, Field(description="Pixels along a side of a cell.")]
    branches: list[Branch]
    pictured: Annotated[int, Field(description="Units with at least one picture.")]
    scanned: Annotated[int, Field(description="Units with dataset examples.")]
    href: Href
    page: Page


class Model(ModelSummary):
    """A model with its layers, in the order of the forward pass."""

    layers: list[LayerSummary]


class Summary(Answer):
    """A unit's statistics over all images of a data set; values are before the ReLU."""

    mean: float
    deviation: float
    skew: float
    maximum: float
    minimum: float
    density: Annotated[float, Field(description="The share of positions above 0; 0 is dead.")]
    image_density: Annotated[
        float, Field(description="The share of images with a position above 0.")
    ]
    place: Annotated[
        int | None,
        Field(description="From 0: its place in its layer when similar units stand together."),
    ]


class UnitSummary(Answer):
    """A unit as it stands in its layer's list."""

    unit: int
    title: Annotated[str | None, Field(description="The class's name, for units of `logits`.")]
    image: Annotated[str | None, Field(description="The path of its first picture.")]
    statistics: Annotated[
        Summary | None,
        Field(description="In the layer's `statistics_dataset`; null where it was not scanned."),
    ]
    href: Href
    page: Page


class RecipeAnswer(Answer):
    """Every number that a rendering or a scan depended on."""

    sha256: str
    body: dict[str, Any]


class Visualization(Answer):
    """A rendered picture of a unit, or of a whole layer, with the numbers measured on it."""

    technique: str
    seed: int
    member: Annotated[
        int, Field(description="From 0; pictures of one technique and seed belong together.")
    ]
    activation: Annotated[float, Field(description=ACTIVATION)]
    maximum: Annotated[
        float,
        Field(
            description="The unit's largest cell, before the ReLU; of a layer, its largest value."
        ),
    ]
    minimum: Annotated[
        float | None,
        Field(description="The smallest cell; null where it was not measured."),
    ]
    ratio: Annotated[float | None, Field(description=RATIO)]
    note: Annotated[str | None, Field(description="Why the picture is not what one would expect.")]
    image: ImagePath
    width: int
    height: int
    seconds: float
    created: datetime
    recipe: RecipeAnswer


class Layer(LayerSummary):
    """A layer with its units, and the pictures of the layer as a whole."""

    model: str
    statistics_dataset: Annotated[
        str | None, Field(description="The data set of its units' statistics, where they have any.")
    ]
    units: list[UnitSummary]
    visualizations: Annotated[
        list[Visualization], Field(description="By technique, seed, then member.")
    ]


class Health(Answer):
    """That the server answers, and which version it is."""

    status: str
    version: str


class Failure(Answer):
    """What was wrong, where, and what to do."""

    detail: str

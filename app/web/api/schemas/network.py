"""The shapes of the JSON answers: stable names, each with what it means.

They are made from the store's views; `image` and `href` are paths with the site's prefix.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict

from app.statistics import (
    DENSITY,
    DEVIATION,
    IMAGE_DENSITY,
    MAXIMUM,
    MEAN,
    MINIMUM,
    SKEW,
)
from app.web.api.fields import (
    LAYER,
    MODEL,
    RECIPE,
    URLS,
    Created,
    Href,
    IsHidden,
    LayerName,
    Page,
    Picture,
    Pictured,
    Slug,
    UnitHref,
    UnitIndex,
    UnitPage,
    UnitTitle,
    Weights,
    said,
)


class Answer(BaseModel):
    """The root of all answers: made once, and read from the store's frozen views."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


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

    slug: Slug
    title: Annotated[str, said("The model's name for people.", "InceptionV1 (Lucid)")]
    variant: Annotated[str, said("The architecture's variant.", "lucid")]
    weights_sha256: Weights
    weights_file: Annotated[str, said("The name of the weights' file.", "inceptionv1.onnx")]
    licence: Annotated[str, said("The weights' licence.", "Apache-2.0")]
    input_size: Annotated[int, said("Pixels along a side of the network's input.", 224)]
    created: Created
    units: Annotated[int, said("Units of all layers.", 6816)]
    pictured: Pictured
    href: Href
    page: Page


class ModelList(Answer):
    """All models in this database."""

    models: list[ModelSummary]


class Branch(Answer):
    """A branch of an inception module: units `start` to `stop`, excluding `stop`."""

    name: Annotated[str, said("The branch's name.", "3x3")]
    start: Annotated[int, said("The index of its first unit.", 128)]
    stop: Annotated[int, said("The index after its last unit.", 384)]


class LayerSummary(Answer):
    """A layer of a model."""

    name: LayerName
    ordinal: Annotated[int, said("Its place in the forward pass, from 0.", 7)]
    channels: Annotated[int, said("How many units it has.", 512)]
    map_size: Annotated[int, said("Cells along a side at the model's input size.", 14)]
    stride: Annotated[int | None, said("Pixels between neighbouring cells; null for `logits`.", 16)]
    receptive_field: Annotated[
        int | None, said("Pixels along a side that a cell sees; null for `logits`.", 347)
    ]
    branches: Annotated[list[Branch], said("Empty where there is one branch.")]
    pictured: Pictured
    scanned: Annotated[int, said("Units with dataset examples.", 512)]
    href: Annotated[str, said("The path of the layer's JSON.", URLS.api_layer(MODEL, LAYER))]
    page: Annotated[str, said("The path of its page.", URLS.layer(MODEL, LAYER))]


class Model(ModelSummary):
    """A model with its layers, in the order of the forward pass."""

    layers: list[LayerSummary]


class LayerList(Answer):
    """The layers of a model, in the order of the forward pass."""

    model: Slug
    layers: list[LayerSummary]


class Summary(Answer):
    """A unit's statistics over all images of a data set; values are before the ReLU."""

    mean: Annotated[float, said(MEAN.help, -3.25)]
    deviation: Annotated[float, said(DEVIATION.help, 24.5)]
    skew: Annotated[float, said(SKEW.help, 0.75)]
    maximum: Annotated[float, said(MAXIMUM.help, 260.5)]
    minimum: Annotated[float, said(MINIMUM.help, -180.25)]
    density: Annotated[float, said(DENSITY.help, 0.125)]
    image_density: Annotated[float, said(IMAGE_DENSITY.help, 0.5)]
    place: Annotated[
        int | None,
        said("From 0: its place in its layer when similar units stand together.", 12),
    ]


class UnitSummary(Answer):
    """A unit as it stands in its layer's list."""

    unit: UnitIndex
    title: UnitTitle
    image: Picture
    hidden: IsHidden
    statistics: Annotated[
        Summary | None,
        said("In the layer's `statistics_dataset`; null where it was not scanned."),
    ]
    href: UnitHref
    page: UnitPage


class RecipeAnswer(Answer):
    """Every number that a rendering or a scan depended on."""

    sha256: Annotated[str, said("SHA-256 of the body as canonical JSON.", RECIPE)]
    body: Annotated[dict[str, Any], said("The numbers.", {"technique": "channel", "steps": 64})]


class Visualization(Answer):
    """A rendered picture of a unit, or of a whole layer, with the numbers measured on it."""

    technique: Annotated[str, said("How it was made.", "channel")]
    seed: Annotated[int, said("The seed of its noise.", 0)]
    member: Annotated[int, said("From 0; pictures of one technique and seed belong together.", 0)]
    activation: Annotated[float, said(ACTIVATION, 96.5)]
    maximum: Annotated[
        float,
        said(
            "The unit's largest cell, before the ReLU; of a layer, its largest value.",
            521.0,
        ),
    ]
    minimum: Annotated[
        float | None, said("The smallest cell; null where it was not measured.", -310.5)
    ]
    ratio: Annotated[float | None, said(RATIO, 2.0)]
    note: Annotated[str | None, said("Why the picture is not what one would expect.", None)]
    image: Picture
    hidden: IsHidden
    width: Annotated[int, said("Pixels.", 224)]
    height: Annotated[int, said("Pixels.", 224)]
    seconds: Annotated[float, said("How long it took to make.", 0.75)]
    created: Created
    recipe: RecipeAnswer


class Layer(LayerSummary):
    """A layer with its units, and the pictures of the layer as a whole."""

    model: Slug
    statistics_dataset: Annotated[
        str | None,
        said("The data set of its units' statistics, where they have any.", "photographs"),
    ]
    units: list[UnitSummary]
    visualizations: Annotated[list[Visualization], said("By technique, seed, then member.")]


class Health(Answer):
    """That the server answers, and which version it is."""

    status: Annotated[str, said("Always `ok`.", "ok")]
    version: Annotated[str, said("The program's version.", "0.1.0")]


class Readiness(Answer):
    """That the database answers, and that its schema is the one that the program needs."""

    status: Annotated[str, said("Always `ready`.", "ready")]
    schema_revision: Annotated[str, said("The schema's revision.", "0005")]


class Failure(Answer):
    """What was wrong, where, and what to do."""

    detail: Annotated[
        str, said("A sentence for a person.", "The model 'inceptionv1' has no layer 'mixed9'.")
    ]
    request: Annotated[
        str, said("The request's number, by which the server's log knows it.", "5f0c9a31-2b")
    ]

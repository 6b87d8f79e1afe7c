"""The JSON API, `/api/v1`: lists in parts, and a layer's statistics by column.

A part begins after a key and says where the next one is; the manners are those of `routes`.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from app.api import answers, schemas, schemas_lists, units
from app.api.parameters import (
    DEFAULT,
    After,
    AfterExample,
    InDataset,
    LayerName,
    Limit,
    ModelName,
    OfDataset,
    OfKind,
    OfLayer,
    UnitIndex,
    example_key,
    example_text,
    part,
)
from app.api.reads import statistics_dataset
from app.api.responses import answered, answers_with
from app.store import listing, read
from app.store.views import UnitView
from app.store.views_evidence import ExampleView
from app.wiring import Wired

router = APIRouter(prefix="/api/v1", tags=["lists"])


@router.get(
    "/models/{model}/layers",
    summary="The layers of a model",
    **answers_with(schemas.LayerList),
)
def layers(house: Wired, request: Request, model: ModelName) -> Response:
    """The layers of a model, in the order of the forward pass."""
    listing.require_model(house.engine, model)
    found = read.layers(house.engine, model)
    return answered(request, answers.layers(house.urls, model, found))


@router.get(
    "/models/{model}/layers/{layer}/units",
    summary="The units of a layer, in parts",
    **answers_with(schemas_lists.UnitList),
)
def units_of_layer(
    house: Wired,
    request: Request,
    model: ModelName,
    layer: LayerName,
    after: After = None,
    limit: Limit = DEFAULT,
) -> Response:
    """The units of a layer, in the order of their index, each with its first picture and its
    statistics."""
    listing.require_model(house.engine, model)

    def path(last: UnitView) -> str:
        return house.urls.api_units(model, layer, after=last.index, limit=limit)

    found = listing.units(house.engine, model, layer, after, limit + 1)
    own, following = part(found, limit, path)
    told = {
        "model": model,
        "layer": layer,
        "statistics_dataset": statistics_dataset(house, model, layer),
        "units": answers.unit_summaries(house.urls, model, layer, own),
        "next": following,
    }
    return answered(request, schemas_lists.UnitList.model_validate(told))


@router.get(
    "/models/{model}/classes",
    summary="The classes of a model, in parts",
    **answers_with(schemas_lists.ClassList),
)
def classes(
    house: Wired,
    request: Request,
    model: ModelName,
    after: After = None,
    limit: Limit = DEFAULT,
) -> Response:
    """The classes that a model tells apart, in the order of their index: the units of `logits`."""
    listing.require_model(house.engine, model)

    def path(last: UnitView) -> str:
        return house.urls.api_classes(model, after=last.index, limit=limit)

    found = listing.classes(house.engine, model, after, limit + 1)
    own, following = part(found, limit, path)
    named = [units.class_summary(house.urls, model, view) for view in own]
    return answered(request, schemas_lists.ClassList(model=model, classes=named, next=following))


@router.get(
    "/models/{model}/layers/{layer}/units/{unit}/examples",
    summary="The examples of a unit, in parts",
    **answers_with(schemas_lists.ExampleList),
)
def examples(
    house: Wired,
    request: Request,
    model: ModelName,
    layer: LayerName,
    unit: UnitIndex,
    dataset: OfDataset = None,
    kind: OfKind = None,
    after: AfterExample = None,
    limit: Limit = DEFAULT,
) -> Response:
    """The dataset examples of a unit: by data set, kind, then rank."""
    listing.require_model(house.engine, model)
    place, key = (model, layer, unit), example_key(after)

    def path(last: ExampleView) -> str:
        key = example_text(last)
        return house.urls.api_examples(
            model, layer, unit, dataset=dataset, kind=kind, after=key, limit=limit
        )

    found = listing.examples(house.engine, place, dataset, kind, key, limit + 1)
    own, following = part(found, limit, path)
    answer = schemas_lists.ExampleList(
        model=model,
        layer=layer,
        unit=unit,
        examples=[units.example(house.urls, *place, each) for each in own],
        next=following,
    )
    return answered(request, answer)


@router.get(
    "/models/{model}/layers/{layer}/statistics",
    summary="The statistics of a layer, by column",
    **answers_with(schemas_lists.StatisticsColumns),
)
def statistics(
    house: Wired,
    request: Request,
    model: ModelName,
    layer: LayerName,
    dataset: InDataset = None,
) -> Response:
    """The statistics of all units of a layer in one data set, a list for each number: ready for a
    table or a plot."""
    listing.require_model(house.engine, model)
    found = listing.measured(house.engine, model, layer, dataset)
    return answered(request, answers.columns(model, layer, found))


@router.get(
    "/models/{model}/labels",
    summary="The labels of a model",
    **answers_with(schemas_lists.LabelList),
)
def labels(house: Wired, request: Request, model: ModelName, layer: OfLayer = None) -> Response:
    """What maintainers call the units of a model, or of one layer, in the order of the network."""
    listing.require_model(house.engine, model)
    found = listing.labels(house.engine, model, layer)
    named = [units.label(each.layer, each.label) for each in found]
    return answered(request, schemas_lists.LabelList(model=model, labels=named))

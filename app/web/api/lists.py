"""The JSON API, `/api/v1`: lists in parts, and a layer's statistics by column.

A part begins after a key and says where the next one is; the manners are those of `routes`.
"""

from __future__ import annotations

from fastapi import APIRouter, Response

from app.db.queries import catalog, pagination
from app.db.views import UnitView
from app.db.views.evidence import ExampleView
from app.web.api import serializers, unit_serializer
from app.web.api.parameters import (
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
from app.web.api.resources import statistics_dataset
from app.web.api.responses import answered, answers_with
from app.web.api.schemas import lists, network
from app.web.dependencies import AppStateDep

router = APIRouter(prefix="/api/v1", tags=["lists"])


@router.get(
    "/models/{model}/layers",
    summary="The layers of a model",
    **answers_with(network.LayerList),
)
def layers(app_state: AppStateDep, model: ModelName) -> Response:
    """The layers of a model, in the order of the forward pass."""
    with app_state.snapshot() as db:
        pagination.require_model(db, model)
        found = catalog.layers(db, model)
    return answered(serializers.layers(app_state.urls, model, found))


@router.get(
    "/models/{model}/layers/{layer}/units",
    summary="The units of a layer, in parts",
    **answers_with(lists.UnitList),
)
def units_of_layer(
    app_state: AppStateDep,
    model: ModelName,
    layer: LayerName,
    after: After = None,
    limit: Limit = DEFAULT,
) -> Response:
    """The units of a layer, in the order of their index, each with its first picture and its
    statistics."""

    def path(last: UnitView) -> str:
        return app_state.urls.api_units(model, layer, after=last.index, limit=limit)

    with app_state.snapshot() as db:
        pagination.require_model(db, model)
        found = pagination.units(db, model, layer, after, limit + 1)
        dataset = statistics_dataset(db, model, layer)
    own, following = part(found, limit, path)
    told = {
        "model": model,
        "layer": layer,
        "statistics_dataset": dataset,
        "units": serializers.unit_summaries(app_state.urls, model, layer, own),
        "next": following,
    }
    return answered(lists.UnitList.model_validate(told))


@router.get(
    "/models/{model}/classes",
    summary="The classes of a model, in parts",
    **answers_with(lists.ClassList),
)
def classes(
    app_state: AppStateDep,
    model: ModelName,
    after: After = None,
    limit: Limit = DEFAULT,
) -> Response:
    """The classes that a model tells apart, in the order of their index: the units of `logits`."""

    def path(last: UnitView) -> str:
        return app_state.urls.api_classes(model, after=last.index, limit=limit)

    with app_state.snapshot() as db:
        pagination.require_model(db, model)
        found = pagination.classes(db, model, after, limit + 1)
    own, following = part(found, limit, path)
    named = [unit_serializer.class_summary(app_state.urls, model, view) for view in own]
    return answered(lists.ClassList(model=model, classes=named, next=following))


@router.get(
    "/models/{model}/layers/{layer}/units/{unit}/examples",
    summary="The examples of a unit, in parts",
    **answers_with(lists.ExampleList),
)
def examples(
    app_state: AppStateDep,
    model: ModelName,
    layer: LayerName,
    unit: UnitIndex,
    dataset: OfDataset = None,
    kind: OfKind = None,
    after: AfterExample = None,
    limit: Limit = DEFAULT,
) -> Response:
    """The dataset examples of a unit: by data set, kind, then rank."""
    place, key = (model, layer, unit), example_key(after)

    def path(last: ExampleView) -> str:
        key = example_text(last)
        return app_state.urls.api_examples(
            model, layer, unit, dataset=dataset, kind=kind, after=key, limit=limit
        )

    with app_state.snapshot() as db:
        pagination.require_model(db, model)
        found = pagination.examples(db, place, dataset, kind, key, limit + 1)
    own, following = part(found, limit, path)
    answer = lists.ExampleList(
        model=model,
        layer=layer,
        unit=unit,
        examples=[unit_serializer.example(app_state.urls, *place, each) for each in own],
        next=following,
    )
    return answered(answer)


@router.get(
    "/models/{model}/layers/{layer}/statistics",
    summary="The statistics of a layer, by column",
    **answers_with(lists.StatisticsColumns),
)
def statistics(
    app_state: AppStateDep,
    model: ModelName,
    layer: LayerName,
    dataset: InDataset = None,
) -> Response:
    """The statistics of all units of a layer in one data set, a list for each number: ready for a
    table or a plot."""
    with app_state.snapshot() as db:
        pagination.require_model(db, model)
        found = pagination.measured(db, model, layer, dataset)
    return answered(serializers.columns(model, layer, found))


@router.get(
    "/models/{model}/labels",
    summary="The labels of a model",
    **answers_with(lists.LabelList),
)
def labels(app_state: AppStateDep, model: ModelName, layer: OfLayer = None) -> Response:
    """What maintainers call the units of a model, or of one layer, in the order of the network."""
    with app_state.snapshot() as db:
        pagination.require_model(db, model)
        found = pagination.labels(db, model, layer)
    named = [unit_serializer.label(each.layer, each.label) for each in found]
    return answered(lists.LabelList(model=model, labels=named))

"""Views of the store as JSON answers: paths are added here, nothing is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from app.api import schemas
from app.ratios import ratio_to_examples
from app.store.views import (
    ImageView,
    LayerView,
    ModelView,
    RecipeView,
    SummaryView,
    UnitView,
    VisualizationView,
)
from app.store.views_evidence import ExampleView
from app.urls import Urls


def model_summary(urls: Urls, view: ModelView) -> schemas.ModelSummary:
    return schemas.ModelSummary(**_model_fields(urls, view))


def model(urls: Urls, view: ModelView, layers: Sequence[LayerView]) -> schemas.Model:
    summaries = [schemas.LayerSummary(**_layer_fields(urls, view.slug, layer)) for layer in layers]
    return schemas.Model(**_model_fields(urls, view), layers=summaries)


def layer(
    urls: Urls,
    model: str,
    view: LayerView,
    units: Sequence[UnitView],
    pictures: Sequence[VisualizationView],
    dataset: str | None,
) -> schemas.Layer:
    summaries = [_unit_summary(urls, model, view.name, unit) for unit in units]
    own = [visualization(urls, picture) for picture in pictures]
    fields = _layer_fields(urls, model, view)
    return schemas.Layer(
        **fields,
        model=model,
        statistics_dataset=dataset,
        units=summaries,
        visualizations=own,
    )


def _model_fields(urls: Urls, view: ModelView) -> dict[str, object]:
    fields = asdict(view) | {"href": urls.api_model(view.slug), "page": urls.model(view.slug)}
    del fields["layers"]  # their number; a model's answer lists them
    return fields


def _layer_fields(urls: Urls, model: str, view: LayerView) -> dict[str, object]:
    href, page = urls.api_layer(model, view.name), urls.layer(model, view.name)
    return asdict(view) | {"href": href, "page": page}


def _unit_summary(urls: Urls, model: str, layer: str, view: UnitView) -> schemas.UnitSummary:
    return schemas.UnitSummary(
        unit=view.index,
        title=view.title,
        image=image_path(urls, view.image),
        statistics=None if view.statistics is None else summary(view.statistics),
        href=urls.api_unit(model, layer, view.index),
        page=urls.unit(model, layer, view.index),
    )


def visualization(
    urls: Urls, view: VisualizationView, examples: Sequence[ExampleView] = ()
) -> schemas.Visualization:
    return schemas.Visualization(
        technique=view.technique,
        seed=view.seed,
        member=view.member,
        activation=view.activation,
        maximum=view.maximum,
        minimum=view.minimum,
        ratio=ratio_to_examples(view, examples),
        note=view.note,
        image=urls.image(view.image.sha256, view.image.media_type),
        width=view.image.width,
        height=view.image.height,
        seconds=view.seconds,
        created=view.created,
        recipe=recipe(view.recipe),
    )


def summary(view: SummaryView) -> schemas.Summary:
    return schemas.Summary.model_validate(view)


def recipe(view: RecipeView) -> schemas.RecipeAnswer:
    return schemas.RecipeAnswer(sha256=view.sha256, body=dict(view.body))


def image_path(urls: Urls, image: ImageView | None) -> str | None:
    return None if image is None else urls.image(image.sha256, image.media_type)

"""Views of the store as JSON answers: paths are added here, nothing is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from app.db.queries.pagination import StatisticsTable
from app.db.views import (
    ImageView,
    LayerView,
    ModelView,
    RecipeView,
    SummaryView,
    UnitView,
    VisualizationView,
)
from app.db.views.evidence import ExampleView
from app.web.api.schemas import network
from app.web.api.schemas.lists import StatisticsColumns
from app.web.urls import Urls
from app.web.visualizations import ratio_to_examples


def model_summary(urls: Urls, view: ModelView) -> network.ModelSummary:
    return network.ModelSummary(**_model_fields(urls, view))


def model(urls: Urls, view: ModelView, layers: Sequence[LayerView]) -> network.Model:
    summaries = [network.LayerSummary(**_layer_fields(urls, view.slug, layer)) for layer in layers]
    return network.Model(**_model_fields(urls, view), layers=summaries)


def layers(urls: Urls, model: str, views: Sequence[LayerView]) -> network.LayerList:
    own = [network.LayerSummary(**_layer_fields(urls, model, view)) for view in views]
    return network.LayerList(model=model, layers=own)


def layer(
    urls: Urls,
    model: str,
    view: LayerView,
    units: Sequence[UnitView],
    pictures: Sequence[VisualizationView],
    dataset: str | None,
) -> network.Layer:
    summaries = unit_summaries(urls, model, view.name, units)
    own = [visualization(urls, picture) for picture in pictures]
    fields = _layer_fields(urls, model, view)
    told = {"model": model, "statistics_dataset": dataset, "visualizations": own}
    return network.Layer.model_validate(fields | told | {"units": summaries})


def _model_fields(urls: Urls, view: ModelView) -> dict[str, object]:
    fields = asdict(view) | {"href": urls.api_model(view.slug), "page": urls.model(view.slug)}
    del fields["layers"]  # their number; a model's answer lists them
    return fields


def _layer_fields(urls: Urls, model: str, view: LayerView) -> dict[str, object]:
    href, page = urls.api_layer(model, view.name), urls.layer(model, view.name)
    return asdict(view) | {"href": href, "page": page}


def unit_summaries(
    urls: Urls, model: str, layer: str, units: Sequence[UnitView]
) -> list[dict[str, object]]:
    """The units of a layer's list, as `UnitSummary` has them: a thousand at once, so what they
    share is made once, and they are checked together with the answer that they are part of."""
    href = urls.api_units(model, layer)
    pages = urls.units(model, layer, (view.index for view in units))
    return [
        {
            "unit": view.index,
            "title": view.title,
            "image": image_path(urls, view.image),
            "hidden": is_hidden(view.image),
            "statistics": view.statistics,
            "href": urls.below(href, view.index),
            "page": page,
        }
        for view, page in zip(units, pages, strict=True)
    ]


def visualization(
    urls: Urls, view: VisualizationView, examples: Sequence[ExampleView] = ()
) -> network.Visualization:
    return network.Visualization(
        technique=view.technique,
        seed=view.seed,
        member=view.member,
        activation=view.activation,
        maximum=view.maximum,
        minimum=view.minimum,
        ratio=ratio_to_examples(view, examples),
        note=view.note,
        image=image_path(urls, view.image),
        hidden=is_hidden(view.image),
        width=view.image.width,
        height=view.image.height,
        seconds=view.seconds,
        created=view.created,
        recipe=recipe(view.recipe),
    )


def recipe(view: RecipeView) -> network.RecipeAnswer:
    return network.RecipeAnswer(sha256=view.sha256, body=dict(view.body))


def image_path(urls: Urls, image: ImageView | None) -> str | None:
    """Where the picture is; None where there is none, or the maintainer hides it."""
    if image is None or image.is_hidden:
        return None
    return urls.image(image.sha256, image.media_type)


def is_hidden(image: ImageView | None) -> bool:
    """Whether there is a picture that the maintainer hides."""
    return image is not None and image.is_hidden


def columns(model: str, layer: str, found: StatisticsTable) -> StatisticsColumns:
    """One list for each number of a summary."""
    numbers = {
        name: [getattr(each, name) for each in found.summaries] for name in SummaryView._fields
    }
    units = list(found.units)
    return StatisticsColumns(
        model=model, layer=layer, dataset=found.dataset, units=units, **numbers
    )

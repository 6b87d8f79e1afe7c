"""From the store to an answer, one function for each thing that has a page.

The API's addresses and the pages' own (`.json`) answer with the same functions.
"""

from __future__ import annotations

from app.db.queries import catalog, lookup, pagination, unit_detail
from app.web.api import serializers, unit_serializer
from app.web.api.schemas import network
from app.web.api.schemas import unit as schemas_unit
from app.web.dependencies import AppState


def models(app_state: AppState) -> network.ModelList:
    found = catalog.models(app_state.db)
    return network.ModelList(
        models=[serializers.model_summary(app_state.urls, view) for view in found]
    )


def model(app_state: AppState, model: str) -> network.Model:
    view = catalog.model(app_state.db, model)
    return serializers.model(app_state.urls, view, catalog.layers(app_state.db, model))


def layer(app_state: AppState, model: str, layer: str) -> network.Layer:
    pagination.require_model(app_state.db, model)
    view = catalog.layer(app_state.db, model, layer)
    found = catalog.units(app_state.db, model, layer)
    pictures = unit_detail.layer_pictures(app_state.db, model, layer)
    dataset = statistics_dataset(app_state, model, layer)
    return serializers.layer(app_state.urls, model, view, found, pictures, dataset)


def unit(app_state: AppState, model: str, layer: str, unit: int) -> schemas_unit.Unit:
    home = catalog.model_head(app_state.db, model)
    view = catalog.layer_head(app_state.db, model, layer)
    found = unit_detail.unit(app_state.db, model, layer, unit)
    named = lookup.unit_labels(app_state.db, model, layer, unit)
    return unit_serializer.unit(app_state.urls, home, view, found, named)


def statistics_dataset(app_state: AppState, model: str, layer: str) -> str | None:
    """The name of the data set whose statistics stand in a layer's list."""
    found = catalog.statistics_dataset(app_state.db, model, layer)
    return None if found is None else found[0]

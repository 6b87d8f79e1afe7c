"""From the store to an answer, one function for each thing that has a page.

The API's addresses and the pages' own (`.json`) answer with the same functions.
"""

from __future__ import annotations

from app.db.queries import catalog, pagination, unit_detail
from app.db.transactions import Source
from app.web.api import serializers, unit_serializer
from app.web.api.schemas import network
from app.web.api.schemas import unit as schemas_unit
from app.web.urls import Urls


def models(db: Source, urls: Urls) -> network.ModelList:
    found = catalog.models(db)
    return network.ModelList(models=[serializers.model_summary(urls, view) for view in found])


def model(db: Source, urls: Urls, model: str) -> network.Model:
    view = catalog.model(db, model)
    return serializers.model(urls, view, catalog.layers(db, model))


def layer(db: Source, urls: Urls, model: str, layer: str) -> network.Layer:
    pagination.require_model(db, model)
    view = catalog.layer(db, model, layer)
    found = catalog.units(db, model, layer)
    pictures = unit_detail.layer_pictures(db, model, layer)
    dataset = statistics_dataset(db, model, layer)
    return serializers.layer(urls, model, view, found, pictures, dataset)


def unit(db: Source, urls: Urls, model: str, layer: str, unit: int) -> schemas_unit.Unit:
    return unit_serializer.unit(urls, unit_detail.placed_unit(db, model, layer, unit))


def statistics_dataset(db: Source, model: str, layer: str) -> str | None:
    """The name of the data set whose statistics stand in a layer's list."""
    found = catalog.statistics_dataset(db, model, layer)
    return None if found is None else found[0]

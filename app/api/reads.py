"""From the store to an answer, one function for each thing that has a page.

The API's addresses and the pages' own (`.json`) answer with the same functions.
"""

from __future__ import annotations

from app.api import answers, schemas, schemas_unit, units
from app.store import evidence, labels, listing, read
from app.wiring import House


def models(house: House) -> schemas.ModelList:
    found = read.models(house.engine)
    return schemas.ModelList(models=[answers.model_summary(house.urls, view) for view in found])


def model(house: House, model: str) -> schemas.Model:
    view = read.model(house.engine, model)
    return answers.model(house.urls, view, read.layers(house.engine, model))


def layer(house: House, model: str, layer: str) -> schemas.Layer:
    listing.require_model(house.engine, model)
    view = read.layer(house.engine, model, layer)
    found = read.units(house.engine, model, layer)
    pictures = evidence.layer_pictures(house.engine, model, layer)
    dataset = statistics_dataset(house, model, layer)
    return answers.layer(house.urls, model, view, found, pictures, dataset)


def unit(house: House, model: str, layer: str, unit: int) -> schemas_unit.Unit:
    home = read.model_head(house.engine, model)
    view = read.layer_head(house.engine, model, layer)
    found = evidence.unit(house.engine, model, layer, unit)
    named = labels.of_unit(house.engine, model, layer, unit)
    return units.unit(house.urls, home, view, found, named)


def statistics_dataset(house: House, model: str, layer: str) -> str | None:
    """The name of the data set whose statistics stand in a layer's list."""
    found = read.statistics_dataset(house.engine, model, layer)
    return None if found is None else found[0]

"""The JSON API, `/api/v1`: the same reads as the pages, typed.

Routes are plain `def`: each waits for the database in one of the threads, of which there are as
many as places in the database's pool.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from app.api import answers, schemas, schemas_unit, units
from app.store import evidence, read
from app.wiring import Wired

router = APIRouter(
    prefix="/api/v1",
    tags=["explorer"],
    responses={404: {"model": schemas.Failure}, 503: {"model": schemas.Failure}},
)

ModelName = Annotated[str, Path(description="The model's slug.", examples=["inceptionv1"])]
LayerName = Annotated[str, Path(description="The layer's name.", examples=["mixed4c"])]
UnitIndex = Annotated[int, Path(ge=0, description="The unit's index.", examples=[447])]


@router.get("/models", summary="All models")
def models(house: Wired) -> schemas.ModelList:
    """All models in this database."""
    found = read.models(house.engine)
    return schemas.ModelList(models=[answers.model_summary(house.urls, view) for view in found])


@router.get("/models/{model}", summary="A model and its layers")
def model(house: Wired, model: ModelName) -> schemas.Model:
    """A model with its layers, in the order of the forward pass."""
    view = read.model(house.engine, model)
    return answers.model(house.urls, view, read.layers(house.engine, model))


@router.get("/models/{model}/layers/{layer}", summary="A layer and its units")
def layer(house: Wired, model: ModelName, layer: LayerName) -> schemas.Layer:
    """A layer with its units, in the order of their index, and its own pictures."""
    read.model(house.engine, model)
    view = read.layer(house.engine, model, layer)
    found = read.units(house.engine, model, layer)
    pictures = evidence.layer_pictures(house.engine, model, layer)
    dataset = read.statistics_dataset(house.engine, model, layer)
    slug = None if dataset is None else dataset[0]
    return answers.layer(house.urls, model, view, found, pictures, slug)


@router.get("/models/{model}/layers/{layer}/units/{unit}", summary="A unit")
def unit(house: Wired, model: ModelName, layer: LayerName, unit: UnitIndex) -> schemas_unit.Unit:
    """Everything that is stored about a unit: pictures, examples, what data sets say of it, and
    how that was made."""
    home = read.model(house.engine, model)
    view = read.layer(house.engine, model, layer)
    found = evidence.unit(house.engine, model, layer, unit)
    return units.unit(house.urls, home, view, found)

"""The JSON API, `/api/v1`: what has a page, with the same reads, typed.

Routes are plain `def`: each waits for the database in one of the threads, of which there are as
many as places in the database's pool.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from app.api import reads, schemas, schemas_unit
from app.api.parameters import LayerName, ModelName, UnitIndex
from app.api.responses import answered, answers_with
from app.wiring import Wired

router = APIRouter(prefix="/api/v1", tags=["explorer"])


@router.get("/models", summary="All models", **answers_with(schemas.ModelList))
def models(house: Wired, request: Request) -> Response:
    """All models in this database, in the order in which they were stored."""
    return answered(request, reads.models(house))


@router.get("/models/{model}", summary="A model and its layers", **answers_with(schemas.Model))
def model(house: Wired, request: Request, model: ModelName) -> Response:
    """A model with its layers, in the order of the forward pass."""
    return answered(request, reads.model(house, model))


@router.get(
    "/models/{model}/layers/{layer}",
    summary="A layer and its units",
    **answers_with(schemas.Layer),
)
def layer(house: Wired, request: Request, model: ModelName, layer: LayerName) -> Response:
    """A layer with all its units, in the order of their index, and its own pictures."""
    return answered(request, reads.layer(house, model, layer))


@router.get(
    "/models/{model}/layers/{layer}/units/{unit}",
    summary="A unit",
    **answers_with(schemas_unit.Unit),
)
def unit(
    house: Wired, request: Request, model: ModelName, layer: LayerName, unit: UnitIndex
) -> Response:
    """Everything that is stored about a unit: pictures, examples, what data sets say of it, and
    how that was made."""
    return answered(request, reads.unit(house, model, layer, unit))

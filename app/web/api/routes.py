"""The JSON API, `/api/v1`: what has a page, with the same reads, typed.

Routes are plain `def`: each waits for the database in one of the threads, of which there are as
many as places in the database's pool.
"""

from __future__ import annotations

from fastapi import APIRouter, Response

from app.web.api import resources
from app.web.api.parameters import LayerName, ModelName, UnitIndex
from app.web.api.responses import answered, answers_with
from app.web.api.schemas import network
from app.web.api.schemas import unit as schemas_unit
from app.web.dependencies import AppStateDep, in_snapshot

router = APIRouter(prefix="/api/v1", tags=["explorer"])


@router.get("/models", summary="All models", **answers_with(network.ModelList))
@in_snapshot
def models(app_state: AppStateDep) -> Response:
    """All models in this database, in the order in which they were stored."""
    return answered(resources.models(app_state))


@router.get("/models/{model}", summary="A model and its layers", **answers_with(network.Model))
@in_snapshot
def model(app_state: AppStateDep, model: ModelName) -> Response:
    """A model with its layers, in the order of the forward pass."""
    return answered(resources.model(app_state, model))


@router.get(
    "/models/{model}/layers/{layer}",
    summary="A layer and its units",
    **answers_with(network.Layer),
)
@in_snapshot
def layer(app_state: AppStateDep, model: ModelName, layer: LayerName) -> Response:
    """A layer with all its units, in the order of their index, and its own pictures."""
    return answered(resources.layer(app_state, model, layer))


@router.get(
    "/models/{model}/layers/{layer}/units/{unit}",
    summary="A unit",
    **answers_with(schemas_unit.Unit),
)
@in_snapshot
def unit(app_state: AppStateDep, model: ModelName, layer: LayerName, unit: UnitIndex) -> Response:
    """Everything that is stored about a unit: pictures, examples, what data sets say of it, and
    how that was made."""
    return answered(resources.unit(app_state, model, layer, unit))

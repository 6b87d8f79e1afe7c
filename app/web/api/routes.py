"""The JSON API, `/api/v1`: what has a page, with the same reads, typed.

Routes are plain `def`: each waits for the database in one of the threads, of which there are as
many as places in the database's pool.
"""

from __future__ import annotations

from fastapi import APIRouter, Response

from app.web.api import resources
from app.web.api.parameters import LayerName, ModelName, UnitIndex
from app.web.api.responses import answered, answers_with
from app.web.api.schemas import evidence, network
from app.web.dependencies import AppStateDep

router = APIRouter(prefix="/api/v1", tags=["explorer"])


@router.get("/models", summary="All models", **answers_with(network.ModelList))
def models(app_state: AppStateDep) -> Response:
    """All models in this database, in the order in which they were stored."""
    with app_state.snapshot() as db:
        answer = resources.models(db, app_state.urls)
    return answered(answer)


@router.get("/models/{model}", summary="A model and its layers", **answers_with(network.Model))
def model(app_state: AppStateDep, model: ModelName) -> Response:
    """A model with its layers, in the order of the forward pass."""
    with app_state.snapshot() as db:
        answer = resources.model(db, app_state.urls, model)
    return answered(answer)


@router.get(
    "/models/{model}/layers/{layer}",
    summary="A layer and its units",
    **answers_with(network.Layer),
)
def layer(app_state: AppStateDep, model: ModelName, layer: LayerName) -> Response:
    """A layer with all its units, in the order of their index, and its own pictures."""
    with app_state.snapshot() as db:
        answer = resources.layer(db, app_state.urls, model, layer)
    return answered(answer)


@router.get(
    "/models/{model}/layers/{layer}/units/{unit}",
    summary="A unit",
    **answers_with(evidence.Unit),
)
def unit(app_state: AppStateDep, model: ModelName, layer: LayerName, unit: UnitIndex) -> Response:
    """Everything that is stored about a unit: pictures, examples, what data sets say of it, and
    how that was made."""
    with app_state.snapshot() as db:
        answer = resources.unit(db, app_state.urls, model, layer, unit)
    return answered(answer)

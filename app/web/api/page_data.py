"""The JSON of a page at the page's own address, with `.json` after it.

The same answers as below `/api/v1`. Names are read as on the pages: a slug of Microscope's leads
to ours, and a unit has one way of being written.
"""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from app.db.queries import pagination
from app.web.api import resources
from app.web.api.responses import answered
from app.web.dependencies import AppStateDep, in_snapshot, our_layer, unit_index

router = APIRouter(include_in_schema=False)


@router.get("/models.json")
@in_snapshot
def models(app_state: AppStateDep) -> Response:
    return answered(resources.models(app_state))


@router.get("/models/{model}.json")
@in_snapshot
def model(app_state: AppStateDep, model: str) -> Response:
    return answered(resources.model(app_state, model))


@router.get("/models/{model}/{layer}.json")
@in_snapshot
def layer(app_state: AppStateDep, model: str, layer: str) -> Response:
    pagination.require_model(app_state.db, model)
    name = our_layer(app_state, model, layer)
    if name != layer:
        return RedirectResponse(app_state.urls.data_of(app_state.urls.layer(model, name)), 308)
    return answered(resources.layer(app_state, model, layer))


@router.get("/models/{model}/{layer}/{unit}.json")
@in_snapshot
def unit(app_state: AppStateDep, model: str, layer: str, unit: str) -> Response:
    pagination.require_model(app_state.db, model)
    index, name = unit_index(unit), our_layer(app_state, model, layer)
    if name != layer:
        return RedirectResponse(
            app_state.urls.data_of(app_state.urls.unit(model, name, index)), 308
        )
    return answered(resources.unit(app_state, model, layer, index))

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
from app.web.dependencies import AppStateDep, our_layer, unit_index

router = APIRouter(include_in_schema=False)


@router.get("/models.json")
def models(app_state: AppStateDep) -> Response:
    with app_state.snapshot() as db:
        answer = resources.models(db, app_state.urls)
    return answered(answer)


@router.get("/models/{model}.json")
def model(app_state: AppStateDep, model: str) -> Response:
    with app_state.snapshot() as db:
        answer = resources.model(db, app_state.urls, model)
    return answered(answer)


@router.get("/models/{model}/{layer}.json")
def layer(app_state: AppStateDep, model: str, layer: str) -> Response:
    urls = app_state.urls
    with app_state.snapshot() as db:
        pagination.require_model(db, model)
        name = our_layer(db, model, layer)
        if name != layer:
            return RedirectResponse(urls.layer_data(model, name), 308)
        answer = resources.layer(db, urls, model, layer)
    return answered(answer)


@router.get("/models/{model}/{layer}/{unit}.json")
def unit(app_state: AppStateDep, model: str, layer: str, unit: str) -> Response:
    urls = app_state.urls
    with app_state.snapshot() as db:
        pagination.require_model(db, model)
        index, name = unit_index(unit), our_layer(db, model, layer)
        if name != layer:
            return RedirectResponse(urls.unit_data(model, name, index), 308)
        answer = resources.unit(db, urls, model, layer, index)
    return answered(answer)

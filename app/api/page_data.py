"""The JSON of a page at the page's own address, with `.json` after it.

The same answers as below `/api/v1`. Names are read as on the pages: a slug of Microscope's leads
to ours, and a unit has one way of being written.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.api import reads
from app.api.responses import answered
from app.pages.addresses import our_layer, unit_index
from app.store import listing
from app.wiring import Wired

router = APIRouter(include_in_schema=False)


@router.get("/models.json")
def models(house: Wired, request: Request) -> Response:
    return answered(request, reads.models(house))


@router.get("/models/{model}.json")
def model(house: Wired, request: Request, model: str) -> Response:
    return answered(request, reads.model(house, model))


@router.get("/models/{model}/{layer}.json")
def layer(house: Wired, request: Request, model: str, layer: str) -> Response:
    listing.require_model(house.engine, model)
    name = our_layer(house, model, layer)
    if name != layer:
        return RedirectResponse(house.urls.data_of(house.urls.layer(model, name)), 308)
    return answered(request, reads.layer(house, model, layer))


@router.get("/models/{model}/{layer}/{unit}.json")
def unit(house: Wired, request: Request, model: str, layer: str, unit: str) -> Response:
    listing.require_model(house.engine, model)
    index, name = unit_index(unit), our_layer(house, model, layer)
    if name != layer:
        return RedirectResponse(house.urls.data_of(house.urls.unit(model, name, index)), 308)
    return answered(request, reads.unit(house, model, layer, index))

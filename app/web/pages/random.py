"""`/random`: leads to a unit with a picture, another each time."""

from __future__ import annotations

from random import SystemRandom

from fastapi import APIRouter
from fastapi.responses import RedirectResponse

from app.db.queries import sampling
from app.errors import NotFound
from app.web.dependencies import AppStateDep

LOT = SystemRandom()

router = APIRouter(include_in_schema=False)


@router.get("/random")
def random(app_state: AppStateDep, model: str = "") -> RedirectResponse:
    """Of `model`; of any, where there is none of that name."""
    with app_state.snapshot() as db:
        found = sampling.any_unit(db, LOT, model) or sampling.any_unit(db, LOT)
    if found is None:
        raise NotFound("There is no unit here yet: nothing is stored.")
    return RedirectResponse(app_state.urls.unit(*found), 307, {"Cache-Control": "no-store"})

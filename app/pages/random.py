"""`/random`: leads to a unit with a picture, another each time."""

from __future__ import annotations

from random import SystemRandom

from fastapi import APIRouter
from fastapi.responses import RedirectResponse

from app.errors import NotFound
from app.store import draw
from app.wiring import Wired

LOT = SystemRandom()

router = APIRouter(include_in_schema=False)


@router.get("/random")
def random(house: Wired, model: str = "") -> RedirectResponse:
    """Of `model`; of any, where there is none of that name."""
    found = draw.any_unit(house.engine, LOT, model) or draw.any_unit(house.engine, LOT)
    if found is None:
        raise NotFound("There is no unit here yet: nothing is stored.")
    return RedirectResponse(house.urls.unit(*found), 307, {"Cache-Control": "no-store"})

"""`/heat/{model}/{layer}/{unit}/{dataset}/{kind}/{rank}.png`: a unit's map on one of its examples.

The stored map is drawn on request.
"""

from __future__ import annotations

from fastapi import APIRouter, Response

from app.db.queries import unit_detail
from app.drawing.heatmap import COLD, WARM, cells, draw
from app.errors import NotFound
from app.web.dependencies import AppStateDep, unit_index

# A scan may put another example at a rank: an address is not its content, unlike a picture's.
SHORTLY = "public, max-age=300"

router = APIRouter(include_in_schema=False)


@router.get("/heat/{model}/{layer}/{unit}/{dataset}/{kind}/{rank}.png")
def heat(
    app_state: AppStateDep,
    model: str,
    layer: str,
    unit: str,
    dataset: str,
    kind: str,
    rank: str,
) -> Response:
    """A stored map as a picture; runs in a thread, since it waits for the database."""
    place = (model, layer, unit_index(unit), dataset, kind, unit_index(rank))
    with app_state.snapshot() as db:
        found = unit_detail.heat(db, *place)
    values = None if found is None else cells(found.bytes)
    if found is None or values is None:
        raise NotFound("There is no heat map at this address.")
    headers = {"Cache-Control": SHORTLY}
    ramp = COLD if found.kind == "minimum" else WARM
    return Response(draw(values, ramp), headers=headers, media_type="image/png")

"""Heat maps: a unit's map on one of its examples, drawn to lie over the picture.

`/heat/{model}/{layer}/{unit}/{dataset}/{kind}/{rank}.png` answers a small picture that is clear
where the unit is silent; the page stretches it over the view, cell by cell. It is drawn when asked
for: what is stored is the map, not its colours.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from hashlib import sha256
from io import BytesIO
from math import isqrt

from fastapi import APIRouter, Request, Response
from PIL import Image

from app.db.queries import unit_detail
from app.db.views.evidence import HeatView
from app.errors import NotFound
from app.web.dependencies import AppStateDep
from app.web.image_routes import etag_of, if_none_match, is_not_modified
from app.web.path_params import unit_index

# A scan may put another example at a rank: an address is not its content, unlike a picture's.
SHORTLY = "public, max-age=300"

# Smaller maps are enlarged smoothly to this many pixels before they are coloured: colours between
# two cells then lie on the ramp. Browsers do the rest.
SIDE = 64

Colour = tuple[int, int, int, int]

# Red, green, blue, opacity from silence to the maximum; lighter where it is higher, so that the
# order survives any colour vision. Cold is for what suppresses.
WARM: Sequence[Colour] = (
    (60, 0, 90, 0),
    (130, 20, 110, 120),
    (215, 55, 60, 175),
    (250, 140, 30, 200),
    (255, 240, 140, 220),
)
COLD: Sequence[Colour] = (
    (10, 0, 90, 0),
    (30, 40, 140, 120),
    (20, 100, 190, 175),
    (60, 175, 225, 200),
    (190, 245, 255, 220),
)

router = APIRouter(include_in_schema=False)


@router.get("/heat/{model}/{layer}/{unit}/{dataset}/{kind}/{rank}.png")
def heat(
    app_state: AppStateDep,
    request: Request,
    model: str,
    layer: str,
    unit: str,
    dataset: str,
    kind: str,
    rank: str,
) -> Response:
    """A stored map as a picture; runs in a thread, since it waits for the database."""
    place = (model, layer, unit_index(unit), dataset, kind, unit_index(rank))
    found = unit_detail.heat(app_state.engine, *place)
    values = None if found is None else cells(found)
    if found is None or values is None:
        raise NotFound("There is no heat map at this address.")
    etag = etag_of(sha256(found.kind.encode() + values).hexdigest())
    headers = {"ETag": etag, "Cache-Control": SHORTLY}
    if is_not_modified(if_none_match(request), etag):
        return Response(status_code=304, headers=headers)
    ramp = COLD if found.kind == "minimum" else WARM
    return Response(draw(values, ramp), headers=headers, media_type="image/png")


def cells(view: HeatView) -> bytes | None:
    """The map's cells by row, 0..255; None where the bytes are no square map."""
    try:
        values = zlib.decompress(view.bytes)
    except zlib.error:
        return None
    return values if values and isqrt(len(values)) ** 2 == len(values) else None


def draw(values: bytes, ramp: Sequence[Colour]) -> bytes:
    """A square map as a PNG with transparency."""
    side = isqrt(len(values))
    size = max(side, SIDE)
    grey = Image.frombytes("L", (side, side), values).resize((size, size), Image.Resampling.BICUBIC)
    bands = [grey.point(_table([colour[band] for colour in ramp])) for band in range(4)]
    data = BytesIO()
    Image.merge("RGBA", bands).save(data, "PNG")
    return data.getvalue()


def _table(stops: Sequence[int]) -> list[int]:
    """The value of each of 256 steps, straight between stops at even distances."""
    last = len(stops) - 1
    found = []
    for step in range(256):
        place, rest = divmod(step * last, 255)
        after = stops[min(place + 1, last)]
        found.append(round(stops[place] + (after - stops[place]) * rest / 255))
    return found

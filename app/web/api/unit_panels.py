"""`/models/{model}/{layer}/{unit}/{panel}.json`: what one panel of a unit's page shows, as JSON.

A part of the unit's answer under the same names, with what says which unit it is. These stand
beside the pages, not below `/api/v1`: they follow the page's panels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from app.db.queries import catalog, lookup, unit_detail
from app.errors import NotFound
from app.web import panels
from app.web.api import unit_serializer
from app.web.api.schemas.unit import Unit
from app.web.dependencies import AppStateDep, in_snapshot, unit_index

router = APIRouter(include_in_schema=False)

ALWAYS = {"model", "layer", "unit", "title", "weights_sha256", "labels"}

Values = dict[str, Any]
SUMMARY = {"mean", "deviation", "skew", "maximum", "minimum", "density", "image_density", "place"}
COUNTED = {"dataset", "images", "positions"}


@router.get("/models/{model}/{layer}/{unit}/{panel}.json")
@in_snapshot
def panel(app_state: AppStateDep, model: str, layer: str, unit: str, panel: str) -> JSONResponse:
    """What the panel shows, of every data set."""
    home, index = catalog.model_head(app_state.db, model), unit_index(unit)
    view = catalog.layer_head(app_state.db, model, layer)
    found = unit_detail.unit(app_state.db, model, layer, index, panels.parts_of([panel]))
    named = lookup.unit_labels(app_state.db, model, layer, index)
    whole = unit_serializer.unit(app_state.urls, home, view, found, named)
    own = part(whole, panel)
    page = app_state.urls.unit(model, layer, index, panel)
    answer = whole.model_dump(mode="json", include=ALWAYS) | own | {"page": page}
    return JSONResponse(answer, headers={"Cache-Control": "no-cache"})


def part(unit: Unit, panel: str) -> Values:
    """The fields of a panel; raises `NotFound` where the unit has no such panel."""
    if panel in PARTS:
        return PARTS[panel](unit)
    pictures = [each for each in _after_first(unit) if each["technique"] == panel]
    examples = _examples(unit, panel)
    if pictures:
        return {"visualizations": pictures}
    if examples["examples"]:
        return examples
    names = ", ".join(sorted(PARTS))
    raise NotFound(f"This unit has no panel {panel!r}. Those of every unit are {names}.")


def _after_first(unit: Unit) -> list[Values]:
    """The pictures but for the first, and but for its like from other seeds."""
    first = unit.visualizations[:1]
    others = [
        each
        for each in unit.visualizations[1:]
        if each.technique != first[0].technique or each.seed == first[0].seed
    ]
    return [each.model_dump(mode="json") for each in others]


def _seeds(unit: Unit) -> Values:
    first = unit.visualizations[:1]
    found = [
        each.model_dump(mode="json")
        for each in unit.visualizations[1:]
        if each.technique == first[0].technique and each.seed != first[0].seed
    ]
    return {"visualizations": found}


def _picture(unit: Unit) -> Values:
    return {"visualizations": [each.model_dump(mode="json") for each in unit.visualizations[:1]]}


def _examples(unit: Unit, kind: str) -> Values:
    found = [each.model_dump(mode="json") for each in unit.examples if each.kind == kind]
    return {"examples": found} | unit.model_dump(mode="json", include={"scans"})


def _range(unit: Unit) -> Values:
    found = [each for each in unit.examples if each.kind.startswith("interval-")]
    told = _statistics(unit, COUNTED | {"intervals"})
    return {"examples": [each.model_dump(mode="json") for each in found]} | told


def _statistics(unit: Unit, names: set[str]) -> Values:
    found = [each.model_dump(mode="json", include=names) for each in unit.statistics]
    return {"statistics": found}


def _fields(*names: str) -> Callable[[Unit], Values]:
    return lambda unit: unit.model_dump(mode="json", include=set(names))


PARTS: dict[str, Callable[[Unit], Values]] = {
    panels.PICTURE: _picture,
    panels.SEEDS: _seeds,
    panels.EXAMPLES: lambda unit: _examples(unit, "top"),
    panels.MINIMUM: lambda unit: _examples(unit, "minimum"),
    panels.RANGE: _range,
    panels.HISTOGRAM: lambda unit: _statistics(
        unit, COUNTED | SUMMARY | {"quantiles", "histogram"}
    ),
    panels.CLASSES: lambda unit: _statistics(
        unit, {"dataset", "images", "class_means", "class_shares", "top_images"}
    ),
    panels.EFFECTS: _fields("effects"),
    panels.UNITS: _fields("class_units"),
    panels.SIMILAR: _fields("neighbours"),
    panels.PROVENANCE: _fields("scans"),
}

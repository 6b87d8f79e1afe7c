"""`/models/{model}/{layer}/{unit}/{panel}.json`: what one panel of a unit's page shows, as JSON.

A part of the unit's answer under the same names, with what says which unit it is. These stand
beside the pages, not below `/api/v1`: they follow the page's panels. Each reads and builds what it
shows alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from app.db.queries.unit_detail import (
    EFFECTS,
    EXAMPLES,
    NEIGHBOURS,
    OTHER_KINDS,
    PEAKS,
    PICTURES,
    SCANS,
    STATISTICS,
    placed_unit,
)
from app.db.views import VisualizationView
from app.db.views.evidence import PlacedUnit, UnitDetail
from app.errors import NotFound
from app.web import panels
from app.web.api import unit_serializer as serializer
from app.web.api.schemas import evidence
from app.web.api.schemas.network import Answer, Summary
from app.web.api.serializers import visualization
from app.web.dependencies import AppStateDep, unit_index
from app.web.urls import Urls

router = APIRouter(include_in_schema=False)

Values = dict[str, Any]
Build = Callable[[Urls, PlacedUnit], Values]

COUNTED = {"dataset", "images", "positions"}


@dataclass(frozen=True, slots=True)
class PanelJson:
    """A panel: the parts of a unit that are read for it, and what is made of them."""

    parts: tuple[str, ...]
    build: Build


@router.get("/models/{model}/{layer}/{unit}/{panel}.json")
def panel(app_state: AppStateDep, model: str, layer: str, unit: str, panel: str) -> JSONResponse:
    """What the panel shows, of every data set."""
    index, urls, fields = unit_index(unit), app_state.urls, PANELS.get(panel) or _named(panel)
    with app_state.snapshot() as db:
        found = placed_unit(db, model, layer, index, fields.parts)
    page = {"page": urls.unit(model, layer, index, panel)}
    answer = _always(found) | fields.build(urls, found) | page
    return JSONResponse(answer, headers={"Cache-Control": "no-cache"})


def _always(found: PlacedUnit) -> Values:
    """Which unit it is."""
    return {
        "model": found.model.slug,
        "layer": found.layer.name,
        "unit": found.unit.index,
        "title": found.unit.title,
        "weights_sha256": found.model.weights_sha256,
        "labels": _dumped(serializer.label(found.layer.name, each) for each in found.labels),
    }


def _named(panel: str) -> PanelJson:
    """The panel of a technique, or of a kind of examples; `NotFound` where a unit has neither."""

    def build(urls: Urls, found: PlacedUnit) -> Values:
        views = (each for each in _others(found.unit) if each.technique == panel)
        pictures = _pictures(urls, found.unit, views)
        if pictures["visualizations"]:
            return pictures
        examples = _examples(urls, found, lambda kind: kind == panel)
        if examples["examples"]:
            return examples | _scans(urls, found)
        names = ", ".join(sorted(PANELS))
        raise NotFound(f"This unit has no panel {panel!r}. Those of every unit are {names}.")

    return PanelJson((PICTURES, EXAMPLES, SCANS), build)


def _dumped(answers: Iterable[Answer], names: set[str] | None = None) -> list[Values]:
    return [each.model_dump(mode="json", include=names) for each in answers]


def _pictures(urls: Urls, unit: UnitDetail, views: Iterable[VisualizationView]) -> Values:
    return {"visualizations": _dumped(visualization(urls, each, unit.examples) for each in views)}


def _first(urls: Urls, found: PlacedUnit) -> Values:
    return _pictures(urls, found.unit, found.unit.visualizations[:1])


def _seeds(urls: Urls, found: PlacedUnit) -> Values:
    unit = found.unit
    seeds = (each for each in unit.visualizations[1:] if _is_reseeded(unit, each))
    return _pictures(urls, unit, seeds)


def _others(unit: UnitDetail) -> Iterable[VisualizationView]:
    """The pictures but for the first, and but for its like from other seeds."""
    return (each for each in unit.visualizations[1:] if not _is_reseeded(unit, each))


def _is_reseeded(unit: UnitDetail, view: VisualizationView) -> bool:
    first = unit.visualizations[0]
    return view.technique == first.technique and view.seed != first.seed


def _examples(urls: Urls, found: PlacedUnit, is_shown: Callable[[str], bool]) -> Values:
    place = (found.model.slug, found.layer.name, found.unit.index)
    own = (each for each in found.unit.examples if is_shown(each.kind))
    return {"examples": _dumped(serializer.example(urls, *place, each) for each in own)}


def _of_kind(kind: str) -> PanelJson:
    def build(urls: Urls, found: PlacedUnit) -> Values:
        return _examples(urls, found, lambda each: each == kind) | _scans(urls, found)

    return PanelJson((EXAMPLES, SCANS), build)


def _scans(urls: Urls, found: PlacedUnit) -> Values:
    return {"scans": _dumped(serializer.scan(each) for each in found.unit.scans)}


def _range(urls: Urls, found: PlacedUnit) -> Values:
    examples = _examples(urls, found, lambda kind: kind.startswith("interval-"))
    return examples | _statistics(found, COUNTED | {"intervals"})


def _statistics(found: PlacedUnit, names: set[str]) -> Values:
    own = (serializer.statistics(each) for each in found.unit.statistics)
    return {"statistics": _dumped(own, names)}


def _with(*names: str) -> Build:
    return lambda _, found: _statistics(found, {"dataset", "images", *names})


def _effects(urls: Urls, found: PlacedUnit) -> Values:
    return {"effects": _dumped(serializer.effects(urls, found.model.slug, found.unit))}


def _class_units(urls: Urls, found: PlacedUnit) -> Values:
    return {"class_units": _dumped(serializer.class_units(urls, found.model.slug, found.unit))}


def _neighbours(urls: Urls, found: PlacedUnit) -> Values:
    own = (serializer.neighbour(urls, found.model.slug, each) for each in found.unit.neighbours)
    return {"neighbours": _dumped(own)}


def _of_evidence(kind: str) -> PanelJson:
    """What is stored of a kind that has no answer of its own."""
    return PanelJson(
        (kind,),
        lambda _, found: {
            kind: _dumped(evidence.answer(kind, each) for each in found.unit.evidence[kind])
        },
    )


PANELS = {
    panels.PICTURE: PanelJson((PICTURES, PEAKS), _first),
    panels.SEEDS: PanelJson((PICTURES, PEAKS), _seeds),
    panels.EXAMPLES: _of_kind("top"),
    panels.MINIMUM: _of_kind("minimum"),
    panels.RANGE: PanelJson((EXAMPLES, STATISTICS), _range),
    panels.HISTOGRAM: PanelJson(
        (STATISTICS,), _with("positions", *Summary.model_fields, "quantiles", "histogram")
    ),
    panels.CLASSES: PanelJson((STATISTICS,), _with("class_means", "class_shares", "top_images")),
    panels.EFFECTS: PanelJson((EFFECTS,), _effects),
    panels.UNITS: PanelJson((EFFECTS,), _class_units),
    panels.SIMILAR: PanelJson((NEIGHBOURS,), _neighbours),
    panels.PROVENANCE: PanelJson((SCANS,), _scans),
    **{panel.name: _of_evidence(kind.name) for kind in OTHER_KINDS for panel in kind.panels},
}

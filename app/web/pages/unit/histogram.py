"""`/models/{model}/{layer}/{unit}/histogram.svg`: a unit's histogram as a drawing of its own.

It carries its colours itself and lies on white, so that it looks right in a paper.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import Response

from app.db.queries.unit_detail import placed_unit
from app.db.views.evidence import StatisticsView, UnitDetail
from app.drawing.charts import Chart, chart
from app.errors import NotFound
from app.web.dependencies import AppStateDep, unit_index
from app.web.pages.formatting import COUNTS, chosen, unit_name
from app.web.pages.templates import render
from app.web.pages.unit.dataset_panels import marks
from app.web.panels import HISTOGRAM, parts_of

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class HistogramDrawing:
    """What `histogram.svg` shows."""

    title: str
    dataset: str
    statistics: StatisticsView
    chart: Chart


@router.get("/models/{model}/{layer}/{unit}/histogram.svg")
def histogram(
    app_state: AppStateDep, model: str, layer: str, unit: str, counts: str = "", dataset: str = ""
) -> Response:
    with app_state.snapshot() as db:
        found = placed_unit(db, model, layer, unit_index(unit), parts_of([HISTOGRAM]))
    title = f"{unit_name(layer, found.unit.index)} in {found.model.title}"
    context = _drawing(title, found.unit, chosen(counts, COUNTS), dataset)
    svg = render(app_state, "histogram.svg", context)
    return Response(svg, headers={"Cache-Control": "no-cache"}, media_type="image/svg+xml")


def _drawing(title: str, unit: UnitDetail, counts: str, dataset: str) -> HistogramDrawing:
    """Of the data set that is named, or of the first."""
    found = [each for each in unit.statistics if dataset in ("", each.dataset)]
    drawn = chart(found[0].histogram, counts, marks(unit)) if found else None
    if drawn is None:
        raise NotFound(f"No histogram of {title} is stored.")
    titles = {scan.dataset: scan.title for scan in unit.scans}
    name = titles.get(found[0].dataset, found[0].dataset)
    return HistogramDrawing(title, name, found[0], drawn)

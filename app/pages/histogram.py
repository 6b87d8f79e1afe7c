"""`/models/{model}/{layer}/{unit}/histogram.svg`: a unit's histogram as a drawing of its own.

It carries its colours itself and lies on white, so that it looks right in a paper.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import Response

from app.errors import NotFound
from app.pages.addresses import unit_index
from app.pages.charts import Chart, chart
from app.pages.choices import COUNTS, chosen
from app.pages.findings import marks
from app.pages.rendering import variables
from app.pages.words import unit_name
from app.store import evidence, read
from app.store.views_evidence import StatisticsView, UnitDetail
from app.wiring import Wired

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
    house: Wired, model: str, layer: str, unit: str, counts: str = "", dataset: str = ""
) -> Response:
    home = read.model_head(house.engine, model)
    index = unit_index(unit)
    found = evidence.unit(house.engine, model, layer, index)
    title = f"{unit_name(layer, index)} in {home.title}"
    context = _drawing(title, found, chosen(counts, COUNTS), dataset)
    svg = house.templates.get_template("histogram.svg").render(variables(context))
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

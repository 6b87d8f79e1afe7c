"""`/models/{model}/{layer}/{unit}/glance.json`: what shows beside a unit's tile when somebody
points at it: its names, its strongest examples, its numbers. All words are made here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from app.db.queries import lookup, unit_detail
from app.db.views import SummaryView
from app.db.views.evidence import ExampleView, UnitDetail
from app.web.dependencies import AppStateDep, unit_index
from app.web.pages.formatting import number, percent, unit_name
from app.web.pages.layer.tiles import short
from app.web.pages.unit.dataset_panels import crop
from app.web.urls import Urls

router = APIRouter(include_in_schema=False)

VIEWS = 6
PARTS = frozenset({unit_detail.EXAMPLES, unit_detail.SCANS, unit_detail.STATISTICS})


@dataclass(frozen=True, slots=True)
class ExampleThumbnail:
    """An example, cut to what the unit sees."""

    image: str
    width: int
    height: int
    box: str
    """The part that is shown, as an SVG's `viewBox`."""


@dataclass(frozen=True, slots=True)
class Glance:
    """A unit in brief."""

    name: str
    called: str
    """Its class and its labels."""
    views: tuple[ExampleThumbnail, ...]
    numbers: tuple[tuple[str, str], ...]
    said: str
    """A sentence where there is something to say."""


@router.get("/models/{model}/{layer}/{unit}/glance.json")
def glance(app_state: AppStateDep, model: str, layer: str, unit: str) -> JSONResponse:
    with app_state.snapshot() as db:
        found = unit_detail.unit(db, model, layer, unit_index(unit), PARTS)
        own = lookup.unit_labels(db, model, layer, found.index)
    names = [found.title or "", *(each.label for each in own)]
    told = found.statistics[0].summary if found.statistics else None
    answer = Glance(
        unit_name(layer, found.index),
        ", ".join(short(name) for name in names if name),
        views(app_state.urls, found.examples),
        numbers(told) if told else (),
        said(found, told),
    )
    return JSONResponse(asdict(answer), headers={"Cache-Control": "no-cache"})


def views(urls: Urls, examples: Iterable[ExampleView]) -> tuple[ExampleThumbnail, ...]:
    """The strongest that may be shown, of the first data set that has some."""
    top = [each for each in examples if each.kind == "top" and each.image]
    first = [each for each in top if each.dataset == top[0].dataset]
    shown = (_view(urls, each) for each in first)
    return tuple(view for view in shown if view)[:VIEWS]


def _view(urls: Urls, example: ExampleView) -> ExampleThumbnail | None:
    image = example.image
    if image is None or image.is_hidden:
        return None
    part = crop(image, example.box) if example.box else None
    box = (part.x, part.y, part.width, part.height) if part else (0, 0, image.width, image.height)
    address = urls.image(image.sha256, image.media_type)
    return ExampleThumbnail(address, image.width, image.height, " ".join(map(str, box)))


def numbers(told: SummaryView) -> tuple[tuple[str, str], ...]:
    """What a unit does in a data set, in words."""
    return (
        ("Highest", number(told.maximum)),
        ("Mean", number(told.mean)),
        ("Above 0 in", f"{percent(told.image_density)} of images"),
    )


def said(unit: UnitDetail, told: SummaryView | None) -> str:
    """Whether a unit is dead or rare, or why there is nothing to see."""
    if told and told.is_dead:
        return "This unit is dead: it is above 0 in none of the images."
    if told and told.is_rare:
        return "This unit is rare: it is above 0 in very few images."
    return "" if unit.scans else "No data set has been scanned for this unit."

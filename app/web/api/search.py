"""Searching as JSON: `/api/v1/search`, and `/search.json`, which the search box asks.

Both answer the same; the box's own is lenient about what it is given, as the page is.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.search.place_names import NamedPlace
from app.search.results import PAGE, SearchResults, UnitResult, answer
from app.web.api.responses import answered, answers_with
from app.web.api.schemas.search import FoundLabel, FoundPlace, FoundUnit, SearchAnswer
from app.web.api.serializers import image_path, is_hidden
from app.web.dependencies import AppStateDep
from app.web.search_links import hit_path, key_of, place_detail, place_kind, place_name, place_of
from app.web.search_links import place_path as path_of
from app.web.urls import Urls

router = APIRouter()

Text = Annotated[
    str,
    Query(
        description="What the search box takes: an address such as 4c:447, names, statistics.",
        examples=["layer:4c density<10%"],
    ),
]
After = Annotated[str, Query(description="The key of an earlier answer: the units that follow.")]
Limit = Annotated[int, Query(ge=1, le=PAGE, description="How many units at most.")]


@router.get(
    "/api/v1/search",
    tags=["explorer"],
    summary="Units, layers and models that a text asks for",
    **answers_with(SearchAnswer),
)
def search(
    app_state: AppStateDep, q: Text = "", after: After = "", limit: Limit = PAGE
) -> Response:
    """Units by address, by name, by statistics; in the order of the network unless the text says
    another, and those of a name by how close they are."""
    with app_state.snapshot() as db:
        results = answer(db, q, place_of(after), limit)
    return answered(found(app_state.urls, results))


@router.get("/search.json", include_in_schema=False)
def suggestions(app_state: AppStateDep, q: str = "", after: str = "", limit: str = "") -> Response:
    """The same for the pages; a limit that cannot be is the usual one."""
    wanted = int(limit) if limit.isascii() and limit.isdigit() and len(limit) < 4 else PAGE
    number = wanted if 0 < wanted <= PAGE else PAGE
    with app_state.snapshot() as db:
        results = answer(db, q, place_of(after), number)
    return answered(found(app_state.urls, results))


def found(urls: Urls, given: SearchResults) -> SearchAnswer:
    """An answer as JSON: paths are added, nothing is left out."""
    after = key_of(given.after) if given.after else None
    return SearchAnswer(
        query=given.query,
        certain=given.is_certain,
        notes=list(given.notes),
        problems=list(given.problems),
        places=[_place(urls, place) for place in given.places],
        units=[_unit(urls, hit) for hit in given.hits],
        datasets=list(given.datasets),
        after=after,
        next=urls.api_search(given.query, after) if after else None,
        page=urls.search(given.query),
    )


def _place(urls: Urls, place: NamedPlace) -> FoundPlace:
    return FoundPlace(
        kind=place_kind(place),
        model=place.model.slug,
        model_title=place.model.title,
        layer=place.layer.name if place.layer else None,
        branch=place.branch.name if place.branch else None,
        name=place_name(place),
        detail=place_detail(place),
        page=path_of(urls, place),
    )


def _unit(urls: Urls, hit: UnitResult) -> FoundUnit:
    unit, place = hit.unit, hit.unit.place
    return FoundUnit(
        model=place.model,
        model_title=hit.model.title,
        layer=place.layer,
        unit=place.unit,
        branch=hit.branch,
        title=unit.title,
        labels=[FoundLabel.model_validate(label) for label in unit.labels],
        numbers=dict(unit.numbers),
        image=image_path(urls, unit.image),
        hidden=is_hidden(unit.image),
        href=urls.api_unit(place.model, place.layer, place.unit),
        page=hit_path(urls, hit),
    )

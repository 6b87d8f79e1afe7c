"""The shapes of a search's JSON answer. The same manners as `schemas`."""

from __future__ import annotations

from typing import Annotated

from app.web.api.fields import (
    LAYER,
    MODEL,
    UNIT,
    URLS,
    IsHidden,
    LayerName,
    Next,
    Picture,
    Slug,
    UnitHref,
    UnitIndex,
    UnitPage,
    UnitTitle,
    said,
)
from app.web.api.schemas.network import Answer

QUERY = "layer:4c density<10%"
AFTER = f"{MODEL}/{LAYER}/{UNIT}"

ModelTitle = Annotated[str, said("The model's title.", "InceptionV1")]
Branch = Annotated[str | None, said("The branch of the module it belongs to.", "pool")]


class FoundLabel(Answer):
    """What a maintainer calls the unit."""

    label: Annotated[str, said("The label.", "floppy ears")]
    family: Annotated[str | None, said("The family that it belongs to.", "dogs")]
    source: Annotated[str, said("Who says so, and where.", "our own notes, 2026")]


class FoundUnit(Answer):
    """A unit that fits."""

    model: Slug
    model_title: ModelTitle
    layer: LayerName
    unit: UnitIndex
    branch: Branch
    title: UnitTitle
    labels: Annotated[list[FoundLabel], said("What maintainers call it.")]
    numbers: Annotated[
        dict[str, float],
        said("What was asked: statistics by name; `effect`, on the class named.", {"density": 0.1}),
    ]
    image: Picture
    hidden: IsHidden
    href: UnitHref
    page: UnitPage


class FoundPlace(Answer):
    """A model, a layer or a branch of the name."""

    kind: Annotated[str, said("model, layer or branch.", "layer")]
    model: Slug
    model_title: ModelTitle
    layer: Annotated[str | None, said("The layer's name; null for a model.", LAYER)]
    branch: Annotated[str | None, said("The branch's name; null for models and layers.", None)]
    name: Annotated[str, said("What it is called.", LAYER)]
    detail: Annotated[str, said("How large it is, in words.", "512 units")]
    page: Annotated[str, said("The path of its page.", URLS.layer(MODEL, LAYER))]


class SearchAnswer(Answer):
    """What a search found, and what must be said about it."""

    query: Annotated[str, said("The text as it was read.", QUERY)]
    certain: Annotated[
        bool, said("Whether the one unit is what an address in the text means.", False)
    ]
    notes: Annotated[
        list[str],
        said("What one should know of the units found.", ["Density is in the photographs."]),
    ]
    problems: Annotated[
        list[str], said("What was not understood or does not exist, and what would.", [])
    ]
    places: Annotated[list[FoundPlace], said("Models, layers and branches of the name.")]
    units: Annotated[list[FoundUnit], said("The units that fit.")]
    datasets: Annotated[
        list[str],
        said("The titles of the data sets that statistics are of.", ["Photographs"]),
    ]
    after: Annotated[
        str | None, said("Pass it as `after` for the next units; null at the end.", AFTER)
    ]
    next: Next
    page: Annotated[str, said("The path of the page of this search.", URLS.search(QUERY))]

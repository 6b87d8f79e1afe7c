"""One page of every kind: what must hold on every page is tested over this table.

A new page is one line of `pages`; what it needs to be addressed is a field of `Place`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.web.urls import Urls


@dataclass(frozen=True, slots=True)
class Place:
    """Names that exist in a database: a unit of which everything is stored, and a class."""

    model: str = "toy"
    layer: str = "mixed3b"
    unit: int = 2
    classes: str = "logits"
    output: int = 1


def pages(urls: Urls, place: Place) -> Mapping[str, str]:
    """The address of a page of each kind; those of `FAILURES` say that something went wrong."""
    model, layer, unit = place.model, place.layer, place.unit
    return {
        "home": urls.home(),
        "models": urls.models(),
        "model": urls.model(model),
        "layer": urls.layer(model, layer),
        "layer sorted": urls.layer(model, layer, sort="density", order="asc"),
        "layer chosen": urls.layer(
            model, layer, technique="negative", size="l", branch="1x1", dead="hide"
        ),
        "unit": urls.unit(model, layer, unit),
        "unit with whole images": urls.unit(model, layer, unit, show="whole"),
        "unit with heat": urls.unit(model, layer, unit, show="heat", counts="log"),
        "unit without evidence": urls.unit(model, layer, unit + 1),
        "class": urls.unit(model, place.classes, place.output),
        "unit embedded": urls.unit(model, layer, unit, embed="1", panels="picture,examples"),
        "compare": urls.compare([(model, layer, unit), (model, place.classes, place.output)]),
        "compare nothing": urls.compare([]),
        "search": urls.search("fox"),
        "search by numbers": urls.search(f"layer:{layer} density<90%"),
        "search in vain": urls.search("zzqqxx density<x"),
        "about": urls.about(),
        "docs": urls.reference(),
        "no such model": urls.model("none"),
        "no such unit": urls.unit(model, layer, 99),
    }


FAILURES = {"no such model": 404, "no such unit": 404}
KINDS = tuple(pages(Urls(), Place()))
FOUND = tuple(kind for kind in KINDS if kind not in FAILURES)
# Stands in a frame of another's page: without the header, and any site may frame it.
EMBEDDED = "unit embedded"
WHOLE = tuple(kind for kind in KINDS if kind != EMBEDDED)

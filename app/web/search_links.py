"""What was found in words and links, the same on the page, in JSON and in suggestions."""

from __future__ import annotations

from app.db.views.search import UnitPlace
from app.search.place_names import NamedPlace
from app.search.results import UnitResult
from app.unit_names import LOGITS
from app.web.urls import Urls


def place_name(place: NamedPlace) -> str:
    """A model's title, a layer's name, or a branch as its units are numbered: `mixed4c_3x3`."""
    if place.layer is None:
        return place.model.title
    return f"{place.layer.name}_{place.branch.name}" if place.branch else place.layer.name


def place_kind(place: NamedPlace) -> str:
    """`model`, `layer` or `branch`."""
    if place.layer is None:
        return "model"
    return "branch" if place.branch else "layer"


def place_detail(place: NamedPlace) -> str:
    """How large a place is."""
    if place.layer is None:
        return f"model, {len(place.model.layers):,} layers"
    if place.branch:
        return f"branch, units {place.branch.start:,} to {place.branch.stop - 1:,}"
    what = "classes" if place.layer.name == LOGITS else "channels"
    return f"layer, {place.layer.channels:,} {what}"


def place_path(urls: Urls, place: NamedPlace) -> str:
    """The page of a place, at the branch where it is one."""
    if place.layer is None:
        return urls.model(place.model.slug)
    if place.branch:
        return urls.branch(place.model.slug, place.layer.name, place.branch.name)
    return urls.layer(place.model.slug, place.layer.name)


def hit_path(urls: Urls, hit: UnitResult) -> str:
    """The page of a unit that was found."""
    place = hit.unit.place
    return urls.unit(place.model, place.layer, place.unit)


def key_of(place: UnitPlace) -> str:
    """The unit behind which a next page begins, as an address has it."""
    return f"{place.model}/{place.layer}/{place.unit}"


def place_of(key: str) -> UnitPlace | None:
    """The unit that a key names; None where it names none, and the first page is meant."""
    model, _, rest = key.partition("/")
    layer, _, index = rest.rpartition("/")
    if not layer or not index.isascii() or not index.isdigit() or len(index) > 9:
        return None
    return UnitPlace(model, layer, int(index))

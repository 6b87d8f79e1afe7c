"""Addresses answered: which stored units and layers they mean, and what must be said about it.

Pure functions over the store's views. An index of one training means nothing in another, so an
answer says where an address is from, and where that is not the training that is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.db.views.search import ModelPlace, UnitPlace
from app.search.place_names import NamedPlace, find_layer
from app.unit_names import LITERATURE, OF_LITERATURE, Address, NameOrigin


@dataclass(frozen=True, slots=True)
class Located:
    """What an address leads to."""

    units: tuple[UnitPlace, ...] = ()
    places: tuple[NamedPlace, ...] = ()
    """Layers, branches or models; where the index does not exist, those that have others."""
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def locate(address: Address, models: Sequence[ModelPlace]) -> Located:
    """The units that an address means, one for each model that it can mean."""
    if address.source is NameOrigin.MICROSCOPE and address.model != LITERATURE:
        return Located(problems=(_foreign(address),))
    able = _able(address, models)
    if not able:
        return Located(problems=(_no_model(address.model, models),))
    if not address.name:
        return Located(places=tuple(map(NamedPlace, able)), notes=_notes(address, able))
    found = [place for model in able if (place := find_layer(model, address.name))]
    if not found:
        return Located(problems=(_no_layer(address, able),))
    return _in_places(address, found)


def _in_places(address: Address, found: Sequence[NamedPlace]) -> Located:
    """The address in each model that has such a layer."""
    inner = [place for place in found if place.inner]
    if inner:
        return Located(places=tuple(found), problems=(_inner_told(inner[0]),))
    if address.unit is None:
        models = [place.model for place in found]
        return Located(places=tuple(found), notes=_notes(address, models))
    inside = [place for place in found if address.unit < place.size]
    outside = [place for place in found if address.unit >= place.size]
    units = tuple(_unit_of(place, address.unit) for place in inside)
    notes = (
        *(_numbering(place, address.unit) for place in inside if place.branch),
        *_notes(address, [place.model for place in inside]),
    )
    ranges = [_range_told(place, address.unit, len(found) > 1) for place in outside]
    problems = tuple(dict.fromkeys(ranges))
    return Located(units, tuple(outside), tuple(dict.fromkeys(notes)), problems)


def _able(address: Address, models: Sequence[ModelPlace]) -> tuple[ModelPlace, ...]:
    """The models that an address can mean; all, where its own training is not stored."""
    own = tuple(model for model in models if model.slug == address.model)
    if own and address.source is NameOrigin.HERE:
        return own
    of_literature = tuple(model for model in models if model.variant == LITERATURE)
    if address.model == LITERATURE:
        return of_literature or tuple(models)
    others = tuple(model for model in models if model.variant != LITERATURE)
    return () if address.model else of_literature + others


def _unit_of(place: NamedPlace, index: int) -> UnitPlace:
    assert place.layer is not None
    return UnitPlace(place.model.slug, place.layer.name, place.start + index)


def _notes(address: Address, models: Sequence[ModelPlace]) -> tuple[str, ...]:
    """That the address means another training than these are, or may mean it."""
    others = [model.title for model in models if model.variant != LITERATURE]
    if not others:
        return ()
    titles = " and ".join(dict.fromkeys(others))
    if address.source in OF_LITERATURE or address.model == LITERATURE:
        return (
            f"This address means the training inceptionv1, which Lucid and OpenAI Microscope show. "
            f"{titles} {'is another' if len(others) == 1 else 'are others'}: {_shared(address)}",
        )
    if _is_papers(address) and len(others) == len(models):
        return (
            "In papers, such an address mostly means the training inceptionv1, which Lucid and "
            f"OpenAI Microscope show. {titles} {'is another' if len(others) == 1 else 'are others'}"
            ", in which the index does not carry over.",
        )
    return ()


def _is_papers(address: Address) -> bool:
    """Whether papers address units so; `inception_4c` is Caffe's name for a layer."""
    is_caffe = address.name.lower().startswith("inception")
    return address.source is NameOrigin.TYPED and address.unit is not None and not is_caffe


def _shared(address: Address) -> str:
    if address.unit is None:
        return "its layers have the same names, but an index does not carry over."
    return f"an index does not carry over, and the unit of the number {address.unit} is unrelated."


def _numbering(place: NamedPlace, index: int) -> str:
    assert place.layer is not None
    return (
        f"Unit {index} of the {_branch_told(place)} branch is "
        f"{place.layer.name}:{place.start + index}."
    )


def _range_told(place: NamedPlace, index: int, names_model: bool) -> str:
    assert place.layer is not None
    where = place.layer.name
    if place.branch:
        where = f"the {_branch_told(place)} branch of {where}"
    of_model = f" of {place.model.title}" if names_model else ""
    return f"There is no unit {_short(index)}: {where}{of_model} has units 0 to {place.size - 1}."


def _inner_told(place: NamedPlace) -> str:
    assert place.layer is not None
    return (
        f"{place.layer.name}_{place.inner} is a convolution inside the module: its channels are "
        f"not units of {place.layer.name}, and are not stored."
    )


def _no_layer(address: Address, models: Sequence[ModelPlace]) -> str:
    near = find_layer(models[0], address.name.partition("_")[0])
    if near and near.layer and near.layer.branches:
        branches = ", ".join(branch.name for branch in near.layer.branches)
        return f"{near.layer.name} has the branches {branches}, and no “{_clipped(address.name)}”."
    names = dict.fromkeys(layer.name for model in models for layer in model.layers)
    return (
        f"There is no layer “{_clipped(address.name)}” here. There are {', '.join(names)}. A text "
        "with a colon or a slash is searched for in quotation marks."
    )


def _clipped(name: str) -> str:
    return name if len(name) <= 60 else f"{name[:60]}…"


def _no_model(slug: str, models: Sequence[ModelPlace]) -> str:
    known = ", ".join(model.slug for model in models) or "none yet"
    return f"There is no model “{_clipped(slug)}” here. There are: {known}."


def _foreign(address: Address) -> str:
    return (
        f"This is an address of the model “{_clipped(address.model)}” of OpenAI Microscope's, "
        "which is another network than InceptionV1."
    )


def _branch_told(place: NamedPlace) -> str:
    return place.branch.name.replace("x", "×") if place.branch else ""


def _short(index: int) -> str:
    text = str(index)
    return text if len(text) <= 12 else f"{text[:12]}…"

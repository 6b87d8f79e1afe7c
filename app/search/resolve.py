"""A query with its names looked up: words that are places become places, all of it criteria.

Pure functions over the store's views.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.db.search.criteria import CLOSENESS, EFFECT, Criteria, NameMatch, Scope
from app.db.views.search import ModelPlace
from app.search.address_lookup import Located
from app.search.place_names import NamedPlace, find_layer, scopes
from app.search.query import Query, Term, Word
from app.unit_names import Address, underscored


def with_addresses(query: Query, models: Sequence[ModelPlace]) -> Query:
    """Words such as `mixed3b_379` taken as the addresses they are."""
    found = {word: _meant(word, models) for word in query.words}
    addresses = tuple(address for address in found.values() if address)
    rest = tuple(word for word, address in found.items() if not address)
    return replace(query, addresses=(*query.addresses, *addresses), words=rest)


def _meant(word: Word, models: Sequence[ModelPlace]) -> Address | None:
    if word.is_quoted or word.is_excluded or _is_layer(word.text, models):
        return None
    address = underscored(word.text)
    return address if address and _is_layer(address.name, models) else None


def _is_layer(name: str, models: Sequence[ModelPlace]) -> bool:
    return any(find_layer(model, name) for model in models)


def with_places(query: Query, models: Sequence[ModelPlace]) -> Query:
    """Words that are the names of layers or models taken as places to look in."""
    terms = {word: term_of(word, models) for word in query.words}
    rest = tuple(word for word, term in terms.items() if not term)
    own = tuple(term for term in terms.values() if term)
    return replace(query, words=rest, terms=(*query.terms, *own))


def term_of(word: Word, models: Sequence[ModelPlace]) -> Term | None:
    """The place that a word is the name of; quotation marks keep it a word."""
    if word.is_quoted:
        return None
    if _is_layer(word.text, models):
        return Term("layer", word.text, word.is_excluded)
    is_model = any(word.text.lower() == model.slug.lower() for model in models)
    return Term("model", word.text, word.is_excluded) if is_model else None


def criteria_of(query: Query, models: Sequence[ModelPlace], located: Sequence[Located]) -> Criteria:
    """What the store is asked; `located` is what the query's addresses mean."""
    words = tuple(NameMatch("name", word.text, word.is_excluded) for word in query.words)
    criteria = Criteria(
        scopes=_scopes(query, models, located),
        names=(*query.names, *words),
        bounds=query.bounds,
        sort=query.sort,
        is_ascending=query.is_ascending,
    )
    if query.sort and (query.sort != EFFECT or criteria.has_effects):
        return criteria
    by_closeness = CLOSENESS if any(not word.is_excluded for word in query.words) else ""
    return replace(criteria, sort=EFFECT if criteria.has_effects else by_closeness)


def _scopes(
    query: Query, models: Sequence[ModelPlace], located: Sequence[Located]
) -> tuple[Scope, ...] | None:
    """Where to look: in the places named, and there only at the units addressed, if any are."""
    wide = scopes(models, query.terms)
    if not query.addresses:
        return wide
    narrow = [
        scope
        for address, each in zip(query.addresses, located, strict=True)
        for scope in _addressed_scopes(address, each)
    ]
    return tuple(narrow) if wide is None else _shared(narrow, wide)


def _addressed_scopes(address: Address, located: Located) -> list[Scope]:
    units = [Scope(each.model, each.layer, each.unit, each.unit + 1) for each in located.units]
    if address.unit is not None:
        return units  # `places` are those that have no such unit
    return [_scope_of(place) for place in located.places if place.layer and not place.inner]


def _scope_of(place: NamedPlace) -> Scope:
    assert place.layer is not None
    return Scope(place.model.slug, place.layer.name, place.start, place.start + place.size)


def _shared(some: Sequence[Scope], others: Sequence[Scope]) -> tuple[Scope, ...]:
    """The units that are in both."""
    return tuple(
        replace(one, start=start, stop=stop)
        for one in some
        for other in others
        if (one.model, one.layer) == (other.model, other.layer)
        and (start := max(one.start, other.start)) < (stop := min(one.stop, other.stop))
    )

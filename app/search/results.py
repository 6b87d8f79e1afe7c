"""A search answered: the text taken apart, its names looked up, the store asked, all of it told.

Pages and the JSON API both call `answer`; neither knows how.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.db.search import find_units
from app.db.search.criteria import EFFECT, Criteria
from app.db.transactions import Source
from app.db.views.search import Found, FoundUnit, ModelPlace, UnitPlace
from app.search.address_lookup import Located, locate
from app.search.parser import parse
from app.search.place_names import NamedPlace, find_layer, find_models, layers_beginning, scopes
from app.search.query import Query, Term
from app.search.resolve import criteria_of, term_of, with_addresses, with_places

PAGE = 50


@dataclass(frozen=True, slots=True)
class UnitResult:
    """A unit that was found, with where it is."""

    unit: FoundUnit
    model: ModelPlace
    branch: str | None


@dataclass(frozen=True, slots=True)
class SearchResults:
    """What a search found, and what must be said about it."""

    query: str
    notes: tuple[str, ...] = ()
    """What one should know of the hits."""
    problems: tuple[str, ...] = ()
    """What was not understood, or does not exist; each with what would."""
    places: tuple[NamedPlace, ...] = ()
    """Models, layers and branches of that name."""
    hits: tuple[UnitResult, ...] = ()
    is_certain: bool = False
    """Whether the one hit is the unit that an address means."""
    datasets: tuple[str, ...] = ()
    """The titles of the data sets that the numbers are of."""
    after: UnitPlace | None = None
    """The last hit, where more follow."""

    @property
    def is_empty(self) -> bool:
        return not (self.places or self.hits)


def answer(
    source: Source, text: str, after: UnitPlace | None = None, limit: int = PAGE
) -> SearchResults:
    """What a text asks for; nothing at all makes it fail but a database that does not answer."""
    models = find_units.places(source)
    query = with_addresses(parse(text), models)
    if query == Query(query.text, addresses=query.addresses, problems=query.problems):
        return _addressed(source, query, models)
    if places := _named(query, models):
        return SearchResults(query.text, problems=query.problems, places=places)
    return _listed(source, query, models, after, limit)


def _addressed(source: Source, query: Query, models: Sequence[ModelPlace]) -> SearchResults:
    """Addresses and nothing else: the units that they mean."""
    located = [locate(address, models) for address in query.addresses]
    units = dict.fromkeys(unit for each in located for unit in each.units)
    hits = _hits(find_units.at(source, tuple(units)), models)
    return SearchResults(
        query.text,
        notes=_each(located, "notes"),
        problems=(*query.problems, *_each(located, "problems")),
        places=tuple(dict.fromkeys(place for each in located for place in each.places)),
        hits=hits,
        is_certain=len(query.addresses) == len(hits) == 1,
    )


def _each(located: Sequence[Located], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for each in located for text in getattr(each, name)))


def _listed(
    source: Source,
    query: Query,
    models: Sequence[ModelPlace],
    after: UnitPlace | None,
    limit: int,
) -> SearchResults:
    """Whatever else is asked: the units for which all of it holds."""
    asked = with_places(query, models)
    located = [locate(address, models) for address in asked.addresses]
    problems = (*asked.problems, *_each(located, "problems"), *_unknown(asked.terms, models))
    criteria = criteria_of(asked, models, located)
    found = find_units.units(source, criteria, limit, after)
    hits = _hits(found.units, models)
    return SearchResults(
        query.text,
        notes=(*_each(located, "notes"), *_remarks(asked, criteria, found)),
        problems=(*problems, *map(_crowded, found.crowded), *_sort_problem(asked)),
        places=() if after else _begun(query, models),
        hits=hits,
        datasets=found.datasets,
        after=hits[-1].unit.place if hits and found.has_more else None,
    )


def _named(query: Query, models: Sequence[ModelPlace]) -> tuple[NamedPlace, ...]:
    """The models and layers that are named, where that is all that is asked."""
    if not query.words or query != Query(query.text, words=query.words, problems=query.problems):
        return ()
    terms = [term_of(word, models) for word in query.words]
    if any(term is None or term.is_excluded for term in terms):
        return ()
    return tuple(place for term in terms if term for place in _of_term(term, models))


def _of_term(term: Term, models: Sequence[ModelPlace]) -> list[NamedPlace]:
    if term.kind == "model":
        return [NamedPlace(model) for model in find_models(models, term.text)]
    return [place for model in models if (place := find_layer(model, term.text))]


def _begun(query: Query, models: Sequence[ModelPlace]) -> tuple[NamedPlace, ...]:
    """The models and layers whose names a single word begins."""
    if len(query.words) != 1 or query != Query(query.text, words=query.words):
        return ()
    word = query.words[0]
    if word.is_excluded or word.is_quoted:
        return ()
    return (*map(NamedPlace, find_models(models, word.text)), *layers_beginning(models, word.text))


def _unknown(terms: Sequence[Term], models: Sequence[ModelPlace]) -> tuple[str, ...]:
    """Places to look in that do not exist, each with those that do."""
    return tuple(
        f"There is no {term.kind} “{term.text[:60]}” here. There are {', '.join(known)}."
        for term in terms
        if scopes(models, [replace(term, is_excluded=False)]) == ()
        and (known := _known(term.kind, models))
    )


def _known(kind: str, models: Sequence[ModelPlace]) -> list[str]:
    if kind == "model":
        return [model.slug for model in models]
    layers = [layer for model in models for layer in model.layers]
    if kind == "layer":
        return list(dict.fromkeys(layer.name for layer in layers))
    return list(dict.fromkeys(branch.name for layer in layers for branch in layer.branches))


def _hits(units: Sequence[FoundUnit], models: Sequence[ModelPlace]) -> tuple[UnitResult, ...]:
    homes = {model.slug: model for model in models}
    return tuple(
        UnitResult(unit, homes[unit.place.model], _branch(unit, homes[unit.place.model]))
        for unit in units
        if unit.place.model in homes  # it may have been stored since
    )


def _branch(unit: FoundUnit, model: ModelPlace) -> str | None:
    layer = next(layer for layer in model.layers if layer.name == unit.place.layer)
    index = unit.place.unit
    inside = (each.name for each in layer.branches if each.start <= index < each.stop)
    return next(inside, None)


def _remarks(query: Query, criteria: Criteria, found: Found) -> tuple[str, ...]:
    notes = []
    if any(word.text.isascii() and word.text.isdigit() for word in query.words):
        notes.append("An index alone names no unit: write it with its layer, such as 4c:447.")
    if criteria.numbers and not found.datasets:
        notes.append("No data set has been scanned yet: there are no statistics to compare.")
    return tuple(notes)


def _sort_problem(query: Query) -> tuple[str, ...]:
    if query.sort == EFFECT and not any(name.kind == "class" for name in query.names):
        return ("sort:effect needs a class to have an effect on: write class:tabby before it.",)
    return ()


def _crowded(text: str) -> str:
    return f"“{text[:60]}” is in the names of too many classes: say more of the one that you mean."

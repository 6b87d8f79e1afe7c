"""A search as it was typed, taken apart: what `language` makes, before any name is looked up."""

from __future__ import annotations

from dataclasses import dataclass

from app.db.search.criteria import Bound, NameMatch
from app.unit_names import Address


@dataclass(frozen=True, slots=True)
class Term:
    """A model, a layer or a branch to look in, or to leave out."""

    kind: str
    """`model`, `layer` or `branch`."""
    text: str
    is_excluded: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or several in quotation marks, that must be found or must not."""

    text: str
    is_excluded: bool = False
    is_quoted: bool = False
    """Then it is never a layer's name."""


@dataclass(frozen=True, slots=True)
class Query:
    """Everything that a search asks; all of it must hold."""

    text: str
    addresses: tuple[Address, ...] = ()
    words: tuple[Word, ...] = ()
    terms: tuple[Term, ...] = ()
    names: tuple[NameMatch, ...] = ()
    bounds: tuple[Bound, ...] = ()
    sort: str = ""
    is_ascending: bool = False
    problems: tuple[str, ...] = ()
    """What was not understood, each with what would be."""

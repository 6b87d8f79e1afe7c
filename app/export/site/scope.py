"""What belongs to a copy: which models and layers, and which states of their pages.

It knows the shape of public addresses, as `Urls` builds them, and nothing of what pages show.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

from app.export.site.sentinel import FoundAddress

# Choices that mean something only together: an order belongs to what is sorted by.
TOGETHER = (frozenset({"sort", "order"}),)


@dataclass(frozen=True, slots=True)
class PagePlace:
    """What a page is about: a model, a layer of it, a unit of that; empty where it is not."""

    model: str = ""
    layer: str = ""
    unit: str = ""


def place_of(path: str) -> PagePlace:
    """What a path is about, read from the page's address, its JSON's, or the API's."""
    names = [unquote(name) for name in path.split("/")[1:]]
    if names[:3] == ["api", "v1", "models"]:
        return PagePlace(*names[3:4], *names[5:6], *names[7:8])
    if names[:1] != ["models"]:
        return PagePlace()
    names[-1] = names[-1].removesuffix(".json")
    return PagePlace(*names[1:4]) if len(names) <= 4 else PagePlace()


@dataclass(frozen=True, slots=True)
class ExportScope:
    """The part of the explorer that is copied."""

    models: frozenset[str] = frozenset()
    """Of these models only; of all where it is empty."""
    layers: frozenset[str] = frozenset()
    """Of these layers only; of all where it is empty."""
    has_all_views: bool = False
    """Whether units are copied in each of their states, as layers are."""
    apart: frozenset[str] = field(default_factory=frozenset)
    """Paths that only a server can answer: they are never asked for."""

    def holds(self, found: FoundAddress) -> bool:
        """Whether a file is made for this address."""
        place = place_of(found.path)
        return found.path not in self.apart and self.holds_place(place) and self._state(found)

    def holds_place(self, place: PagePlace) -> bool:
        """Whether what a page is about is copied."""
        return _within(place.model, self.models) and _within(place.layer, self.layers)

    def _state(self, found: FoundAddress) -> bool:
        """Each choice alone, at its other values; of units only what is there at first."""
        chosen = {name for name, _ in parse_qsl(found.query, keep_blank_values=True)}
        if place_of(found.path).unit and not self.has_all_views:
            return not chosen
        return len(chosen) <= 1 or any(chosen <= pair for pair in TOGETHER)


def _within(name: str, names: frozenset[str]) -> bool:
    return not name or not names or name in names

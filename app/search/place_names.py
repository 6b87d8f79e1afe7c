"""Names of models, layers and branches looked up among those that are stored.

Pure functions over the store's views. `4c` is `mixed4c`, `inception_4c` is Caffe's name for it,
`mixed4c_3x3` and `mixed4c_pool_reduce` are branches.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.db.search.criteria import Scope
from app.db.views import BranchView
from app.db.views.search import LayerPlace, ModelPlace
from app.search.query import Term

_SHORT = re.compile(r"[a-z]+(\d[a-z])")
# What a module's inner convolutions are called; their channels are no units of the module.
_INNER = re.compile(r".*_?(bottleneck|reduce)")
# The branch behind the pooling has one convolution, which publishers call differently.
_POOLS = ("pool_reduce", "pool_proj")


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A model, one of its layers, or a branch of that."""

    model: ModelPlace
    layer: LayerPlace | None = None
    branch: BranchView | None = None
    inner: str = ""
    """The inner convolution that was named; its channels are not stored."""

    @property
    def start(self) -> int:
        return self.branch.start if self.branch else 0

    @property
    def size(self) -> int:
        """How many units it has."""
        if self.branch:
            return self.branch.stop - self.branch.start
        return self.layer.channels if self.layer else 0


def find_layer(model: ModelPlace, name: str) -> NamedPlace | None:
    """The layer or branch that a name means in a model."""
    wanted = name.lower().replace("×", "x")
    for layer in model.layers:
        for alias in aliases(layer.name):
            if wanted == alias:
                return NamedPlace(model, layer)
            if wanted.startswith((f"{alias}_", f"{alias}/")):
                return _inside(model, layer, wanted[len(alias) + 1 :])
    return None


def aliases(layer: str) -> tuple[str, ...]:
    """The names that a layer goes by."""
    name = layer.lower()
    short = _SHORT.fullmatch(name)
    if short is None:
        return (name,)
    return (name, short[1], f"inception_{short[1]}", f"inception{short[1]}")


def _inside(model: ModelPlace, layer: LayerPlace, rest: str) -> NamedPlace | None:
    if rest in ("0", "output"):  # Microscope's port, Caffe's concatenation
        return NamedPlace(model, layer)
    name = rest.removesuffix("_0")
    name = "pool" if name in _POOLS else name
    for branch in layer.branches:
        if branch.name == name:
            return NamedPlace(model, layer, branch)
    return (
        NamedPlace(model, layer, None, name) if layer.branches and _INNER.fullmatch(name) else None
    )


def find_models(models: Iterable[ModelPlace], text: str) -> tuple[ModelPlace, ...]:
    """The models of this name or title; those that contain it, where none is called so."""
    wanted, all_models = text.lower(), tuple(models)
    exact = tuple(each for each in all_models if wanted in (each.slug.lower(), each.title.lower()))
    return exact or tuple(
        each for each in all_models if wanted in each.slug.lower() or wanted in each.title.lower()
    )


def layers_beginning(models: Iterable[ModelPlace], text: str) -> tuple[NamedPlace, ...]:
    """Layers whose name, or one of its others, begins with a text."""
    wanted = text.lower()
    return tuple(
        NamedPlace(model, layer)
        for model in models
        for layer in model.layers
        if any(alias.startswith(wanted) for alias in aliases(layer.name))
    )


def scopes(models: Sequence[ModelPlace], terms: Sequence[Term]) -> tuple[Scope, ...] | None:
    """The units that the terms leave: of terms of one kind any may hold, excluded ones must not.

    None where there are no terms: everywhere.
    """
    if not terms:
        return None
    return tuple(
        scope for model in models for layer in model.layers for scope in _parts(model, layer, terms)
    )


def _parts(model: ModelPlace, layer: LayerPlace, terms: Sequence[Term]) -> list[Scope]:
    """The parts of a layer that the terms leave, neighbouring branches joined."""
    found: list[Scope] = []
    for piece in layer.branches or (BranchView("", 0, layer.channels),):
        if not _is_wanted(model, layer, piece, terms):
            continue
        if found and found[-1].stop == piece.start:
            piece = BranchView("", found.pop().start, piece.stop)
        found.append(Scope(model.slug, layer.name, piece.start, piece.stop))
    return found


def _is_wanted(
    model: ModelPlace, layer: LayerPlace, branch: BranchView, terms: Sequence[Term]
) -> bool:
    for kind in {term.kind for term in terms if not term.is_excluded}:
        own = [term for term in terms if term.kind == kind and not term.is_excluded]
        if not any(_holds(term, model, layer, branch) for term in own):
            return False
    excluded = [term for term in terms if term.is_excluded]
    return not any(_holds(term, model, layer, branch) for term in excluded)


def _holds(term: Term, model: ModelPlace, layer: LayerPlace, branch: BranchView) -> bool:
    if term.kind == "model":
        return bool(find_models((model,), term.text))
    if term.kind == "branch":
        return branch.name != "" and branch.name == term.text.lower().replace("×", "x")
    place = find_layer(model, term.text)
    if place is None or place.layer != layer or place.inner:
        return False
    return place.branch in (None, branch)

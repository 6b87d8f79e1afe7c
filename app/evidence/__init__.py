"""The registry: what is stored as evidence about units and layers, one module for each kind.

To add a kind, write three files and a migration:

- `app/evidence/x.py`: the table, with a comment for each column, and `KIND`, which describes it;
- `precompute/stages/x.py`: how it is computed;
- `templates/panels/x.html`: how a unit's page shows it.

Copies, checks, exports, the privacy filter, the JSON API and the pages derive the rest from here
and from SQLAlchemy's metadata.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from app import techniques
from app.evidence.base import Kind, Panel


@cache
def kinds() -> tuple[Kind, ...]:
    """All kinds, in the order in which their panels stand on a page."""
    modules = [import_module(f"{__name__}.{each.name}") for each in iter_modules(__path__)]
    found: list[Kind] = [each.KIND for each in modules if hasattr(each, "KIND")]
    return tuple(sorted(found, key=_place))


def kind_of(name: str) -> Kind:
    """The kind of this name; `KeyError` where there is none."""
    return {each.name: each for each in kinds()}[name]


def stages() -> dict[str, Kind]:
    """The kinds that stand for a stage of precompute, by its name; pictures are made by many."""
    return {
        kind.name: kind
        for kind in kinds()
        if kind.made_by == kind.name and kind.unit is not None and not kind.unit.nullable
    }


def suits(stage: str, is_logits: bool) -> bool:
    """Whether a layer can have what a stage, or a technique, makes."""
    if (kind := stages().get(stage)) is not None:
        return kind.of_logits if is_logits else kind.of_maps
    return techniques.suits(stage, is_logits)


def panels() -> tuple[tuple[Kind, Panel], ...]:
    """Each panel of each kind, in the order of the page."""
    found = [(kind, panel) for kind in kinds() for panel in kind.panels]
    return tuple(sorted(found, key=lambda each: (each[1].order, each[1].name)))


def _place(kind: Kind) -> tuple[float, str]:
    return min((panel.order for panel in kind.panels), default=float("inf")), kind.name

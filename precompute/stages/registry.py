"""Finds the stages: those that the modules of this package declare, in their order."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from graphlib import TopologicalSorter
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import precompute.stages as package
from precompute.request import Request
from precompute.stages.stage import Stage

AnyStage = Stage[Any]


@cache
def stages() -> Mapping[str, AnyStage]:
    """All stages by name.

    Raises:
        ValueError: two have the same name, or they wait for each other.
    """
    modules = [
        import_module(f"{package.__name__}.{found.name}")
        for found in iter_modules(package.__path__)
    ]
    declared: list[AnyStage] = [each for m in modules for each in getattr(m, "STAGES", ())]
    ordered = sorted(declared, key=lambda stage: stage.order)
    by_name = {stage.name: stage for stage in ordered}
    if len(by_name) < len(ordered):
        raise ValueError(f"Two stages have the same name: {[stage.name for stage in ordered]}")
    TopologicalSorter({stage.name: stage.after for stage in ordered}).prepare()
    return by_name


def technique_names() -> tuple[str, ...]:
    """What `--techniques` takes."""
    return tuple(name for name, stage in stages().items() if not stage.photograph_of)


def requested_stages(request: Request) -> tuple[AnyStage, ...]:
    """The stages of a valid request in the order in which they are done.

    That is the order given, but a stage follows those whose results it reads, and what starts from
    a photograph follows what starts from noise.
    """
    names = list(request.techniques)
    if request.photograph is not None:
        variants = [stage for stage in stages().values() if stage.photograph_of in names]
        for stage in variants:
            names.insert(names.index(stage.photograph_of) + 1, stage.name)
    ordered: dict[str, AnyStage] = {}
    for name in names:
        _add(name, names, ordered)
    return tuple(ordered.values())


def _add(name: str, names: list[str], ordered: dict[str, AnyStage]) -> None:
    stage = stages()[name]
    for earlier in stage.after:
        if earlier in names and earlier not in ordered:
            _add(earlier, names, ordered)
    ordered.setdefault(name, stage)

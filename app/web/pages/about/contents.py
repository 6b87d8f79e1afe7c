"""What was computed of a model, and how: a table of layers, and the recipes by what they made.

Pure functions from the store's views to typed contexts; they know no addresses and no store.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.db.views import DatasetView, LayerCount
from app.db.views.overview import RecipeUse
from app.evidence import stages
from app.techniques import TECHNIQUES, rank


@dataclass(frozen=True, slots=True)
class CoverageCell:
    """How many units of a layer have something; `total` is how many there are."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """A layer, with a cell for each column; None where nothing was asked for."""

    layer: str
    cells: tuple[CoverageCell | None, ...]


@dataclass(frozen=True, slots=True)
class CoverageTable:
    """What was computed, by layer and technique."""

    columns: tuple[str, ...]
    rows: tuple[CoverageRow, ...]


@dataclass(frozen=True, slots=True)
class RecipeUsage:
    """A recipe with what it made."""

    sha256: str
    body: str
    """The recipe as JSON, a line for each of its names."""
    layers: str
    """Which layers, in words: mixed3a to mixed4c."""
    count: int


@dataclass(frozen=True, slots=True)
class RecipeGroup:
    """The recipes of one technique, or of one data set."""

    heading: str
    dataset: str | None
    """The data set's title."""
    text: str
    """The method in words."""
    unit: str
    """What is counted, in the singular."""
    recipes: tuple[RecipeUsage, ...]


def table(
    channels: Mapping[str, int],
    pictures: Iterable[LayerCount],
    uses: Iterable[RecipeUse],
    datasets: Mapping[str, DatasetView],
) -> CoverageTable:
    """Layers by technique, then by what each data set says; `channels` are all layers in order."""
    found: dict[str, dict[str, CoverageCell]] = {}
    for each in sorted(pictures, key=lambda each: rank(each.what)):
        heading = TECHNIQUES[each.what].heading
        found.setdefault(heading, {})[each.layer] = CoverageCell(each.done, each.total)
    for use in uses:
        if kind := stages().get(use.what):
            heading, _ = kind.description
            if use.dataset:
                heading = f"{heading}, {datasets[use.dataset].title}"
            column = found.setdefault(heading, {})
            before = column.get(use.layer, CoverageCell(0, 0)).done
            column[use.layer] = CoverageCell(before + use.count, channels[use.layer])
    rows = (
        CoverageRow(layer, tuple(column.get(layer) for column in found.values()))
        for layer in channels
    )
    return CoverageTable(tuple(found), tuple(rows))


def recipe_groups(
    layers: Sequence[str],
    uses: Sequence[RecipeUse],
    texts: Mapping[str, str],
    datasets: Mapping[str, DatasetView],
) -> tuple[RecipeGroup, ...]:
    """The recipes by what they made: pictures by technique, then what data sets say."""
    found: dict[tuple[str, str | None], dict[str, list[RecipeUse]]] = {}
    for use in sorted(uses, key=lambda use: (use.what in stages(), rank(use.what))):
        group = found.setdefault((use.what, use.dataset), {})
        group.setdefault(use.recipe, []).append(use)
    return tuple(
        _group(what, datasets[slug].title if slug else None, _used(layers, group, texts))
        for (what, slug), group in found.items()
    )


def layer_range(names: Sequence[str], some: Iterable[str]) -> str:
    """Some of a network's layers in words, neighbours together: conv2d0, mixed3a to mixed4c."""
    places = sorted({names.index(name) for name in some})
    runs: list[list[int]] = []
    for place in places:
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return ", ".join(_run(names, run) for run in runs)


@lru_cache(maxsize=1024)
def written(text: str) -> str:
    """A recipe, which is JSON, with its names in order and each on a line of its own."""
    lines = (
        f"  {json.dumps(name)}: {json.dumps(value, sort_keys=True, ensure_ascii=False)}"
        for name, value in sorted(json.loads(text).items())
    )
    return "{\n" + ",\n".join(lines) + "\n}"


def _run(names: Sequence[str], run: Sequence[int]) -> str:
    first, last = names[run[0]], names[run[-1]]
    if len(run) == 1:
        return first
    return f"{first}, {last}" if len(run) == 2 else f"{first} to {last}"


def _group(what: str, title: str | None, used: tuple[RecipeUsage, ...]) -> RecipeGroup:
    if kind := stages().get(what):
        return RecipeGroup(kind.description[0], title, kind.description[1], "unit", used)
    words = TECHNIQUES[what]
    return RecipeGroup(words.heading, None, words.method, "picture", used)


def _used(
    names: Sequence[str],
    group: Mapping[str, Sequence[RecipeUse]],
    texts: Mapping[str, str],
) -> tuple[RecipeUsage, ...]:
    return tuple(
        RecipeUsage(
            sha256,
            written(texts[sha256]),
            layer_range(names, (use.layer for use in uses)),
            sum(use.count for use in uses),
        )
        for sha256, uses in group.items()
    )

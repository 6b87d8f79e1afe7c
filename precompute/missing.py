"""The plan: what is wanted, minus what is stored. Resuming is planning again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

Wanted = Mapping[str, Sequence[int]]
Subjects = Mapping[str, Sequence[int | None]]
"""Units by layer; None is the layer as a whole."""


@dataclass(frozen=True)
class RenderBatch:
    """Units of one layer that are rendered and committed together."""

    layer: str
    units: tuple[int | None, ...]
    """None: the whole layer."""
    seed: int


@dataclass(frozen=True)
class Renders:
    """What is to be rendered of one technique."""

    batches: tuple[RenderBatch, ...]
    stored: int
    """How many of the pictures wanted are there already."""
    other_recipe: int
    """How many of those were made by another recipe than the requested one."""

    members: int = 1
    """Pictures of each unit and seed."""

    @property
    def pictures(self) -> int:
        return self.members * sum(len(batch.units) for batch in self.batches)

    @property
    def count(self) -> int:
        return self.pictures


@dataclass(frozen=True)
class Scans:
    """Units to scan for, or to measure in another way."""

    units: dict[str, tuple[int, ...]]
    """By layer."""
    stored: int
    """How many of the units wanted are there already."""
    other_recipe: int = 0
    """How many of those were made by another recipe than the requested one."""

    @property
    def count(self) -> int:
        return sum(map(len, self.units.values()))


def plan_renders(
    wanted: Subjects,
    seeds: int,
    stored: Mapping[tuple[str, int | None, int], str],
    recipes: Mapping[str, str],
    batches: Mapping[str, int],
    force: bool = False,
) -> Renders:
    """Wanted pictures minus stored ones, in batches.

    Args:
        wanted: units by layer.
        seeds: pictures of each unit.
        stored: the hash of the recipe of every stored picture, by (layer, unit, seed).
        recipes: the hash of the requested recipe, by layer.
        batches: how many units go together, by layer.
        force: make what is stored again.
    """
    keys = [(n, u, seed) for n, units in wanted.items() for seed in range(seeds) for u in units]
    there = [key for key in keys if key in stored]
    missing = keys if force else [key for key in keys if key not in stored]
    cut_up = []
    for (layer, seed), group in groupby(missing, key=lambda key: (key[0], key[2])):
        units = [unit for _, unit, _ in group]
        size = batches[layer]
        cuts = range(0, len(units), size)
        cut_up += [RenderBatch(layer, tuple(units[cut : cut + size]), seed) for cut in cuts]
    other = sum(stored[key] != recipes[key[0]] for key in there)
    return Renders(tuple(cut_up), len(there), other)


def plan_scans(
    wanted: Wanted, top: int, stored: Mapping[tuple[str, int], int], force: bool = False
) -> Scans:
    """Wanted units minus those that were scanned for at least `top` examples.

    Args:
        wanted: units by layer.
        top: how many examples each unit is to have.
        stored: how many examples each scanned unit was scanned for, by (layer, unit).
        force: scan for all of them again.
    """
    missing = {
        layer: tuple(u for u in units if force or stored.get((layer, u), 0) < top)
        for layer, units in wanted.items()
    }
    done = sum(stored.get((layer, u), 0) >= top for layer, units in wanted.items() for u in units)
    return Scans({layer: units for layer, units in missing.items() if units}, done)

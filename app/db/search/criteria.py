"""What a search asks of units, with public names: made by `app.search`, answered by `search`.

Everything is resolved already: a scope names a stored layer, a bound a statistic that exists.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.statistics import EXTREMES, MOMENTS, SHARES

# The statistics that can be asked for, those that are asked for most first.
SEARCHED = tuple(each.name for each in (*SHARES, *EXTREMES, *MOMENTS))

# What a list can be sorted by besides statistics.
EFFECT = "effect"
CLOSENESS = "closeness"


@dataclass(frozen=True, slots=True)
class Scope:
    """Units `start` to `stop` of a layer, excluding `stop`."""

    model: str
    layer: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Bound:
    """A statistic on one side of a number."""

    statistic: str
    operator: str
    """One of `<`, `<=`, `>`, `>=`, `=`."""
    value: float


@dataclass(frozen=True, slots=True)
class NameMatch:
    """A text that a unit's names contain, or must not."""

    kind: str
    """`name`: its class, label or family. `label`, `family`; `class`: one that it argues for."""
    text: str
    """Empty for any at all."""
    is_excluded: bool = False


@dataclass(frozen=True, slots=True)
class Criteria:
    """Which units, in which order."""

    scopes: tuple[Scope, ...] | None = None
    """The union of these; None for everywhere."""
    names: tuple[NameMatch, ...] = ()
    bounds: tuple[Bound, ...] = ()
    sort: str = ""
    """A statistic, `EFFECT` or `CLOSENESS`; empty for the order of the network."""
    is_ascending: bool = False

    @property
    def numbers(self) -> tuple[str, ...]:
        """The statistics that this is about, each once."""
        asked = [bound.statistic for bound in self.bounds]
        asked += [self.sort] if self.sort in SEARCHED else []
        return tuple(dict.fromkeys(asked))

    @property
    def has_effects(self) -> bool:
        """Whether it asks for units that argue for some class."""
        return any(name.kind == "class" and not name.is_excluded for name in self.names)

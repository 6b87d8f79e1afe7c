"""Objectives: what a picture is optimised for, as one number per picture.

Objectives add, subtract, multiply and print themselves. They see layers' activations before the
ReLU, and must not know how pictures are made or changed. `terms.py` has the ones to begin with.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

Activations = Mapping[str, Tensor]
"""Layer → `[n, channels, cells, cells]` before the ReLU; `logits` is `[n, classes]`."""


class Objective(ABC):
    """A number per picture that gradient ascent makes as large as it can."""

    @property
    @abstractmethod
    def layers(self) -> frozenset[str]:
        """The layers whose activations it reads."""

    @abstractmethod
    def __call__(self, activations: Activations) -> Tensor:
        """`[n]`: the value of each picture."""

    def __add__(self, other: Objective | float) -> Objective:
        return Sum(self, as_objective(other))

    def __radd__(self, other: float) -> Objective:
        return Sum(as_objective(other), self)

    def __sub__(self, other: Objective | float) -> Objective:
        return Sum(self, -as_objective(other))

    def __rsub__(self, other: float) -> Objective:
        return Sum(as_objective(other), -self)

    def __mul__(self, other: Objective | float) -> Objective:
        return Product(self, as_objective(other))

    def __rmul__(self, other: float) -> Objective:
        return Product(as_objective(other), self)

    def __neg__(self) -> Objective:
        return Product(Constant(-1.0), self)


@dataclass(frozen=True)
class Constant(Objective):
    """The same number for every picture."""

    value: float

    @property
    def layers(self) -> frozenset[str]:
        return frozenset()

    def __call__(self, activations: Activations) -> Tensor:
        some = next(iter(activations.values()))
        return some.new_full((len(some),), self.value)

    def __str__(self) -> str:
        return f"{self.value:g}"


@dataclass(frozen=True)
class Pair(Objective):
    """Two objectives in one."""

    left: Objective
    right: Objective

    @property
    def layers(self) -> frozenset[str]:
        return self.left.layers | self.right.layers


class Sum(Pair):
    """Two objectives added, picture by picture."""

    def __call__(self, activations: Activations) -> Tensor:
        return self.left(activations) + self.right(activations)

    def __str__(self) -> str:
        return f"{self.left} + {self.right}"


class Product(Pair):
    """Two objectives multiplied, picture by picture."""

    def __call__(self, activations: Activations) -> Tensor:
        return self.left(activations) * self.right(activations)

    def __str__(self) -> str:
        return " · ".join(_bracketed(part) for part in (self.left, self.right))


def as_objective(value: Objective | float) -> Objective:
    """A number as an objective that is the same for every picture."""
    return value if isinstance(value, Objective) else Constant(float(value))


def _bracketed(part: Objective) -> str:
    return f"({part})" if isinstance(part, Sum) else str(part)

"""The recipe: every number that a rendering depends on, as data, stored with the picture."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from app.techniques import CHANNEL
from precompute.render.parameterize import COLOUR_COVARIANCE_ROOT, Fourier
from precompute.render.picture import Encoding
from precompute.render.transform import GREY, STANDARD, Transformation


@dataclass(frozen=True)
class Nadam:
    """Adam with Nesterov's momentum (Dozat 2016), and a learning rate that settles at the end.

    Of a rendering of some forty steps, plain Adam with its momentum of 0.9 spends many on turning
    round: docs/performance.md has what was tried.
    """

    steps: int = 44
    learning_rate: float = 0.05
    betas: tuple[float, float] = (0.8, 0.99)
    epsilon: float = 1e-8
    momentum_decay: float = 0.004
    """Dozat's: the momentum grows into its value over the first steps."""
    settle: float = 0.4
    """The share of the steps, at the end, over which the learning rate falls to zero."""

    def over(self, parameter: Tensor) -> torch.optim.Optimizer:
        """PyTorch's optimiser over a parameter."""
        return torch.optim.NAdam(
            [parameter], lr=self.learning_rate, betas=self.betas, eps=self.epsilon,
            momentum_decay=self.momentum_decay,
        )  # fmt: skip

    def rate(self, step: int) -> float:
        """The learning rate of a step, counted from 0."""
        left = 1 - (step + 0.5) / self.steps
        return self.learning_rate * (min(1.0, left / self.settle) if self.settle else 1.0)


@dataclass(frozen=True)
class Photograph:
    """A picture to start from, instead of noise."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Recipe:
    """How a picture is made: four independent values, and what decides its bytes beside them."""

    technique: str = CHANNEL.slug
    objective: str = (
        "the mean of the unit's map after the ReLU, whose gradient is redirected while the whole "
        "map is closed"
    )
    parameterisation: Fourier = field(default_factory=Fourier)
    transformations: tuple[Transformation, ...] = STANDARD
    optimiser: Nadam = field(default_factory=Nadam)
    encoding: Encoding = field(default_factory=Encoding)
    transformation_seed: int = 0
    """The transformations of a step are drawn from (this, step): all units see the same ones."""
    batch: int = 8
    """Pictures that are optimised together. It is part of the recipe, as short batches are
    padded: rounding depends on a batch's shape."""
    members: int = 1
    """Pictures of one unit that are optimised together and are to differ."""
    diversity: float = 0.0
    """How much the likeness of its members costs, in shares of the objective's own value."""
    start: Photograph | None = None
    dtype: str = "float32"
    """What the network computes with while it renders; it measures in float32."""

    def encoded(self, encoding: Encoding) -> Recipe:
        """The same pictures, stored otherwise."""
        return replace(self, encoding=encoding)

    def body(self) -> dict[str, Any]:
        """The recipe as JSON-ready data, each part with its kind."""
        return {
            "technique": self.technique,
            "objective": self.objective,
            "parameterisation": _kind(self.parameterisation)
            | {"colour_covariance_root": [list(row) for row in COLOUR_COVARIANCE_ROOT]},
            "transformations": [_kind(part) for part in self.transformations],
            "outside": GREY,
            "transformation_seed": self.transformation_seed,
            "optimiser": _kind(self.optimiser),
            "batch": self.batch,
            "members": self.members,
            "diversity": self.diversity,
            "start": _kind(self.start) if self.start else {"kind": "noise"},
            "dtype": self.dtype,
            "encoding": _kind(self.encoding),
            "measured": "on the stored picture decoded again, clean, float32",
        }


def _kind(part: Any) -> dict[str, Any]:
    values = {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(part).items()}
    return {"kind": type(part).__name__.lower(), **values}

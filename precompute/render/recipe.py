"""The recipe: every number that a rendering depends on, as data, stored with the picture."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from app.errors import InputError
from precompute.render.parameterize import COLOUR_COVARIANCE_ROOT, Fourier
from precompute.render.picture import Encoding
from precompute.render.transform import GREY, STANDARD, Transformation

# Sides that are multiples of this divide evenly into the vectors that a processor computes with;
# then a picture's bytes do not depend on its place in a batch.
SIDE_STEP = 16
SMALLEST_SIDE, LARGEST_SIDE = 32, 1024


@dataclass(frozen=True)
class Adam:
    """Kingma and Ba's optimiser with Lucid's learning rate."""

    steps: int = 256
    learning_rate: float = 0.05
    betas: tuple[float, float] = (0.9, 0.999)
    epsilon: float = 1e-8


@dataclass(frozen=True)
class Recipe:
    """A feature visualization, after Lucid's published recipe.

    Two things differ from Lucid: the network always sees the canvas's size (Lucid's varies with
    its random scale), and the picture is sampled once instead of three times.
    """

    technique: str = "channel"
    parameterisation: Fourier = field(default_factory=Fourier)
    transformations: tuple[Transformation, ...] = STANDARD
    optimiser: Adam = field(default_factory=Adam)
    encoding: Encoding = field(default_factory=Encoding)
    transformation_seed: int = 0
    """The transformations of a step are drawn from (this, step): all units see the same ones."""
    batch: int = 8
    """Pictures that are optimised together. It is part of the recipe, as short batches are
    padded: rounding depends on a batch's shape."""
    dtype: str = "float32"

    @classmethod
    def channel(cls, steps: int = 256, size: int = 128) -> Recipe:
        """The channel objective's recipe.

        Raises:
            InputError: a number of steps or a canvas that cannot be rendered.
        """
        if steps < 1:
            raise InputError(f"--steps {steps}: at least one step is needed.")
        if size % SIDE_STEP or not SMALLEST_SIDE <= size <= LARGEST_SIDE:
            raise InputError(
                f"--size {size}: a canvas is a multiple of {SIDE_STEP} pixels, from "
                f"{SMALLEST_SIDE} to {LARGEST_SIDE}."
            )
        return cls(parameterisation=Fourier(size), optimiser=Adam(steps))

    def body(self) -> dict[str, Any]:
        """The recipe as JSON-ready data, each part with its kind."""
        return {
            "technique": self.technique,
            "objective": {"kind": self.technique, "relu": "after, before while the map is closed"},
            "parameterisation": _kind(self.parameterisation)
            | {"colour_covariance_root": [list(row) for row in COLOUR_COVARIANCE_ROOT]},
            "transformations": [_kind(part) for part in self.transformations],
            "outside": GREY,
            "transformation_seed": self.transformation_seed,
            "optimiser": _kind(self.optimiser),
            "batch": self.batch,
            "dtype": self.dtype,
            "encoding": _kind(self.encoding),
            "measured": "on the stored picture decoded again, at its own size, float32",
        }


def _kind(part: Any) -> dict[str, Any]:
    values = {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(part).items()}
    return {"kind": type(part).__name__.lower(), **values}

"""Parameterisations: how a picture is written down as numbers that an optimiser can change.

Source: Lucid (optvis/param), as described in Olah et al. 2017, "Feature Visualization", sections
"Preconditioning and Parameterization". Frequencies and colours are decorrelated, so that a step
of the optimiser moves all of them alike and high frequencies do not win.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

# The square root of the covariance of colours in ImageNet (Lucid, optvis/param/color.py).
COLOUR_COVARIANCE_ROOT = ((0.26, 0.09, 0.02), (0.27, 0.00, -0.05), (0.27, -0.09, 0.03))


@dataclass(frozen=True)
class Fourier:
    """A picture as its spectrum, each frequency scaled by one over itself.

    The spectrum is scaled so that its inverse transform is orthonormal, which keeps the meaning
    of a learning rate over canvas sizes.
    """

    size: int = 128
    """Pixels along a side of the canvas."""
    deviation: float = 0.01
    """Standard deviation of the noise that the spectrum starts from."""
    decay: float = 1.0
    """The power of the frequency that scales it down."""
    divisor: float = 4.0
    """Lucid's constant between the inverse transform and the colours."""

    def start(self, generators: Sequence[torch.Generator], device: torch.device) -> Tensor:
        """Noise to begin from, `[n, 3, size, size // 2 + 1, 2]`, one picture per generator."""
        shape = (3, self.size, self.size // 2 + 1, 2)
        noise = [torch.randn(shape, generator=generator) for generator in generators]
        spectrum: Tensor = torch.stack(noise) * self.deviation
        return spectrum.to(device)

    def picture(self, spectrum: Tensor) -> Tensor:
        """`[n, 3, size, size // 2 + 1, 2]` → `[n, 3, size, size]`, RGB in 0..1."""
        scaled = torch.view_as_complex(spectrum) * self.scale(spectrum.device)
        pixels = torch.fft.irfft2(scaled, s=(self.size, self.size), norm="ortho")
        return to_rgb(pixels / self.divisor)

    def scale(self, device: torch.device) -> Tensor:
        """What each frequency is multiplied by: `1 / max(f, 1 / size) ** decay`, f in cycles/px."""
        y = torch.fft.fftfreq(self.size, device=device)[:, None]
        x = torch.fft.rfftfreq(self.size, device=device)[None, :]
        frequency: Tensor = (x * x + y * y).sqrt().clamp(min=1 / self.size)
        return frequency.pow(-self.decay)


def to_rgb(pixels: Tensor) -> Tensor:
    """Decorrelated colours, unbounded, to RGB in 0..1; `[n, 3, h, w]` both.

    The covariance's root is normalised by its largest column norm; a sigmoid bounds the values.
    """
    root = torch.tensor(COLOUR_COVARIANCE_ROOT, device=pixels.device, dtype=pixels.dtype)
    matrix = root / root.norm(dim=0).max()
    return torch.einsum("nchw,dc->ndhw", pixels, matrix).sigmoid()

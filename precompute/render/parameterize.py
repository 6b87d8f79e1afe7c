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

    size: int = 224
    """Pixels along a side of the canvas."""
    deviation: float = 0.01
    """Standard deviation of the noise that the spectrum starts from."""
    decay: float = 1.4
    """The power of the frequency that scales it down. Lucid has 1: with 1.4 the pictures are as
    strong and have half the energy above 0.25 cycles per pixel (docs/performance.md)."""
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
        return to_rgb(self.colours(spectrum))

    def colours(self, spectrum: Tensor) -> Tensor:
        """The same, before the colours are correlated and bounded."""
        scaled = torch.view_as_complex(spectrum) * self.scale(spectrum.device)
        pixels: Tensor = torch.fft.irfft2(scaled, s=(self.size, self.size), norm="ortho")
        return pixels / self.divisor

    def spectrum(self, colours: Tensor) -> Tensor:
        """The inverse of `colours`: `[n, 3, size, size]` → `[n, 3, size, size // 2 + 1, 2]`."""
        scaled = torch.fft.rfft2(colours * self.divisor, norm="ortho")
        return torch.view_as_real(scaled / self.scale(colours.device)).contiguous()

    def scale(self, device: torch.device) -> Tensor:
        """What each frequency is multiplied by: `1 / max(f, 1 / size) ** decay`, f in cycles/px."""
        y = torch.fft.fftfreq(self.size, device=device)[:, None]
        x = torch.fft.rfftfreq(self.size, device=device)[None, :]
        frequency: Tensor = (x * x + y * y).sqrt().clamp(min=1 / self.size)
        return frequency.pow(-self.decay)


def to_rgb(colours: Tensor) -> Tensor:
    """Decorrelated colours, unbounded, to RGB in 0..1; `[n, 3, h, w]` both.

    The covariance's root is normalised by its largest column norm; a sigmoid bounds the values.
    """
    rgb: Tensor = torch.einsum("nchw,dc->ndhw", colours, _correlation(colours))
    return rgb.sigmoid()


def from_rgb(pictures: Tensor) -> Tensor:
    """The inverse of `to_rgb`, for pictures within 1/512 of black and white at most."""
    bounded = pictures.clamp(1 / 512, 1 - 1 / 512)
    matrix = _correlation(pictures).inverse()
    colours: Tensor = torch.einsum("nchw,dc->ndhw", bounded.logit(), matrix)
    return colours


def _correlation(colours: Tensor) -> Tensor:
    root = torch.tensor(COLOUR_COVARIANCE_ROOT, device=colours.device, dtype=colours.dtype)
    matrix: Tensor = root / root.norm(dim=0).max()
    return matrix

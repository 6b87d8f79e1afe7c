"""Patterns without order: noise of a known grain, patches, scattered dots.

They are random, so each takes a generator; what is known of them are their scales. Lengths are
fractions of the image's side.
"""

from functools import lru_cache

import numpy as np

from precompute.stimuli.grid import Field, Point, sharpen, unit

# A quarter of an octave to either side: narrow enough that scales do not overlap, wide enough
# that no stripes appear.
_BANDWIDTH = 0.35


def noise(size: int, grain: float, rng: np.random.Generator) -> Field:
    """Isotropic noise around the wavelength `grain`: mean 0.5, standard deviation 0.2, clipped.

    White noise through a band that is Gaussian over the logarithm of the frequency.
    """
    shape = (2, size, size // 2 + 1)
    real, imaginary = rng.standard_normal(shape, dtype=np.float32)
    octaves = _log_frequency(size) + np.float32(np.log2(grain))
    spectrum = (real + 1j * imaginary) * np.exp(octaves**2 * (-0.5 / _BANDWIDTH**2))
    signal = np.fft.irfft2(spectrum, s=(size, size)).astype(np.float32)
    return unit(0.5 + signal * (0.2 / max(float(signal.std()), 1e-12)))


def camouflage(size: int, grain: float, rng: np.random.Generator) -> Field:
    """Patches with hard, winding borders: noise of that grain, cut at its middle."""
    # The flank's gain makes a typical border one pixel wide.
    return sharpen(noise(size, grain, rng), max(1.0, size * grain))


def scattered(size: int, centres: list[Point], radius: float) -> Field:
    """Equal discs at `centres`."""
    field = np.zeros((size, size), dtype=np.float32)
    for x, y in centres:
        _add_disc(field, ((x + 0.5) * size, (0.5 - y) * size), radius * size)
    return field


def apart(count: int, distance: float, rng: np.random.Generator, attempts: int = 12) -> list[Point]:
    """Up to `count` points of the image, none nearer to another than `distance`."""
    points: list[Point] = []
    for x, y in rng.uniform(-0.5, 0.5, (count * attempts, 2)).tolist():
        if all((x - a) ** 2 + (y - b) ** 2 >= distance**2 for a, b in points):
            points.append((x, y))
        if len(points) == count:
            break
    return points


def _add_disc(field: Field, centre: Point, radius: float) -> None:
    """Draws into the window around one disc only: many small discs stay cheap."""
    size = len(field)
    left, right = (int(np.clip(centre[0] + s * (radius + 1), 0, size)) for s in (-1, 2))
    top, bottom = (int(np.clip(centre[1] + s * (radius + 1), 0, size)) for s in (-1, 2))
    x = np.arange(left, right, dtype=np.float32) + 0.5 - centre[0]
    y = np.arange(top, bottom, dtype=np.float32) + 0.5 - centre[1]
    inside = np.clip(0.5 + radius - np.hypot(x[None, :], y[:, None]), 0.0, 1.0)
    window = field[top:bottom, left:right]
    np.maximum(window, inside, out=window)


@lru_cache(maxsize=8)
def _log_frequency(size: int) -> Field:
    """log2 of the frequency (periods per side) of each place of the half spectrum."""
    y = np.fft.fftfreq(size, d=1.0 / size)[:, None]
    x = np.fft.rfftfreq(size, d=1.0 / size)[None, :]
    # The mean itself has no frequency: far below the lowest one it never passes a band.
    octaves: Field = np.log2(np.maximum(np.hypot(x, y), 2.0**-20)).astype(np.float32)
    return octaves

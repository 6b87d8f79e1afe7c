"""Patterns around a centre: concentric rings, spirals of either hand, bursts of rays.

Each is a pure function of exact parameters. Lengths are fractions of the image's side, angles
degrees anticlockwise, phases turns.
"""

import math

import numpy as np

from precompute.stimuli.grid import CENTRE, Field, Point, polar, unit, wave


def concentric(size: int, wavelength: float, centre: Point = CENTRE, phase: float = 0.0) -> Field:
    """Rings inside rings: a grating along the distance from `centre`."""
    radius, _ = polar(size, centre)
    return wave(radius / wavelength + phase)


def spiral(
    size: int,
    pitch: float,
    hand: int,
    arms: int = 1,
    centre: Point = CENTRE,
    phase: float = 0.0,
) -> Field:
    """Arms that run outward by `pitch` between one and the next.

    `hand` is +1 where an arm followed outward turns left (anticlockwise), and -1 where it turns
    right.
    """
    if hand not in (-1, 1):
        raise ValueError(f"a spiral's hand is +1 (left) or -1 (right), not {hand}")
    radius, angle = polar(size, centre)
    # A crest is where radius / pitch equals hand * arms * turns, plus a whole number.
    return wave(radius / pitch + phase - (hand * arms) * angle / math.tau)


def burst(size: int, rays: int, angle: float = 0.0, centre: Point = CENTRE) -> Field:
    """`rays` bright wedges from `centre`, the middle of one of them at `angle`."""
    radius, around = polar(size, centre)
    height = np.cos(rays * (around - math.radians(angle)))
    # Edges stay one pixel wide: a wedge's edge moves by radius / rays for a step of the wave.
    gain = np.maximum(2.0 * size * radius / rays, 1e-3)
    return unit(0.5 + 0.5 * height * gain)

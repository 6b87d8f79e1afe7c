"""Patterns that repeat: gratings, plaids, checkerboards, dots, bricks, waves, honeycombs.

Each is a pure function of exact parameters (grid.py has the coordinates), so that a test or a
tuning curve knows what is in the picture. Lengths are fractions of the image's side.
"""

import math

import numpy as np

from precompute.stimuli.grid import CENTRE, Field, Point, cover, square_wave, turned, wave


def grating(size: int, angle: float, wavelength: float, phase: float = 0.0) -> Field:
    """A sinusoidal grating `[size, size]`, 0..1.

    `angle` is that of the wave vector, in degrees anticlockwise from the x axis with y pointing
    up: at 0° the stripes stand upright, and at 45° the spectrum's energy lies at 45°. `phase` is
    in turns; at 0 a crest passes through the centre of the image.
    """
    along, _ = turned(size, angle)
    return wave(along / wavelength + phase)


def plaid(size: int, angle: float, wavelength: float, phases: Point = CENTRE) -> Field:
    """The mean of two gratings at right angles, the first with its wave vector at `angle`."""
    first = grating(size, angle, wavelength, phases[0])
    return 0.5 * (first + grating(size, angle + 90.0, wavelength, phases[1]))


def checkerboard(size: int, square: float, angle: float, centre: Point = CENTRE) -> Field:
    """Squares of side `square`, turned by `angle`; four of them meet at `centre`."""
    u, v = turned(size, angle, centre)
    period = 2.0 * square
    waves = square_wave(u / period, period, size) * square_wave(v / period, period, size)
    return 0.5 + 0.5 * waves


def dot_lattice(
    size: int, spacing: float, radius: float, angle: float, centre: Point = CENTRE
) -> Field:
    """Discs of `radius` on a square lattice turned by `angle`; one of them lies at `centre`."""
    u, v = turned(size, angle, centre)
    distance = np.hypot(_fold(u, spacing), _fold(v, spacing))
    return cover(distance - radius, size)


def polka_dots(
    size: int, spacing: float, radius: float, angle: float, centre: Point = CENTRE
) -> Field:
    """Discs on a triangular lattice: each has six neighbours at the distance `spacing`."""
    u, v = _nearest_of_six(size, spacing, angle, centre)
    return cover(np.hypot(u, v) - radius, size)


def honeycomb(
    size: int, spacing: float, wall: float, angle: float, centre: Point = CENTRE
) -> Field:
    """Hexagonal cells, `spacing` from middle to middle: 1 on their walls, which are `wall` wide."""
    u, v = _nearest_of_six(size, spacing, angle, centre)
    u, v = np.abs(u), np.abs(v)
    # The wall between two cells is where the way to both middles is equally long.
    to_wall = spacing / 2 - np.maximum(u, 0.5 * u + (math.sqrt(3) / 2) * v)
    return cover(to_wall - wall / 2, size)


def bricks(
    size: int, length: float, height: float, mortar: float, angle: float, centre: Point = CENTRE
) -> Field:
    """Rows of bricks, every second one shifted by half a brick: 1 on brick, 0 on mortar."""
    u, v = turned(size, angle, centre)
    row = np.floor(v / height)
    shift = np.where(row % 2 == 0, np.float32(0.0), np.float32(length / 2))
    across = np.abs(v - (row + 0.5) * height) - (height - mortar) / 2
    along = np.abs(_fold(u + shift, length)) - (length - mortar) / 2
    return cover(np.maximum(across, along), size)


def waves(
    size: int,
    angle: float,
    wavelength: float,
    amplitude: float,
    length: float,
    phases: Point = CENTRE,
) -> Field:
    """Stripes that swing softly: a grating displaced by a sine of `amplitude` every `length`."""
    along, across = turned(size, angle)
    swing = amplitude * np.sin(math.tau * (across / length + phases[1]))
    return wave((along + swing) / wavelength + phases[0])


def zigzag(
    size: int,
    angle: float,
    wavelength: float,
    amplitude: float,
    length: float,
    phases: Point = CENTRE,
) -> Field:
    """Stripes that turn sharply: hard-edged, displaced by a triangle wave every `length`."""
    along, across = turned(size, angle)
    turns = across / length + phases[1]
    swing = amplitude * (4.0 * np.abs(turns - np.floor(turns) - 0.5) - 1.0)
    # The flanks are steeper than the stripes are wide: less gain keeps their edges one pixel.
    steep = wavelength / math.hypot(1.0, 4.0 * amplitude / length)
    turned_stripes = (along + swing) / wavelength + phases[0]
    return 0.5 + 0.5 * square_wave(turned_stripes, steep, size)


def _fold(coordinate: Field, period: float) -> Field:
    """The distance to the nearest multiple of `period`, with its sign."""
    return coordinate - period * np.round(coordinate / period)


def _nearest_of_six(size: int, spacing: float, angle: float, centre: Point) -> tuple[Field, Field]:
    """Each pixel's place relative to the nearest point of a triangular lattice.

    That lattice is two rectangular ones, the second in the middles of the first one's cells.
    """
    u, v = turned(size, angle, centre)
    height = math.sqrt(3) * spacing
    first = _fold(u, spacing), _fold(v, height)
    second = _fold(u - spacing / 2, spacing), _fold(v - height / 2, height)
    nearer = first[0] ** 2 + first[1] ** 2 < second[0] ** 2 + second[1] ** 2
    return np.where(nearer, first[0], second[0]), np.where(nearer, first[1], second[1])

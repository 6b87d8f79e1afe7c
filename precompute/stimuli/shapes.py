"""Single figures: discs, rings, curves, corners, polygons, stars, crosses, edges, soft spots.

Each is a pure function of exact parameters, anti-aliased from its distance to the outline.
Lengths are fractions of the image's side, angles degrees anticlockwise with y pointing up.
"""

import math

import numpy as np

from precompute.stimuli.grid import CENTRE, Field, Point, cover, polar, turned, unit


def disc(size: int, radius: float, centre: Point = CENTRE) -> Field:
    """A filled circle."""
    distance, _ = polar(size, centre)
    return cover(distance - radius, size)


def ring(size: int, radius: float, width: float, centre: Point = CENTRE) -> Field:
    """The outline of a circle: `radius` is that of the middle of the stroke."""
    distance, _ = polar(size, centre)
    return cover(np.abs(distance - radius) - width / 2, size)


def spot(size: int, spread: float, centre: Point = CENTRE) -> Field:
    """A Gaussian of standard deviation `spread`: light without an edge."""
    distance, _ = polar(size, centre)
    light: Field = np.exp(distance**2 * (-0.5 / spread**2))
    return light


def edge(size: int, angle: float, offset: float = 0.0) -> Field:
    """A half plane: 1 on the side to which `angle` points, `offset` away from the centre."""
    along, _ = turned(size, angle)
    return cover(offset - along, size)


def ramp(size: int, angle: float, length: float = 1.0, offset: float = 0.0) -> Field:
    """A straight rise from 0 to 1 in the direction of `angle`, flat before and behind.

    It is `length` long, and its middle is `offset` away from the image's centre.
    """
    along, _ = turned(size, angle)
    return unit((along - offset) / length + 0.5)


def curve(
    size: int,
    radius: float,
    orientation: float,
    span: float = 120.0,
    width: float = 0.03,
    middle: Point = CENTRE,
) -> Field:
    """An arc of a circle of `radius`, `span` degrees long, a stroke `width` wide with round ends.

    `orientation` is the way it bulges: at 90° the arc is a hill, at 270° a valley. `middle` is
    where the middle of the arc lies.
    """
    direction = math.radians(orientation)
    centre = middle[0] - radius * math.cos(direction), middle[1] - radius * math.sin(direction)
    u, v = turned(size, orientation, centre)
    v = np.abs(v)
    half = math.radians(span / 2)
    to_end = np.hypot(u - radius * math.cos(half), v - radius * math.sin(half))
    within = np.arctan2(v, u) <= half
    distance = np.where(within, np.abs(np.hypot(u, v) - radius), to_end)
    return cover(distance - width / 2, size)


def corner(
    size: int,
    opening: float,
    direction: float,
    length: float,
    width: float = 0.03,
    tip: Point = CENTRE,
) -> Field:
    """Two strokes of `length` that meet at `tip` with `opening` degrees between them.

    `direction` is the way the tip points; the strokes run back from it.
    """
    u, v = turned(size, direction + 180.0, tip)
    v = np.abs(v)
    half = math.radians(opening / 2)
    along = np.clip(u * math.cos(half) + v * math.sin(half), 0.0, length)
    distance = np.hypot(u - along * math.cos(half), v - along * math.sin(half))
    return cover(distance - width / 2, size)


def polygon(size: int, corners: int, radius: float, angle: float, centre: Point = CENTRE) -> Field:
    """A filled regular polygon whose corners lie at `radius`, the first of them at `angle`."""
    distance, around = polar(size, centre)
    half = math.pi / corners
    to_side = _folded(around, angle, corners) - half
    return cover(distance * np.cos(to_side) - radius * math.cos(half), size)


def star(
    size: int, points: int, radius: float, inner: float, angle: float, centre: Point = CENTRE
) -> Field:
    """A filled star: tips at `radius`, the first at `angle`; notches at the radius `inner`."""
    distance, around = polar(size, centre)
    half = math.pi / points
    folded = _folded(around, angle, points)
    folded = np.minimum(folded, 2 * half - folded)
    # One edge, from a tip on the axis to the notch half a turn further; the rest is symmetry.
    x, y = distance * np.cos(folded), distance * np.sin(folded)
    notch_x, notch_y = inner * math.cos(half), inner * math.sin(half)
    length = math.hypot(radius - notch_x, notch_y)
    return cover(((x - radius) * notch_y + y * (radius - notch_x)) / length, size)


def cross(size: int, length: float, width: float, angle: float, centre: Point = CENTRE) -> Field:
    """Two bars of `length` and `width` through `centre`, at right angles, one at `angle`."""
    u, v = turned(size, angle, centre)
    u, v = np.abs(u), np.abs(v)
    long, thin = np.maximum(u, v) - length / 2, np.minimum(u, v) - width / 2
    return cover(np.maximum(long, thin), size)


def _folded(around: Field, angle: float, parts: int) -> Field:
    """The angle since the last of `parts` equal directions, 0..2*pi/parts, in radians."""
    step = 2 * math.pi / parts
    turns = (around - math.radians(angle)) / step
    folded: Field = (turns - np.floor(turns)) * step
    return folded

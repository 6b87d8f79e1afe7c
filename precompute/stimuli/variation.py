"""What varies between the images of one class: place, size, phase, sharpness.

One function a kind of figure: it takes the image's size and generator and the class's own truth
by keyword, and draws everything else at random. No variation may turn one class into another.
"""

import math

import numpy as np

from precompute.stimuli import periodic, radial, shapes, texture
from precompute.stimuli.grid import Field, Point, sharpen, unit

Rng = np.random.Generator
Range = tuple[float, float]

# Nearest classes of orientation are 22.5° apart, so this leaves a wide gap between them.
TILT = 3.0


def gratings(size: int, rng: Rng, *, angle: float | None = None, wavelength: Range) -> Field:
    """Gratings from soft to hard; without an angle, at any."""
    turn = rng.uniform(0.0, 180.0) if angle is None else _near(rng, angle)
    field = periodic.grating(size, turn, rng.uniform(*wavelength), rng.random())
    return _faded(size, rng, sharpen(field, rng.uniform(1.0, 4.0)))


def plaids(size: int, rng: Rng, *, wavelength: Range) -> Field:
    angle, phases = rng.uniform(0.0, 90.0), (rng.random(), rng.random())
    field = periodic.plaid(size, angle, rng.uniform(*wavelength), phases)
    return _faded(size, rng, sharpen(field, rng.uniform(1.0, 1.6)))


def checkers(size: int, rng: Rng, *, angle: float, square: Range) -> Field:
    side = rng.uniform(*square)
    return periodic.checkerboard(size, side, _near(rng, angle), _place(rng, side))


def dots(size: int, rng: Rng, *, spacing: Range) -> Field:
    step = rng.uniform(*spacing)
    radius = step * rng.uniform(0.24, 0.34)
    return periodic.dot_lattice(size, step, radius, _near(rng, 0.0), _place(rng, step))


def polka(size: int, rng: Rng, *, spacing: Range) -> Field:
    step = rng.uniform(*spacing)
    radius = step * rng.uniform(0.24, 0.36)
    return periodic.polka_dots(size, step, radius, rng.uniform(0.0, 60.0), _place(rng, step))


def confetti(size: int, rng: Rng, *, radius: Range) -> Field:
    """Dots without order: no two touch, and no lattice."""
    size_of_dot = rng.uniform(*radius)
    centres = texture.apart(int(rng.integers(16, 34)), size_of_dot * 2.4, rng)
    return texture.scattered(size, centres, size_of_dot)


def discs(size: int, rng: Rng, *, radius: Range) -> Field:
    return shapes.disc(size, rng.uniform(*radius), _place(rng))


def spots(size: int, rng: Rng, *, spread: Range) -> Field:
    return shapes.spot(size, rng.uniform(*spread), _place(rng))


def rings(size: int, rng: Rng, *, radius: Range) -> Field:
    return shapes.ring(size, rng.uniform(*radius), rng.uniform(0.025, 0.06), _place(rng))


def targets(size: int, rng: Rng, *, wavelength: Range) -> Field:
    field = radial.concentric(size, rng.uniform(*wavelength), _place(rng), rng.random())
    return sharpen(field, rng.uniform(1.0, 5.0))


def spirals(size: int, rng: Rng, *, hand: int, pitch: Range) -> Field:
    arms, phase = int(rng.integers(1, 4)), rng.random()
    # More arms at the same distance are steeper spirals: the hand shows better.
    field = radial.spiral(size, rng.uniform(*pitch), hand, arms, _place(rng), phase)
    return sharpen(field, rng.uniform(1.0, 5.0))


def bursts(size: int, rng: Rng, *, rays: tuple[int, int]) -> Field:
    count = int(rng.integers(rays[0], rays[1] + 1))
    return radial.burst(size, count, rng.uniform(0.0, 360.0), _place(rng))


def curves(size: int, rng: Rng, *, radius: Range, orientation: float, spread: float) -> Field:
    """One arc; its radius and the way it bulges are the class, the rest varies."""
    bulge = orientation + rng.uniform(-12.0, 12.0)
    span, width = rng.uniform(95.0, 140.0), rng.uniform(0.022, 0.05)
    return shapes.curve(size, rng.uniform(*radius), bulge, span, width, _place(rng, spread))


def corners(size: int, rng: Rng, *, opening: Range) -> Field:
    length, width = rng.uniform(0.24, 0.36), rng.uniform(0.025, 0.055)
    direction, (x, y) = rng.uniform(0.0, 360.0), _place(rng, 0.2)
    # The strokes run back from the tip: half their length ahead, the figure is in the middle.
    ahead = (
        length / 2 * math.cos(math.radians(direction)),
        length / 2 * math.sin(math.radians(direction)),
    )
    tip = x + ahead[0], y + ahead[1]
    return shapes.corner(size, rng.uniform(*opening), direction, length, width, tip)


def polygons(size: int, rng: Rng, *, corners: int, radius: Range) -> Field:
    angle = rng.uniform(0.0, 360.0)
    return shapes.polygon(size, corners, rng.uniform(*radius), angle, _place(rng))


def stars(size: int, rng: Rng, *, points: int, radius: Range) -> Field:
    outer = rng.uniform(*radius)
    inner = outer * rng.uniform(0.36, 0.46)
    return shapes.star(size, points, outer, inner, rng.uniform(0.0, 360.0), _place(rng))


def crosses(size: int, rng: Rng, *, length: Range) -> Field:
    long = rng.uniform(*length)
    width = long * rng.uniform(0.16, 0.3)
    return shapes.cross(size, long, width, rng.uniform(0.0, 90.0), _place(rng))


def walls(size: int, rng: Rng, *, length: Range) -> Field:
    """Brickwork, level but for a small tilt."""
    long = rng.uniform(*length)
    height, mortar = long * rng.uniform(0.4, 0.52), long * rng.uniform(0.06, 0.12)
    return periodic.bricks(size, long, height, mortar, _near(rng, 0.0), _place(rng, long))


def wavy(size: int, rng: Rng, *, wavelength: Range) -> Field:
    """Stripes that swing by about their own width, in any direction."""
    stripe, phases = rng.uniform(*wavelength), (rng.random(), rng.random())
    swing, length = stripe * rng.uniform(0.5, 0.8), stripe * rng.uniform(2.6, 3.4)
    angle = rng.uniform(0.0, 180.0)
    field = periodic.waves(size, angle, stripe, swing, length, phases)
    return sharpen(field, rng.uniform(1.5, 5.0))


def zigzags(size: int, rng: Rng, *, wavelength: Range) -> Field:
    stripe, phases = rng.uniform(*wavelength), (rng.random(), rng.random())
    swing, length = stripe * rng.uniform(0.7, 1.0), stripe * rng.uniform(2.4, 3.2)
    return periodic.zigzag(size, rng.uniform(0.0, 180.0), stripe, swing, length, phases)


def combs(size: int, rng: Rng, *, spacing: Range) -> Field:
    step = rng.uniform(*spacing)
    wall, angle = step * rng.uniform(0.1, 0.2), rng.uniform(0.0, 60.0)
    return periodic.honeycomb(size, step, wall, angle, _place(rng, step))


def grains(size: int, rng: Rng, *, grain: Range) -> Field:
    return _faded(size, rng, texture.noise(size, rng.uniform(*grain), rng))


def patches(size: int, rng: Rng, *, grain: Range) -> Field:
    return texture.camouflage(size, rng.uniform(*grain), rng)


def ramps(size: int, rng: Rng, *, length: Range) -> Field:
    """Steep enough to be told from the light that falls off over a plain picture."""
    angle, offset = rng.uniform(0.0, 360.0), rng.uniform(-0.1, 0.1)
    return shapes.ramp(size, angle, rng.uniform(*length), offset)


def plain(size: int, rng: Rng) -> Field:
    return np.full((size, size), rng.random(), dtype=np.float32)


def borders(size: int, rng: Rng) -> Field:
    """One border between two halves, anywhere, in any direction."""
    return shapes.edge(size, rng.uniform(0.0, 360.0), rng.uniform(-0.18, 0.18))


def _near(rng: Rng, angle: float) -> float:
    return angle + rng.uniform(-TILT, TILT)


def _place(rng: Rng, spread: float = 0.28) -> Point:
    """A point within half of `spread` of the image's centre, along each axis."""
    return spread * (rng.random() - 0.5), spread * (rng.random() - 0.5)


def _faded(size: int, rng: Rng, field: Field) -> Field:
    """Half of the textures fill the image; the others fade to their mean around a round patch."""
    if rng.random() < 0.5:
        return field
    window = shapes.spot(size, rng.uniform(0.16, 0.3), _place(rng))
    # Three times the Gaussian, cut at 1: a flat middle with soft flanks.
    mean = float(field.mean())
    return mean + (field - mean) * unit(3.0 * window)

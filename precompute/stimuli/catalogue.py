"""The table of classes: what each is called, how it is drawn, and in which order they stand.

The order is that of the toy network's outputs, so a row may be added at the end only, and the
network must then be trained again. A class is defined by its one truth; variation.py varies
everything else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np

from precompute.stimuli import variation
from precompute.stimuli.color import BLUE, CYAN, GREEN, ORANGE, RED, YELLOW, Hue
from precompute.stimuli.grid import Field

Draw = Callable[[int, np.random.Generator], Field]


@dataclass(frozen=True)
class StimulusClass:
    """A kind of image: `draw(size, rng)` gives its field; `hues` where the colours are its truth.

    `slug` is safe in file names and URLs.
    """

    slug: str
    title: str
    draw: Draw
    hues: tuple[Hue, Hue] | None = None


# Wavelengths, in sides. Fine, middle and coarse leave most of an octave between them.
_FINE, _MIDDLE, _COARSE = (0.022, 0.030), (0.055, 0.095), (0.19, 0.28)
_WIDE, _TIGHT = (0.27, 0.36), (0.08, 0.12)
# Curves stand within half of this of the centre: small ones have more room.
_NEAR, _FAR = 0.24, 0.44
_DIRECTIONS = {0: "right", 90: "up", 180: "left", 270: "down"}


def _orientations() -> tuple[StimulusClass, ...]:
    """Eight orientations, 22.5° apart, all of a middle wavelength."""
    angles = [22.5 * step for step in range(8)]
    return tuple(
        StimulusClass(
            f"grating-{int(angle):03d}",
            f"grating at {angle:g}°",
            partial(variation.gratings, angle=angle, wavelength=_MIDDLE),
        )
        for angle in angles
    )


def _curves(kind: str, radius: tuple[float, float], spread: float) -> tuple[StimulusClass, ...]:
    """Curves of one radius, bulging to the four sides."""
    return tuple(
        StimulusClass(
            f"curve-{kind}-{angle:03d}",
            f"{kind} curve bulging {direction}",
            partial(variation.curves, radius=radius, orientation=float(angle), spread=spread),
        )
        for angle, direction in _DIRECTIONS.items()
    )


def _border(first: Hue, second: Hue) -> StimulusClass:
    """Two colours that meet."""
    slug, title = f"{first.name}-{second.name}", f"{first.name} beside {second.name}"
    return StimulusClass(slug, title, variation.borders, (first, second))


def _row(slug: str, title: str, draw: Callable[..., Field], **truth: object) -> StimulusClass:
    return StimulusClass(slug, title, partial(draw, **truth))


CLASSES: tuple[StimulusClass, ...] = (
    *_orientations(),
    _row("grating-fine", "fine grating", variation.gratings, wavelength=_FINE),
    _row("grating-coarse", "coarse grating", variation.gratings, wavelength=_COARSE),
    _row("plaid", "plaid", variation.plaids, wavelength=(0.07, 0.12)),
    _row("checker-fine", "fine checkerboard", variation.checkers, angle=0.0, square=(0.03, 0.045)),
    _row(
        "checker-coarse", "coarse checkerboard", variation.checkers, angle=0.0, square=(0.1, 0.15)
    ),
    _row("diamonds", "diamonds", variation.checkers, angle=45.0, square=(0.06, 0.12)),
    _row("dots-fine", "fine dots in rows", variation.dots, spacing=(0.045, 0.065)),
    _row("dots-polka", "polka dots", variation.polka, spacing=(0.13, 0.19)),
    _row("dots-scattered", "scattered dots", variation.confetti, radius=(0.028, 0.045)),
    _row("disc", "disc", variation.discs, radius=(0.14, 0.27)),
    _row("spot", "soft spot", variation.spots, spread=(0.07, 0.14)),
    _row("ring", "ring", variation.rings, radius=(0.15, 0.28)),
    _row("rings", "concentric rings", variation.targets, wavelength=(0.07, 0.12)),
    _row("spiral-left", "spiral turning left", variation.spirals, hand=1, pitch=(0.11, 0.16)),
    _row("spiral-right", "spiral turning right", variation.spirals, hand=-1, pitch=(0.11, 0.16)),
    _row("burst", "burst of rays", variation.bursts, rays=(8, 16)),
    *_curves("wide", _WIDE, _NEAR),
    *_curves("tight", _TIGHT, _FAR),
    _row("corner-right", "right-angled corner", variation.corners, opening=(84.0, 96.0)),
    _row("corner-acute", "acute corner", variation.corners, opening=(32.0, 48.0)),
    _row("triangle", "triangle", variation.polygons, corners=3, radius=(0.2, 0.3)),
    _row("square", "square", variation.polygons, corners=4, radius=(0.18, 0.29)),
    _row("hexagon", "hexagon", variation.polygons, corners=6, radius=(0.18, 0.29)),
    _row("star", "star", variation.stars, points=5, radius=(0.18, 0.3)),
    _row("cross", "cross", variation.crosses, length=(0.36, 0.58)),
    _row("bricks", "bricks", variation.walls, length=(0.14, 0.24)),
    _row("waves", "waves", variation.wavy, wavelength=(0.07, 0.11)),
    _row("zigzag", "zigzag", variation.zigzags, wavelength=(0.07, 0.11)),
    _row("honeycomb", "honeycomb", variation.combs, spacing=(0.1, 0.17)),
    _row("noise-fine", "fine noise", variation.grains, grain=(0.014, 0.020)),
    _row("noise-middle", "middling noise", variation.grains, grain=(0.045, 0.065)),
    _row("noise-coarse", "coarse noise", variation.grains, grain=(0.16, 0.24)),
    _row("camouflage", "camouflage", variation.patches, grain=(0.09, 0.14)),
    _row("gradient", "gradient", variation.ramps, length=(0.35, 0.7)),
    _row("plain", "plain colour", variation.plain),
    _border(RED, GREEN),
    _border(BLUE, YELLOW),
    _border(ORANGE, CYAN),
)


def find(slug: str) -> StimulusClass:
    """The class of that slug. Raises `KeyError` with the known ones, where there is none."""
    try:
        return _by_slug()[slug]
    except KeyError:
        known = ", ".join(_by_slug())
        raise KeyError(f"there is no class of images {slug!r}; there are: {known}") from None


@lru_cache(maxsize=1)
def _by_slug() -> dict[str, StimulusClass]:
    return {entry.slug: entry for entry in CLASSES}

"""Colours of the drawn images: pairs that are told apart by lightness, or by hue alone.

Colours are chosen in OKLCH (Björn Ottosson, "A perceptual color space for image processing",
2020), where equal steps look equal, so that no hue comes out darker or duller than another.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Colour = NDArray[np.float32]  # [3], sRGB, 0..1

# OKLab to the cone responses' cube roots, and cone responses to linear sRGB.
_TO_CONES = np.array(
    [
        [1.0, 0.3963377774, 0.2158037573],
        [1.0, -0.1055613458, -0.0638541728],
        [1.0, -0.0894841775, -1.2914855480],
    ]
)
_TO_LINEAR = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


@dataclass(frozen=True)
class Hue:
    """A named colour in OKLCH: lightness 0..1, chroma (0 is grey), hue in degrees."""

    name: str
    lightness: float
    chroma: float
    angle: float


RED = Hue("red", 0.58, 0.21, 27.0)
GREEN = Hue("green", 0.66, 0.19, 145.0)
BLUE = Hue("blue", 0.48, 0.21, 264.0)
YELLOW = Hue("yellow", 0.87, 0.17, 100.0)
ORANGE = Hue("orange", 0.73, 0.17, 55.0)
CYAN = Hue("cyan", 0.80, 0.13, 205.0)


def srgb(lightness: float, chroma: float, angle: float) -> Colour:
    """An OKLCH colour as sRGB `[3]`, 0..1; what lies outside of sRGB is clipped."""
    a = chroma * math.cos(math.radians(angle))
    b = chroma * math.sin(math.radians(angle))
    linear = _TO_LINEAR @ (_TO_CONES @ np.array([lightness, a, b])) ** 3
    linear = np.clip(linear, 0.0, 1.0)
    curved = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    colour: Colour = curved.astype(np.float32)
    return colour


def any_pair(rng: np.random.Generator) -> tuple[Colour, Colour]:
    """Background and figure: any two hues, with a visible step of lightness between them."""
    dark = rng.uniform(0.15, 0.50)
    light = min(dark + rng.uniform(0.35, 0.55), 0.97)
    order = (dark, light) if rng.random() < 0.5 else (light, dark)
    ground, figure = (
        srgb(value, rng.uniform(0.0, 0.16), rng.uniform(0.0, 360.0)) for value in order
    )
    return ground, figure


def near_pair(hues: tuple[Hue, Hue], rng: np.random.Generator) -> tuple[Colour, Colour]:
    """The two given colours, each a little lighter or darker, duller and turned."""
    first, second = (
        srgb(
            hue.lightness + rng.uniform(-0.06, 0.06),
            hue.chroma * rng.uniform(0.75, 1.0),
            hue.angle + rng.uniform(-6.0, 6.0),
        )
        for hue in hues
    )
    return first, second

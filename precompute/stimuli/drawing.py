"""From a class and a seed to a picture: the class's field, in two colours, a little imperfect.

The same class, seed and size give the same bytes in every process: all randomness comes from a
generator that is seeded by a digest of the class's slug and the seed.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

from precompute.stimuli.catalogue import StimulusClass, find
from precompute.stimuli.color import Colour, any_pair, near_pair
from precompute.stimuli.grid import Field, axes

Picture = NDArray[np.uint8]

DEFAULT_SIZE = 256

# Light that falls off over the image by at most this much to either side: less than the
# faintest gradient of the class "gradient".
_SHADE = 0.05
# Standard deviation of a pixel's noise, of the range 0..1: grain that is seen when looked for.
_GRAIN = (0.004, 0.02)
_CONTRAST = (0.6, 1.0)


def draw(kind: str | StimulusClass, seed: int, size: int = DEFAULT_SIZE) -> Picture:
    """The picture of a class (or of its slug) for a seed: uint8 RGB `[size, size, 3]`.

    Raises `KeyError` for an unknown slug.
    """
    entry = find(kind) if isinstance(kind, str) else kind
    rng = generator(entry.slug, seed)
    ground, figure = near_pair(entry.hues, rng) if entry.hues else any_pair(rng)
    contrast = 1.0 if entry.hues else rng.uniform(*_CONTRAST)
    field = entry.draw(size, rng)
    return _finished(field, ground, ground + contrast * (figure - ground), rng)


def generator(slug: str, seed: int) -> np.random.Generator:
    """The source of randomness of one picture.

    Python's own `hash` differs between processes; a digest does not.
    """
    digest = hashlib.sha256(f"{slug}/{seed}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))


def _finished(field: Field, ground: Colour, figure: Colour, rng: np.random.Generator) -> Picture:
    """Two colours mixed by the field, then shaded and grained, in 256 steps."""
    dirt = _shading(len(field), rng) + _grain(len(field), rng)
    picture = ground + field[:, :, None] * (figure - ground) + dirt[:, :, None]
    finished: Picture = (np.clip(picture, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)
    return finished


def _shading(size: int, rng: np.random.Generator) -> Field:
    x, y = axes(size)
    return rng.uniform(-_SHADE, _SHADE) * x + rng.uniform(-_SHADE, _SHADE) * y


def _grain(size: int, rng: np.random.Generator) -> Field:
    noise = rng.standard_normal((size, size), dtype=np.float32)
    grain: Field = noise * rng.uniform(*_GRAIN)
    return grain

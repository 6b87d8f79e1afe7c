"""Drawn pictures whose files are as large as those that precompute renders.

Noise with the spectrum of natural images, in a pool for each side with rising contrast, encoded as
precompute encodes; a unit's picture is one of the pool of about the wanted size, with bytes of its
own. Nothing here is a rendering: only sizes and formats are those of real ones.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from app.db.records import ImageRecord
from precompute.render.picture import Encoding, encode, media_type

SEED = 1409
# Of each side so many distinct pictures; of sides that few units have, few.
DISTINCT, FEW = 160, 40
# Flat enough and strong enough that every wanted size lies between.
CONTRASTS = (1.5, 110.0)
NEAREST = 4
RENDERED = Encoding()


@dataclass(frozen=True)
class Pool:
    """Encoded pictures of one side, the smallest file first."""

    side: int
    media_type: str
    files: Sequence[bytes]

    def near(self, size: float, pick: int) -> bytes:
        """One of the files whose sizes are nearest to `size`; which of them, `pick` says."""
        place = int(np.searchsorted([len(file) for file in self.files], size))
        first = min(max(place - NEAREST // 2, 0), len(self.files) - NEAREST)
        return self.files[first + pick % NEAREST]


@dataclass
class Gallery:
    """Pools by side and encoding, made when first asked for; pictures are numbered."""

    pools: dict[tuple[int, Encoding], Pool] = field(default_factory=dict)
    made: int = 0

    def picture(self, side: int, size: float, encoding: Encoding = RENDERED) -> ImageRecord:
        """A picture unlike all others, of about `size` bytes."""
        key = (side, encoding)
        if key not in self.pools:
            self.pools[key] = pool(side, encoding)
        self.made += 1
        drawn = self.pools[key]
        data = unlike(drawn.near(size, self.made), self.made)
        return ImageRecord.of(data, drawn.media_type, side, side)


def pool(side: int, encoding: Encoding) -> Pool:
    """Pictures of one side, from flat to strong."""
    count = DISTINCT if side >= 128 else FEW
    contrasts = np.geomspace(*CONTRASTS, count)

    def make(number: int) -> bytes:
        return encode(noise(side, contrasts[number], number), encoding)

    with ThreadPoolExecutor() as threads:
        files = sorted(threads.map(make, range(count)), key=len)
    return Pool(side, media_type((side, side), encoding), files)


def noise(side: int, contrast: float, number: int) -> Image.Image:
    """Noise in colours whose amplitude falls with the frequency; `contrast` of 256 values."""
    random = np.random.default_rng((SEED, side, number))
    frequencies = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side))
    falling = 1 / np.maximum(frequencies, 1 / side)
    spectrum = np.fft.rfft2(random.standard_normal((3, side, side)), axes=(1, 2)) * falling
    bands = np.fft.irfft2(spectrum, (side, side), axes=(1, 2))
    grey = bands.mean(axis=0) + 0.5 * bands
    pixels = 128 + contrast * grey / grey.std()
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8).transpose(1, 2, 0).copy())


def unlike(file: bytes, number: int) -> bytes:
    """The same picture in other bytes: with a number where its format has room for anything."""
    mark = number.to_bytes(8, "big")
    if file[4:8] == b"ftyp":  # AVIF: a box that readers skip
        return file + struct.pack(">I4s", 16, b"free") + mark
    chunk = b"free" + struct.pack("<I", 8) + mark  # WebP: a chunk that readers skip
    return file[:4] + struct.pack("<I", len(file) - 8 + 16) + file[8:] + chunk

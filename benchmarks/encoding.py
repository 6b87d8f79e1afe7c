"""What encoding costs and keeps: WebP and AVIF on our own pictures, at the sizes that pages use.

    python -m benchmarks.encoding --model googlenet-bvlc

Prints, for each size and encoding, the mean of: kilobytes, PSNR against the picture as rendered,
the share of the activation that is kept when it is decoded again, milliseconds to encode.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np
from PIL import Image

from benchmarks.console import echo
from precompute.executors.devices import fix_threads
from precompute.network import Inception, find, load
from precompute.render.measure import decode, measure
from precompute.render.picture import Encoding, encode
from precompute.render.render import render
from precompute.render.technique import TECHNIQUES, recipe_for
from precompute.render.terms import Channel

UNITS = {
    "conv2d2": (0, 60, 120, 180),
    "mixed3b": (100, 300, 400, 470),
    "mixed4c": (13, 300, 447, 500),
    "mixed5b": (100, 400, 700, 1000),
}
SIZES = {"hero": 224, "thumbnail": 112}
ENCODINGS = (
    *(Encoding("image/webp", quality, 4, 0) for quality in (75, 82, 90, 95)),
    *(Encoding("image/avif", quality, 2, 0) for quality in (55, 65, 75, 85)),
    Encoding("image/avif", 75, 4, 0),
)


@dataclass(frozen=True)
class Row:
    """What one encoding does to one picture."""

    kilobytes: float
    psnr: float
    kept: float
    milliseconds: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="googlenet-bvlc")
    parser.add_argument("--weights", type=Path)
    asked = parser.parse_args()
    fix_threads()
    network = load(asked.model, find(asked.model, asked.weights).path)
    pictures = list(rendered(network))
    echo("size       encoding        kB    PSNR   activation kept   ms")
    for name, side in SIZES.items():
        for encoding in ENCODINGS:
            rows = [judge(network, *each, side, encoding) for each in pictures]
            echo(line(name, side, encoding, rows))


def rendered(network: Inception) -> Iterator[tuple[str, int, Image.Image]]:
    """Layer, unit and picture, decoded from a lossless file."""
    lossless = Encoding(lossless_side=1024)
    for layer, units in UNITS.items():
        recipe = recipe_for(TECHNIQUES["channel"], network.variant, network.layer(layer))
        for picture in render(network, recipe.encoded(lossless), layer, units):
            assert picture.unit is not None
            yield layer, picture.unit, decode(picture.bytes)


def judge(
    network: Inception, layer: str, unit: int, picture: Image.Image, side: int, encoding: Encoding
) -> Row:
    """One picture at one size in one encoding."""
    shown = picture.resize((side, side), Image.Resampling.LANCZOS)
    begun = time.perf_counter()
    data = encode(shown, encoding)
    took = time.perf_counter() - begun
    again = decode(data)
    before, after = (
        measure(network, Channel(layer, unit), layer, [unit], [each])[0].activation
        for each in (shown, again)
    )
    return Row(len(data) / 1000, psnr(shown, again), after / before, took * 1000)


def psnr(one: Image.Image, other: Image.Image) -> float:
    """Peak signal-to-noise ratio in decibels."""
    a, b = (np.asarray(image, dtype=np.float64) for image in (one, other))
    return float(10 * np.log10(255**2 / ((a - b) ** 2).mean()))


def line(name: str, side: int, encoding: Encoding, rows: list[Row]) -> str:
    """The means as a line of the table."""
    kind = f"{encoding.media_type.removeprefix('image/')} {encoding.quality}/{encoding.effort}"
    kept = fmean(row.kept for row in rows)
    return (
        f"{name:10} {kind:10} {fmean(row.kilobytes for row in rows):7.1f} "
        f"{fmean(row.psnr for row in rows):7.1f} {kept:12.3f} "
        f"{fmean(row.milliseconds for row in rows):12.1f}"
    ) + f"   ({side} px)"


if __name__ == "__main__":
    main()

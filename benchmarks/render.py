"""Our renderer against torch-lucent 0.1.8, side by side in one run: `make bench-render`.

For units spread over the network: Lucent at its default in an environment of its own, ours at our
default, and Lucent's recipe on our network, which tells what the network gains and what the recipe
gains. Ours is timed as the difference of two jobs of whole batches, so that start-up does not
count; Lucent's without its imports. Every picture is judged alike (`judge.py`), as it is stored.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from benchmarks.console import echo
from benchmarks.judge import Judged, judge
from benchmarks.report import Line, Speed, report, row
from precompute.executors.devices import find_dtype, fix_threads
from precompute.network import Inception, find, load
from precompute.network.precision import in_dtype
from precompute.render.measure import decode
from precompute.render.optimize import visualize
from precompute.render.parameterize import Fourier
from precompute.render.recipe import Nadam
from precompute.render.render import Picture, render
from precompute.render.seeding import generator
from precompute.render.technique import TECHNIQUES, recipe_for
from precompute.render.terms import Channel
from precompute.request import AUTO

MODEL = "googlenet-bvlc"
UNITS = {
    "mixed3b": (100, 300),
    "mixed4a": (60, 420),
    "mixed4c": (13, 300, 447),
    "mixed4e": (40, 500),
    "mixed5b": (100, 700, 1000),
}
LUCENT = "torch-lucent==0.1.8"
LUCENTS_STEPS = 512
# Of Lucent's recipe on our network so many steps are timed: a step costs what any other costs.
TIMED_STEPS = (4, 20)


@dataclass(frozen=True)
class LucentsFourier(Fourier):
    """Lucent's canvas of 128 px, enlarged to the 224 that the network sees."""

    size: int = 128
    decay: float = 1.0

    def picture(self, spectrum: Tensor) -> Tensor:
        small = super().picture(spectrum)
        return F.interpolate(small, size=224, mode="bilinear", align_corners=True)


@dataclass(frozen=True)
class Adam(Nadam):
    """Lucent's optimiser."""

    learning_rate: float = 0.05
    betas: tuple[float, float] = (0.9, 0.999)
    settle: float = 0.0

    def over(self, parameter: Tensor) -> torch.optim.Optimizer:
        return torch.optim.Adam([parameter], lr=self.learning_rate, betas=self.betas)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, help="BVLC's weights; default the cache's")
    parser.add_argument("--environment", type=Path, default=Path(".venv-lucent"))
    parser.add_argument("--keep", type=Path, help="a folder for the pictures, side by side")
    asked = parser.parse_args()
    threads, weights = fix_threads(), find(MODEL, asked.weights).path
    network = load(MODEL, weights)
    dtype = find_dtype(AUTO, network.mean.device)
    lines, speeds = [], []
    with tempfile.TemporaryDirectory() as folder:
        python = lucents_python(asked.environment)
        for layer, units in UNITS.items():
            theirs = dict(lucent(python, weights, threads, Path(folder), layer, units))
            seconds, ours = rendered(network, layer, units, dtype)
            speeds.append(Speed(layer, seconds, recipe_seconds(in_dtype(network, dtype), layer)))
            for unit in units:
                their_picture = np.load(Path(folder) / f"{layer}-{unit}.npy")
                judged = judge_both(network, layer, unit, their_picture, ours[unit])
                took = theirs[unit], speeds[-1].lucents_recipe, seconds
                lines.append(Line(f"{layer}:{unit}", *took, *judged))
                keep(asked.keep, f"{layer}-{unit}", their_picture, ours[unit])
                echo(row(lines[-1]))
    for sentence in report(network, lines, speeds, dtype):
        echo(sentence)


def lucents_python(environment: Path) -> Path:
    """Lucent's own environment, made where it is not there: it pins old packages."""
    python = environment / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
        versions = [f"torch=={torch.__version__.partition('+')[0]}", "torchvision", LUCENT]
        command = [str(python), "-m", "pip", "install", "--quiet", *versions, "safetensors"]
        subprocess.run(command, check=True)
    return python


def lucent(
    python: Path, weights: Path, threads: int, out: Path, layer: str, units: Sequence[int]
) -> Iterator[tuple[int, float]]:
    """Lucent's seconds for each unit; its pictures are left in `out`."""
    script = Path(__file__).with_name("lucent_worker.py")
    addresses = [f"{layer}:{unit}" for unit in units]
    command = [str(python), "-W", "ignore", str(script), str(weights), str(threads), str(out)]
    done = subprocess.run([*command, *addresses], check=True, capture_output=True, text=True)
    for text in done.stdout.splitlines():
        found = json.loads(text)
        yield int(found["unit"].partition(":")[2]), float(found["seconds"])


def rendered(
    network: Inception, layer: str, units: Sequence[int], dtype: str
) -> tuple[float, dict[int, Image.Image]]:
    """Our seconds for a unit, and the pictures as they are stored."""
    recipe = recipe_for(TECHNIQUES["channel"], network.variant, network.layer(layer), dtype=dtype)
    others = [unit for unit in range(2 * recipe.batch) if unit not in units]
    crowd = [*units, *others][: 2 * recipe.batch]

    def job(batches: int) -> tuple[float, list[Picture]]:
        begun = time.perf_counter()
        pictures = render(network, recipe, layer, crowd[: batches * recipe.batch])
        return time.perf_counter() - begun, pictures

    job(1)  # the first sets up what later ones find ready: it would make the difference too small
    (one, pictures), (two, _) = job(1), job(2)
    images = {p.unit: decode(p.bytes) for p in pictures if p.unit in units}
    return (two - one) / recipe.batch, {unit: images[unit] for unit in units}


def recipe_seconds(network: Inception, layer: str) -> float:
    """Seconds for a unit by Lucent's recipe on our network, from the time of a step."""

    def job(steps: int) -> float:
        begun = time.perf_counter()
        visualize(
            network, Channel(layer, tuple(range(8))), LucentsFourier(),
            optimiser=Adam(steps), noise=[generator(unit) for unit in range(8)],
        )  # fmt: skip
        return time.perf_counter() - begun

    few, many = TIMED_STEPS
    job(1)
    return (job(many) - job(few)) / (many - few) * LUCENTS_STEPS / 8


def judge_both(
    network: Inception, layer: str, unit: int, theirs: np.ndarray, ours: Image.Image
) -> tuple[Judged, Judged]:
    """Lucent's picture, rounded to eight bits as an image file has it, and ours as stored."""
    rounded = Image.fromarray((theirs * 255).round().astype(np.uint8))
    return judge(network, layer, unit, rounded), judge(network, layer, unit, ours)


def keep(folder: Path | None, name: str, theirs: np.ndarray, ours: Image.Image) -> None:
    """Both pictures beside each other, Lucent's at the left, for looking at."""
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    left = Image.fromarray((theirs * 255).round().astype(np.uint8)).resize(ours.size)
    pair = Image.new("RGB", (2 * ours.width + 4, ours.height))
    pair.paste(left, (0, 0))
    pair.paste(ours, (ours.width + 4, 0))
    pair.save(folder / f"{name}.png")


if __name__ == "__main__":
    main()

"""The tables that `benchmarks.render` ends with."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import exp, log
from statistics import fmean

import torch

from app.text import duration
from benchmarks.judge import Judged
from precompute.network import LOGITS, Inception
from precompute.render.technique import TECHNIQUES, recipe_for

MATRIX = 2048


@dataclass(frozen=True)
class Line:
    """A unit, by Lucent and by us."""

    name: str
    their_seconds: float
    recipe_seconds: float
    """By Lucent's recipe on our network."""
    our_seconds: float
    theirs: Judged
    ours: Judged


@dataclass(frozen=True)
class Speed:
    """A layer's seconds for a unit: our recipe, and Lucent's recipe on our network."""

    layer: str
    ours: float
    lucents_recipe: float


def report(
    network: Inception, lines: Sequence[Line], speeds: Sequence[Speed], dtype: str
) -> Iterator[str]:
    """The tables, the ratios, the estimate for the whole network, the share of the peak."""
    yield from units(lines)
    yield from ratios(lines)
    yield from whole(network, speeds, dtype)


def units(lines: Sequence[Line]) -> Iterator[str]:
    """A row for each unit: Lucent's figure, then ours; between the seconds, those of Lucent's
    recipe on our network."""
    yield "| unit | seconds | clean | robust | fine energy | shrunk to 128 px |"
    yield "|---|---|---|---|---|---|"
    yield from map(row, lines)


def row(line: Line) -> str:
    """A unit's row."""
    a, b = line.theirs, line.ours
    seconds = f"{line.their_seconds:.1f} / {line.recipe_seconds:.1f} / {line.our_seconds:.2f}"
    return (
        f"| {line.name} | {seconds} "
        f"| {a.clean:.0f} / {b.clean:.0f}{_times(a.clean, b.clean)} "
        f"| {a.robust:.0f} / {b.robust:.0f}{_times(a.robust, b.robust)} "
        f"| {a.fine:.1%} / {b.fine:.1%} | {a.shrunk:.0f} / {b.shrunk:.0f} |"
    )


def ratios(lines: Sequence[Line]) -> Iterator[str]:
    """How many times faster, and how strong."""
    theirs, recipe, ours = (sum(seconds) for seconds in zip(*map(_seconds, lines), strict=True))
    alive = [line for line in lines if line.theirs.clean > 0]
    clean = [line.ours.clean / line.theirs.clean for line in alive]
    robust = [line.ours.robust / line.theirs.robust for line in alive]
    gain = theirs / ours
    yield f"Seconds for all: Lucent {theirs:.0f}, ours {ours:.1f}: {gain:.1f} times faster."
    yield (
        f"Lucent's recipe on our network: {recipe:.0f} s: the network gains "
        f"{theirs / recipe:.1f} times, the recipe {recipe / ours:.1f} times."
    )
    yield (
        f"Ours to Lucent's, geometric mean over the {len(alive)} units that Lucent excites: "
        f"clean {_mean(clean):.3f} (least {min(clean):.2f}), "
        f"robust {_mean(robust):.3f} (least {min(robust):.2f})."
    )
    dead = [line for line in lines if line.theirs.clean <= 0]
    yield (
        "Dead: with Lucent "
        f"{', '.join(line.name for line in dead) or 'none'}; with ours "
        f"{', '.join(line.name for line in lines if line.ours.clean <= 0) or 'none'}."
    )


def whole(network: Inception, speeds: Sequence[Speed], dtype: str) -> Iterator[str]:
    """The estimate for all units of the layers with maps, and what the machine could do."""
    technique, flops = TECHNIQUES["channel"], layer_flops(network)
    steps_of = {layer.name: _steps(network, layer.name) for layer in network.layers}
    # Seconds for a floating-point operation, as measured; other layers by their operations.
    rate = fmean(speed.ours / (flops[speed.layer] * steps_of[speed.layer][0]) for speed in speeds)
    seconds = 0.0
    for layer in network.layers:
        if technique.suits(layer):
            steps, side = steps_of[layer.name]
            scale = (side / network.variant.input_size) ** 2
            seconds += rate * flops[layer.name] * scale * steps * layer.channels
    count = sum(layer.channels for layer in network.layers if technique.suits(layer))
    yield f"All {count:,} channels would take about {duration(seconds)}."
    peak = peak_flops(dtype)
    yield (
        f"The machine multiplies matrices at {peak / 1e9:.0f} GFLOP/s in {dtype}; the renderer "
        f"does {1 / rate / 1e9:.0f}, {1 / rate / peak:.0%} of it."
    )


def layer_flops(network: Inception) -> dict[str, float]:
    """Convolutions' operations for a step of one picture at the input's size, per layer.

    Twice the multiplications, forwards and backwards to the picture: what must be computed.
    """
    side, total, found = network.variant.input_size, 0.0, {}
    pixels = torch.zeros(1, 3, side, side)
    for layer in network.layers:
        counter: list[float] = []
        hooks = [
            module.register_forward_hook(_counting(counter))
            for module in network.modules()
            if isinstance(module, torch.nn.Conv2d)
        ]
        with torch.no_grad():
            network(pixels, [layer.name])
        for hook in hooks:
            hook.remove()
        total = sum(counter)
        found[layer.name] = 2 * 2 * total
    return found


def peak_flops(dtype: str) -> float:
    """Floating-point operations a second of a large matrix product, the best of five."""
    matrix = torch.rand(MATRIX, MATRIX, dtype=getattr(torch, dtype))
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        matrix @ matrix
        times.append(time.perf_counter() - begun)
    return 2 * MATRIX**3 / min(times)


def _counting(counter: list[float]) -> Callable[..., None]:
    def count(module: torch.nn.Conv2d, _: object, output: torch.Tensor) -> None:
        counter.append(module.weight[0].numel() * output[0].numel())

    return count


def _steps(network: Inception, layer: str) -> tuple[int, int]:
    name = "logit" if layer == LOGITS else "channel"
    recipe = recipe_for(TECHNIQUES[name], network.variant, network.layer(layer))
    return recipe.optimiser.steps, recipe.parameterisation.size


def _seconds(line: Line) -> tuple[float, float, float]:
    return line.their_seconds, line.recipe_seconds, line.our_seconds


def _mean(values: Sequence[float]) -> float:
    return exp(fmean(log(max(value, 1e-9)) for value in values))


def _times(theirs: float, ours: float) -> str:
    return f" ({ours / theirs:.2f}×)" if theirs > 0 else ""

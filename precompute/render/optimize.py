"""Gradient ascent: four independent values in, pictures out.

`visualize` is what a researcher calls; `render.py` calls it for the techniques that are stored.
Nothing is written and nothing is kept; the same arguments give the same pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from app.errors import InputError
from precompute.network import Inception
from precompute.render.objective import Objective
from precompute.render.parameterize import Fourier, from_rgb
from precompute.render.recipe import Nadam
from precompute.render.seeding import generator
from precompute.render.transform import STANDARD, Transformation, compose, sample

CANVAS, CLIMBER = Fourier(), Nadam()


def visualize(
    network: Inception,
    objective: Objective,
    parameterisation: Fourier = CANVAS,
    transformations: Sequence[Transformation] = STANDARD,
    optimiser: Nadam = CLIMBER,
    *,
    noise: Sequence[torch.Generator] = (),
    start: Tensor | None = None,
    transformation_seed: int = 0,
    tick: Callable[[], None] = lambda: None,
) -> Tensor:
    """Pictures that make an objective large: `[n, 3, size, size]`, RGB in 0..1.

    Args:
        network: frozen; its device and dtype are used.
        objective: a number per picture; the pictures of a batch are climbed together.
        parameterisation: how a picture is written as numbers, and how large it is.
        transformations: what the network sees of it at each step, drawn anew.
        optimiser: how the numbers are changed, and how often.
        noise: where each picture starts, one generator a picture; default one picture.
        start: pictures to start from instead, `[n, 3, size, size]`, RGB in 0..1.
        transformation_seed: with a step's number it decides that step's transformations.
        tick: called after every step.

    Raises:
        InputError: the objective names no layer, or one that the network does not have, or `start`
            has another size than the canvas.
    """
    if not objective.layers:
        raise InputError(f"The objective {objective} reads no layer: nothing could be climbed.")
    spectrum = _start(network, parameterisation, noise, start).requires_grad_(True)
    layers, climber = sorted(objective.layers), optimiser.over(spectrum)
    for step in range(optimiser.steps):
        climber.param_groups[0]["lr"] = optimiser.rate(step)
        climber.zero_grad()
        position = compose(transformations, generator(transformation_seed, step))
        seen = sample(parameterisation.picture(spectrum), position)
        found = network(seen, layers, pre_relu=True)
        value = objective({name: maps.float() for name, maps in found.items()})
        torch.autograd.backward(-value.sum())
        climber.step()
        tick()
    with torch.no_grad():
        return parameterisation.picture(spectrum)


def _start(
    network: Inception,
    parameterisation: Fourier,
    noise: Sequence[torch.Generator],
    start: Tensor | None,
) -> Tensor:
    device = network.mean.device
    if start is None:
        return parameterisation.start(noise or [generator(0)], device)
    side = parameterisation.size
    if start.shape[1:] != (3, side, side):
        raise InputError(
            f"The start is {list(start.shape)}, but the canvas takes [n, 3, {side}, {side}]."
        )
    return parameterisation.spectrum(from_rgb(start.to(device)))

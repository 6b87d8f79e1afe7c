"""A validated request with everything that it names: network, data set, units, photograph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from app.db.records import ModelRecord
from precompute.executors import devices
from precompute.images.dataset import Dataset
from precompute.images.view import View, view_for
from precompute.network import Inception, Layer
from precompute.render.recipe import Photograph, Recipe
from precompute.render.render_task import RenderTask
from precompute.render.technique import RenderTechnique, recipe_for
from precompute.request import AUTO, RAY, Request


@dataclass(frozen=True)
class Work:
    """A validated request with its network, data set and units."""

    request: Request
    network: Inception
    model: ModelRecord
    dataset: Dataset | None
    """None where no stage needs one."""
    units: dict[str, tuple[int, ...]]
    """By layer, in the network's order."""
    photograph: tuple[Photograph, Tensor] | None = None

    @property
    def view(self) -> View:
        return view_for(self.network.variant)

    @property
    def scanned_dataset(self) -> Dataset:
        """The data set, which validation requires for the stages that call this."""
        assert self.dataset is not None
        return self.dataset

    @property
    def device(self) -> torch.device:
        """Where tasks compute: here, or in the workers of a cluster."""
        remote = self.request.engine == RAY and self.request.gpus_each > 0
        return torch.device("cuda") if remote else self.network.mean.device

    @property
    def dtype(self) -> str:
        """What tasks compute in, where they may choose."""
        dtype = self.request.dtype
        # Whether a remote GPU has bfloat16 is unknown here; all since 2020 have.
        if dtype == AUTO and self.request.engine == RAY and self.device.type == "cuda":
            return "bfloat16"
        return devices.find_dtype(dtype, self.device)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The requested layers."""
        return tuple(self.network.layer(name) for name in self.units)

    def suited_units(self, suits: Callable[[Layer], bool]) -> dict[str, tuple[int, ...]]:
        """The requested units of the layers that a stage suits."""
        return {layer.name: self.units[layer.name] for layer in self.layers if suits(layer)}

    def subjects(self, technique: RenderTechnique) -> dict[str, tuple[int | None, ...]]:
        """What the technique is to picture: units by layer, or whole layers."""
        units = self.suited_units(technique.suits)
        return {name: (None,) if technique.whole_layer else units[name] for name in units}

    def render_task(self, technique: RenderTechnique) -> RenderTask:
        """The technique's pictures, as a task."""
        recipes = {name: self.recipe(technique, name) for name in self.subjects(technique)}
        return RenderTask(technique.name, recipes, self.start(technique))

    def recipe(self, technique: RenderTechnique, layer: str) -> Recipe:
        """How this technique's pictures of a layer are made."""
        request, photograph = self.request, self.photograph
        start = photograph[0] if technique.from_photograph and photograph else None
        size = photograph[1].shape[-1] if start and photograph else request.size
        recipe = recipe_for(
            technique, self.network.variant, self.network.layer(layer), request.steps, size,
            self.dtype, start,
        )  # fmt: skip
        factor = 1 if technique.whole_layer else devices.batch_factor(self.device)
        return replace(recipe, batch=recipe.batch * factor)

    def start(self, technique: RenderTechnique) -> Tensor | None:
        """The photograph that this technique's pictures start from."""
        return self.photograph[1] if technique.from_photograph and self.photograph else None

"""Prepares a request: loads the network, finds the data set, selects the units.

Invalid input is refused here, before a database is opened. `Work` also plans what is missing, for
the run and for its estimate.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from app.db.records import ModelRecord, RecipeRecord
from app.errors import InputError
from app.techniques import EXAMPLES
from precompute import store_records
from precompute.executors import devices
from precompute.images.dataset import Dataset, Sample
from precompute.images.find_dataset import check_slug, find_dataset
from precompute.images.photograph import read_photograph
from precompute.images.view import View, view_for
from precompute.missing import Renders, Scans, Wanted, plan_renders, plan_scans
from precompute.network import LOGITS, Inception, find, load
from precompute.network.class_names import class_names
from precompute.render.recipe import Photograph, Recipe
from precompute.render.render import units_in_batch
from precompute.render.render_task import RenderTask
from precompute.render.technique import TECHNIQUES, RenderTechnique, check, recipe_for
from precompute.request import AUTO, OF_IMAGES, RAY, Request, choose
from precompute.scan.attribution import IMAGES as EFFECT_IMAGES
from precompute.scan.context import ScanRequest

StoredPictures = Mapping[tuple[str, int | None, int], str]
StoredScans = Mapping[tuple[str, int], int]


@dataclass(frozen=True)
class Work:
    """A validated request with its network, data set and units."""

    request: Request
    network: Inception
    model: ModelRecord
    dataset: Dataset | None
    units: dict[str, tuple[int, ...]]
    photograph: tuple[Photograph, Tensor] | None = None

    @property
    def view(self) -> View:
        return view_for(self.network.variant)

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

    def subjects(self, technique: RenderTechnique) -> dict[str, tuple[int | None, ...]]:
        """What the technique is to picture: units by layer, or whole layers."""
        suited = [name for name in self.units if technique.suits(self.network.layer(name))]
        return {name: (None,) if technique.whole_layer else self.units[name] for name in suited}

    def plan_renders(self, technique: RenderTechnique, stored: StoredPictures) -> Renders:
        """Wanted pictures of a technique minus stored ones."""
        wanted = self.subjects(technique)
        recipes = {name: self.recipe(technique, name) for name in wanted}
        hashes = {
            name: RecipeRecord.from_body(each.body()).sha256 for name, each in recipes.items()
        }
        sizes = {name: units_in_batch(recipe) for name, recipe in recipes.items()}
        request = self.request
        plan = plan_renders(wanted, request.seeds, stored, hashes, sizes, request.force)
        return replace(plan, members=technique.members)

    def plan_scans(self, stored: StoredScans) -> Scans:
        """Units whose examples are wanted minus those that are scanned."""
        return plan_scans(self.units, self.request.top, stored, self.request.force)

    @property
    def scanned_dataset(self) -> Dataset:
        """The data set, which `Request.check` requires for the stages that call this."""
        assert self.dataset is not None
        return self.dataset

    def scan_request(self, units: Wanted) -> ScanRequest:
        return ScanRequest(units, self.request.top, self.dtype, weights=self.model.weights_sha256)

    def plan_effects(self, stored: Collection[tuple[str, int]]) -> Scans:
        """Units of layers with a map whose effects are wanted minus those that are there."""
        wanted = {name: units for name, units in self.units.items() if name != LOGITS}
        return plan_scans(wanted, 1, dict.fromkeys(stored, 1), self.request.force)

    def effects_sample(self, dataset: Dataset) -> Dataset:
        """The images whose gradients are taken: a fair sample, or all where there are fewer."""
        if len(dataset.items) <= EFFECT_IMAGES:
            return dataset
        return Sample(dataset, EFFECT_IMAGES, dataset.slug)


def prepare(request: Request) -> Work:
    """Validate a request and load what it names; opens no database.

    Raises:
        InputError: what is wrong with it, and what to do.
    """
    request.check()
    check(request.steps, request.size)
    weights = find(request.model, request.weights)
    devices.fix_threads()
    device = devices.find_device("cpu" if request.engine == RAY else request.device)
    network = load(request.model, weights.path, device)
    names = class_names(request.model, network.layers[-1].channels, request.classes)
    slug = check_slug(request.name or request.model)
    work = Work(
        request, network, store_records.model_record(slug, weights, network, names),
        _dataset(request), choose(network, request), _photograph(request, network),
    )  # fmt: skip
    _check_something_to_do(work)
    return work


def _dataset(request: Request) -> Dataset | None:
    if not set(OF_IMAGES) & set(request.techniques):
        return None
    assert request.dataset is not None  # `check` has seen to it
    return find_dataset(
        request.dataset, request.dataset_name, request.images, request.licence, request.private
    )


def _photograph(request: Request, network: Inception) -> tuple[Photograph, Tensor] | None:
    if request.photograph is None:
        return None
    return read_photograph(request.photograph, view_for(network.variant), request.size)


def _check_something_to_do(work: Work) -> None:
    techniques = [TECHNIQUES[name] for name in work.request.stages if name not in OF_IMAGES]
    has_effects = "effects" in work.request.techniques and set(work.units) - {LOGITS}
    if EXAMPLES in work.request.techniques or has_effects:
        return
    if any(work.subjects(each) for each in techniques):
        return
    hint = "logit and negative" if list(work.units) == [LOGITS] else "channel, among others"
    raise InputError(
        f"--techniques {','.join(work.request.techniques)}: none of them is for the layers "
        f"{', '.join(work.units)}, which have {hint}."
    )

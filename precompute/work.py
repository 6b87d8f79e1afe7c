"""A request made ready: the network loaded, the data set found, the units chosen.

Everything that can be refused is refused here; no database is touched.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.store.records import ModelRecord
from precompute import engine, publish
from precompute.examples.dataset import Dataset
from precompute.examples.lookup import check_slug, find_dataset
from precompute.examples.view import View, view_for
from precompute.network import Inception, find, load
from precompute.network.classes import class_names
from precompute.render.recipe import Recipe
from precompute.request import NEED_DATASET, Request, choose


@dataclass(frozen=True)
class Work:
    """A request that was checked: the network, the data set and the units are there."""

    request: Request
    network: Inception
    model: ModelRecord
    dataset: Dataset | None
    recipe: Recipe
    units: dict[str, tuple[int, ...]]

    @property
    def view(self) -> View:
        return view_for(self.network.variant)


def prepare(request: Request) -> Work:
    """Checks a request and loads what it names; touches no database.

    Raises:
        InputError: what is wrong with it, and what to do.
    """
    request.check()
    recipe = Recipe.channel(request.steps, request.size)
    weights = find(request.model, request.weights)
    engine.fix_threads()
    device = engine.find_device(request.device)
    network = load(request.model, weights.path, device)
    names = class_names(request.model, network.layers[-1].channels, request.classes)
    slug = check_slug(request.name or request.model)
    needed = any(technique in NEED_DATASET for technique in request.techniques)
    dataset = _dataset(request) if needed else None
    units = choose(network, request)
    return Work(
        request, network, publish.model_record(slug, weights, network, names), dataset, recipe,
        units,
    )  # fmt: skip


def _dataset(request: Request) -> Dataset:
    assert request.dataset is not None  # `check` has seen to it
    return find_dataset(request.dataset, request.dataset_name, request.images)

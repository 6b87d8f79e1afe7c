"""Prepares a request: loads the network, finds the data set, selects the units.

Invalid input is refused here, before a database is opened.
"""

from __future__ import annotations

from torch import Tensor

from app.errors import InputError
from precompute import store_records
from precompute.executors import devices
from precompute.images.dataset import Dataset
from precompute.images.find_dataset import check_slug, find_dataset
from precompute.images.photograph import read_photograph
from precompute.images.view import view_for
from precompute.network import Inception, find, load
from precompute.network.class_names import class_names
from precompute.render.recipe import Photograph
from precompute.render.technique import check as check_rendering
from precompute.request import RAY, Request, choose
from precompute.stages.registry import requested_stages, stages
from precompute.validation import check
from precompute.work import Work


def prepare(request: Request) -> Work:
    """Validate a request and load what it names; opens no database.

    Raises:
        InputError: what is wrong with it, and what to do.
    """
    check(request)
    check_rendering(request.steps, request.size)
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
    if not any(stage.needs_dataset for stage in requested_stages(request)):
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
    if any(work.suited_units(stage.suits) for stage in requested_stages(work.request)):
        return
    raise InputError(
        f"--techniques {','.join(work.request.techniques)}: none of them is for the layers "
        f"{', '.join(work.units)}, which have {_suited(work)}."
    )


def _suited(work: Work) -> str:
    """What the layers have without a data set, in words."""
    names = [
        name
        for name, stage in stages().items()
        if not (stage.needs_dataset or stage.photograph_of) and work.suited_units(stage.suits)
    ]
    return " and ".join(names) if len(names) < 3 else f"{names[0]}, among others"

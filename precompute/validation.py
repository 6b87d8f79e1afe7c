"""Validates a request, whatever the network: invalid input is refused before work starts."""

from __future__ import annotations

from importlib.util import find_spec

from app.errors import InputError
from precompute.request import DTYPES, ENGINES, LOCAL, RAY, Request
from precompute.stages.registry import stages, technique_names


def check(request: Request) -> None:
    """Refuses what is wrong whatever the network.

    Raises:
        InputError: the first thing that is.
    """
    _check_engine(request)
    _check_techniques(request)
    counts = (("--seeds", request.seeds), ("--top", request.top), ("--images", request.images))
    for option, value in counts:
        if value is not None and value < 1:
            raise InputError(f"{option} {value}: it takes a number from 1 up.")
    _check_dataset(request)
    _check_photograph(request)
    if request.dtype not in DTYPES:
        raise InputError(f"--dtype {request.dtype}: it takes {', '.join(DTYPES)}.")
    if request.patience < 0:
        raise InputError(f"--patience {request.patience}: it takes a number from 0 up.")


def _check_engine(request: Request) -> None:
    if request.engine not in ENGINES:
        raise InputError(f"--engine {request.engine}: it takes {' or '.join(ENGINES)}.")
    for name in ("address", "gpus", "cpus"):
        if request.engine == LOCAL and getattr(request, name) is not None:
            raise InputError(f"--{name} is for --engine ray.")
    if request.engine == RAY and find_spec("ray") is None:
        raise InputError(
            "--engine ray needs Ray, which is not installed: "
            "pip install 'inception-microscope[ray]'."
        )
    if request.gpus is not None and not 0 < request.gpus <= 1:
        raise InputError(f"--gpus {request.gpus:g}: it takes a share of a GPU, up to 1.")
    if request.cpus is not None and request.cpus < 1:
        raise InputError(f"--cpus {request.cpus}: it takes a number from 1 up.")


def _check_techniques(request: Request) -> None:
    known = technique_names()
    for technique in request.techniques:
        if technique not in known:
            raise InputError(f"--techniques: {technique!r} is none of {', '.join(known)}.")
    if not request.techniques:
        raise InputError(f"--techniques names none; there are: {', '.join(known)}.")


def _check_dataset(request: Request) -> None:
    if request.dataset is not None:
        return
    for technique in request.techniques:
        if stages()[technique].needs_dataset:
            raise InputError(
                f"The technique {technique} needs images: add --dataset NAME or --dataset DIR "
                "(`drawn` is always there), or leave it out with --techniques channel,logit."
            )


def _check_photograph(request: Request) -> None:
    started = [stage.photograph_of for stage in stages().values() if stage.photograph_of]
    if request.photograph is not None and not set(started) & set(request.techniques):
        names = " or ".join(started)
        raise InputError(f"--photograph is what {names} starts from: add {names} to --techniques.")

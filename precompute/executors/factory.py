"""The engine that a request asks for, opened for as long as a run takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

from precompute.executors.local import Local
from precompute.executors.task import Engine
from precompute.network import Inception
from precompute.request import LOCAL, Request


@contextmanager
def engine_for(
    request: Request, network: Inception, device: torch.device, say: Callable[[str], None]
) -> Iterator[Engine]:
    """Yields it, and ends whatever it has started.

    Args:
        request: names the engine, and what its workers take.
        network: what the tasks are about, frozen, in float32.
        device: where they compute.
        say: is told what a person should know of workers.

    Raises:
        MicroscopeError: the cluster that should be joined does not answer.
    """
    if request.engine == LOCAL:
        yield Local(network)
        return
    from precompute.executors.ray_cluster import WorkerResources  # only on request
    from precompute.executors.ray_executor import RayExecutor

    cpus = request.cpus or torch.get_num_threads()
    engine = RayExecutor(
        network, device, WorkerResources(cpus, request.gpus_each), request.address, say
    )
    try:
        yield engine
    finally:
        engine.close()

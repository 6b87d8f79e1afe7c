"""What the tests of the network share: one thread each, and a small network with known weights."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from tests.precompute.network.reference_tensors import Tensors, random_tensors


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """On a busy machine two threads wait for each other, many times longer than one works."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="package")
def toy_tensors() -> Tensors:
    """Random weights of the toy's shapes under canonical names, with six classes."""
    return random_tensors("toy", classes=6, seed=4)

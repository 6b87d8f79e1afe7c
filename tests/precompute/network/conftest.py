"""What the tests of the network share: one thread each, and a small network with known weights."""

from __future__ import annotations

import pytest

from tests.precompute.network.reference_tensors import Tensors, random_tensors
from tests.precompute.threads import one_thread as one_thread


@pytest.fixture(scope="package")
def toy_tensors() -> Tensors:
    """Random weights of the toy's shapes under canonical names, with six classes."""
    return random_tensors("toy", classes=6, seed=4)

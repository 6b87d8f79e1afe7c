"""What the tests of precompute share: the toy network, loaded once."""

from __future__ import annotations

import pytest

from precompute.executors.devices import fix_threads
from precompute.network import Inception, load


@pytest.fixture(scope="session")
def toy() -> Inception:
    fix_threads()
    return load("toy")

"""What all tests share: where real weights and photographs are, and when their absence counts."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from precompute.executors.cpu_sharing import share_cores
from tests.nursery import Nursery
from tests.nursery import nursery as new_nursery

IN_CI = os.environ.get("CI") == "true"
WEIGHTS = "weights/bvlc_googlenet.safetensors"
PHOTOGRAPHS = "images/imagenet-sample"


def _home() -> Path:
    return Path(os.environ.get("MICROSCOPE_HOME") or "~/.cache/microscope").expanduser().resolve()


share_cores()  # tests run beside servers, browsers and other processes of theirs
# Absolute, so that tests may change the folder they run in.
os.environ["MICROSCOPE_HOME"] = str(_home())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse tests that share an id: pytest-xdist runs one of them, and says nothing."""
    shared = sorted(
        name for name, count in Counter(each.nodeid for each in items).items() if count > 1
    )
    if shared:
        raise pytest.UsageError(f"Tests that share an id, of which only one would run: {shared}")


@pytest.fixture
def real_home() -> Path:
    """A cache with the published BVLC weights and 1,000 photographs in it."""
    missing = [name for name in (WEIGHTS, PHOTOGRAPHS) if not (_home() / name).exists()]
    if missing and IN_CI:
        pytest.fail(f"{_home()} has no {', '.join(missing)}: CI runs on the real thing.")
    if missing:
        pytest.skip(f"Not run: {_home()} has no {', '.join(missing)}.")
    return _home()


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Starts runs of `microscope` cheaply."""
    with new_nursery(tmp_path_factory.mktemp("nursery")) as made:
        yield made

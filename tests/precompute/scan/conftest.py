"""A scan of the drawn images, in both modes, and the answer of brute force: made once."""

from __future__ import annotations

import pytest

from precompute.images.dataset import Drawn
from precompute.network import Inception
from precompute.scan.interface import Found
from precompute.scan.scan import scan
from precompute.stimuli import DrawnCollection
from tests.precompute.scan.brute_force import Everything, everything
from tests.precompute.scan.scanning import LAYERS, asked


@pytest.fixture(scope="session")
def drawn() -> Drawn:
    return Drawn(DrawnCollection(per_class=4))


@pytest.fixture(scope="session")
def whole(toy: Inception, drawn: Drawn) -> dict[str, Everything]:
    return everything(toy, drawn, LAYERS)


@pytest.fixture(scope="session")
def found(toy: Inception, drawn: Drawn, tmp_path_factory: pytest.TempPathFactory) -> Found:
    return scan(toy, drawn, asked(toy), tmp_path_factory.mktemp("scan"))[0]


@pytest.fixture(scope="session")
def fast(toy: Inception, drawn: Drawn, tmp_path_factory: pytest.TempPathFactory) -> Found:
    quick = asked(toy, dtype="bfloat16")
    return scan(toy, drawn, quick, tmp_path_factory.mktemp("fast"))[0]

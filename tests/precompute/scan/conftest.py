"""A scan of the drawn images, in both modes, and the answer of brute force: made once."""

from __future__ import annotations

import pytest

from precompute.images.dataset import DrawnDataset
from precompute.network import Inception
from precompute.scan.scan import ScanResult, scan
from precompute.stimuli import DrawnCollection
from tests.precompute.scan.brute_force import Everything, everything
from tests.precompute.scan.scanning import LAYERS, scan_request


@pytest.fixture(scope="session")
def drawn() -> DrawnDataset:
    return DrawnDataset(DrawnCollection(per_class=4))


@pytest.fixture(scope="session")
def whole(toy: Inception, drawn: DrawnDataset) -> dict[str, Everything]:
    return everything(toy, drawn, LAYERS)


@pytest.fixture(scope="session")
def found(
    toy: Inception, drawn: DrawnDataset, tmp_path_factory: pytest.TempPathFactory
) -> ScanResult:
    return scan(toy, drawn, scan_request(toy), tmp_path_factory.mktemp("scan"))[0]


@pytest.fixture(scope="session")
def fast(
    toy: Inception, drawn: DrawnDataset, tmp_path_factory: pytest.TempPathFactory
) -> ScanResult:
    quick = scan_request(toy, dtype="bfloat16")
    return scan(toy, drawn, quick, tmp_path_factory.mktemp("fast"))[0]

"""What a run was asked for is read as precompute writes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.db import run_request
from app.db.run_request import RunRequest
from app.evidence import suits
from app.techniques import RENDERED
from precompute.images.find_dataset import find_dataset
from precompute.network import LOGITS, Inception, load
from precompute.render.technique import TECHNIQUES
from precompute.request import Request


@pytest.fixture(scope="module")
def network() -> Inception:
    return load("toy")


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (Request("toy", dataset="drawn"), RunRequest("toy", dataset="drawn")),
        (
            Request("toy", name="mine", dataset="/My Pictures/Hens & Co", seeds=3),
            RunRequest("mine", seeds=3, dataset="hens-co"),
        ),
        (
            Request("toy", dataset="a/b", dataset_name="hens", layers=("conv2d0", "logits")),
            RunRequest("toy", layers=("conv2d0", "logits"), dataset="hens"),
        ),
        (
            Request("toy", units="0-2,7", techniques=("neuron",), private=True, force=True),
            RunRequest("toy", ("neuron",), units=frozenset({0, 1, 2, 7})),
        ),
        (
            Request("toy", techniques=("deepdream",), photograph=Path("it's.jpg")),
            RunRequest("toy", ("deepdream", "deepdream-photograph")),
        ),
    ],
)
def test_a_request_is_read_from_its_record(request_: Request, expected: RunRequest) -> None:
    assert run_request.asked(request_.as_json()) == expected


@pytest.mark.parametrize(
    "request_", [{"command": "microscope serve"}, {"units": "x"}, {"seeds": "many"}]
)
def test_what_asks_for_nothing_is_none(request_: dict[str, object]) -> None:
    assert run_request.asked(request_) is None


def test_both_sides_know_which_layer_suits_which_technique(network: Inception) -> None:
    assert set(TECHNIQUES) == set(RENDERED)
    for technique in TECHNIQUES.values():
        for layer in network.layers:
            assert suits(technique.name, layer.name == LOGITS) == technique.suits(layer)
    assert suits("examples", is_logits=True)
    assert not suits("effects", is_logits=True)


def test_a_folder_has_the_name_that_precompute_gives_it(tmp_path: Path) -> None:
    folder = tmp_path / "Hens & Co. (2)"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(b"")
    wish = run_request.asked(Request("toy", dataset=str(folder)).as_json())
    assert wish is not None
    assert wish.dataset == find_dataset(str(folder)).slug

"""On the published BVLC weights and a thousand real photographs."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from app.config import Settings
from app.main import create_app
from precompute.cli.accuracy import accuracy
from precompute.executors.devices import find_dtype
from precompute.images.dataset import ImageFolder
from precompute.network import load
from precompute.network.class_names import class_indices
from precompute.pipeline import run
from precompute.prepare import prepare
from precompute.render.render import Picture, render
from precompute.render.technique import TECHNIQUES, recipe_for
from precompute.request import AUTO, Request
from precompute.scan.context import ScanRequest
from precompute.scan.entries import TOP
from precompute.scan.scan import scan
from tests.precompute.content import content

pytestmark = pytest.mark.real


def test_the_published_weights_reach_the_published_accuracy(real_home: Path) -> None:
    photographs = ImageFolder(real_home / "images" / "imagenet-sample", "imagenet-sample")
    result = accuracy(load("googlenet-bvlc"), photographs)
    assert result.images == 1000
    assert result.top1 >= 0.74
    assert result.top5 >= 0.92


def test_a_unit_that_starts_dead_does_not_stay_dead(real_home: Path) -> None:
    """mixed4a:60 is one that ends at activation 0 when only the ReLU's own gradient is used."""
    network = load("googlenet-bvlc")
    recipe = recipe_for(TECHNIQUES["channel"], network.variant, network.layer("mixed4a"))
    (picture,) = render(network, recipe, "mixed4a", [60])
    assert picture.activation > 400
    assert picture.note is None


def test_a_cell_of_the_first_layer_looks_like_its_filter(real_home: Path) -> None:
    """How the picture correlates with the filter's weights, which it does not see."""
    network = load("googlenet-bvlc")
    recipe = recipe_for(TECHNIQUES["neuron"], network.variant, network.layer("conv2d0"))
    filters = network.get_parameter("conv2d0.weight").flip(1).numpy()  # BGR to RGB
    found = [
        np.corrcoef(pixels(picture).transpose(2, 0, 1).ravel(), filters[unit].ravel())[0, 1]
        for unit, picture in enumerate(render(network, recipe, "conv2d0", range(16)))
    ]
    assert min(found) > 0.4
    assert float(np.median(found)) > 0.65


def pixels(picture: Picture) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(picture.bytes)).convert("RGB"), dtype=np.float64)


def test_the_photograph_of_its_own_class_excites_most_logits_most(
    real_home: Path, tmp_path: Path
) -> None:
    """There is one of each class; an independent float32 reference found 57 % in first place."""
    network = load("googlenet-bvlc")
    photographs = ImageFolder(real_home / "images" / "imagenet-sample", "imagenet-sample")
    question = ScanRequest({"logits": tuple(range(1000))}, 1, find_dtype(AUTO, network.mean.device))
    found, _ = scan(network, photographs, question, tmp_path)
    classes = class_indices("googlenet-bvlc", 1000)
    entries, right = found.layers["logits"].entries, 0
    for unit, kind, (place, *_) in entries.ranked(1):
        folder = photographs.items[int(entries.image[place])].folder
        right += kind == TOP and folder is not None and classes[folder] == unit
    assert right >= 550


def test_precompute_fills_a_database_that_the_browser_can_see(
    real_home: Path, tmp_path: Path
) -> None:
    request = Request(
        "googlenet-bvlc", dataset="imagenet-sample", database=str(tmp_path / "m.db"),
        layers=("mixed4c",), units="0-7", steps=24, top=5,
    )  # fmt: skip
    outcome = run(prepare(request))
    assert (outcome.rendered, outcome.scanned, outcome.skipped) == (8, 8, ())
    stored = content(tmp_path / "m.db")
    for row in stored["visualization"]:
        own = (e for e in stored["example"] if e[1] == row[1] and e[3] == "top")
        strongest = max(e[6] for e in own)
        assert row[8] > 0.5 * strongest, "a picture should excite its unit as photographs do"
    _see(tmp_path / "m.db")


def _see(database: Path) -> None:
    with TestClient(create_app(Settings(database=str(database)))) as client:
        unit = client.get("/api/v1/models/googlenet-bvlc/layers/mixed4c/units/3").json()
        page = client.get("/models/googlenet-bvlc/mixed4c/3", headers={"accept": "text/html"})
        top = [e["rank"] for e in unit["examples"] if e["kind"] == "top"]
        assert top == [1, 2, 3, 4, 5]
        assert unit["visualizations"][0]["image"] in page.text
        for entry in [*unit["visualizations"], *unit["examples"][:9]]:
            answer = client.get(entry["image"])
            kind = "image/avif" if entry in unit["visualizations"] else "image/webp"
            assert answer.headers["content-type"] == kind

"""On the published BVLC weights and a thousand real photographs."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from precompute.examples.accuracy import accuracy
from precompute.examples.dataset import Folder
from precompute.network import load
from precompute.pipeline import run
from precompute.render.optimize import render
from precompute.render.recipe import Recipe
from precompute.request import Request
from precompute.work import prepare
from tests.precompute.content import content

pytestmark = pytest.mark.real


def test_the_published_weights_reach_the_published_accuracy(real_home: Path) -> None:
    photographs = Folder(real_home / "images" / "imagenet-sample", "imagenet-sample")
    result = accuracy(load("googlenet-bvlc"), photographs)
    assert result.images == 1000
    assert result.top1 >= 0.74
    assert result.top5 >= 0.92


def test_a_unit_that_starts_dead_does_not_stay_dead(real_home: Path) -> None:
    """mixed4a:60 is one that ends at activation 0 when only the ReLU's own gradient is used."""
    (picture,) = render(load("googlenet-bvlc"), Recipe.channel(steps=64), "mixed4a", [60])
    assert picture.activation > 1
    assert picture.maximum > 10


def test_precompute_fills_a_database_that_the_browser_can_see(
    real_home: Path, tmp_path: Path
) -> None:
    request = Request(
        "googlenet-bvlc", dataset="imagenet-sample", database=str(tmp_path / "m.db"),
        layers=("mixed4c",), units="0-7", steps=32, top=5,
    )  # fmt: skip
    outcome = run(prepare(request))
    assert (outcome.rendered, outcome.scanned, outcome.skipped) == (8, 8, ())
    stored = content(tmp_path / "m.db")
    for row in stored["visualization"]:
        strongest = max(e[6] for e in stored["example"] if e[1] == row[1])
        assert row[7] > 0.5 * strongest, "a picture should excite its unit as photographs do"
    _see(tmp_path / "m.db")


def _see(database: Path) -> None:
    with TestClient(create_app(Settings(database=str(database)))) as client:
        unit = client.get("/api/v1/models/googlenet-bvlc/layers/mixed4c/units/3").json()
        page = client.get("/models/googlenet-bvlc/mixed4c/3", headers={"accept": "text/html"})
        assert [e["rank"] for e in unit["examples"]] == [1, 2, 3, 4, 5]
        assert unit["visualizations"][0]["image"] in page.text
        for entry in [*unit["visualizations"], *unit["examples"]]:
            answer = client.get(entry["image"])
            assert answer.headers["content-type"] == "image/webp"

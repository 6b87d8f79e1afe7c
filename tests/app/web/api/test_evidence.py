"""The JSON API on what data sets say of a unit: every field, typed, described, and its links."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.app.findings import HOSTILE

MIXED = "/api/v1/models/toy/layers/mixed3b"


@pytest.fixture(scope="module")
def unit(client: TestClient) -> Any:
    return client.get(f"{MIXED}/units/2").json()


def test_a_unit_has_its_statistics_by_data_set(unit: Any) -> None:
    assert [each["dataset"] for each in unit["statistics"]] == ["foxes", "secrets"]
    found = unit["statistics"][0]
    numbers = ("images", "positions", "mean", "deviation", "skew", "maximum", "minimum")
    assert [found[name] for name in numbers] == [500, 392_000, 6.0, 5.2, 1.25, 42.0, -22.0]
    assert (found["density"], found["image_density"], found["top_images"]) == (0.22, 0.88, 5)
    assert found["quantiles"][1] == {"share": 0.5, "value": -1.0}
    assert (found["histogram"]["low"], found["histogram"]["positions"]) == (-20.0, 784)
    assert found["histogram"]["counts"][:2] == [4096, 2048]
    assert found["intervals"][-1] == {"low": 36.0, "high": 40.0, "images": 0}
    assert found["class_means"][0] == {"label": HOSTILE[0], "value": 4.0}
    assert found["class_shares"][3] == {"label": "fox", "value": 0.1}


def test_a_unit_has_its_neighbours_with_links(client: TestClient, unit: Any) -> None:
    first, second = unit["neighbours"][0], unit["neighbours"][1]
    assert (first["layer"], first["unit"], first["within"], first["rank"]) == (
        "mixed3b",
        5,
        True,
        1,
    )
    assert first["correlation"] == 0.75
    assert client.get(first["image"]).status_code == 200
    assert second["image"] is None
    assert client.get(first["href"]).json()["page"] == first["page"]


def test_a_unit_has_its_effects_with_links(client: TestClient, unit: Any) -> None:
    (effects,) = unit["effects"]
    assert effects["dataset"] == "foxes"
    assert effects["recipe"]["body"]["images"] == 20
    assert [(each["output"], each["rank"], each["value"]) for each in effects["outputs"]] == [
        (2, 1, 3.5),
        (0, 2, 0.5),
        (1, -1, -1.75),
        (3, -2, -0.25),
    ]
    assert client.get(effects["outputs"][2]["href"]).json()["title"] == "<b>&\"'"


def test_examples_have_what_the_cell_sees_and_the_path_of_their_heat(
    client: TestClient, unit: Any
) -> None:
    kinds = {each["kind"] for each in unit["examples"]}
    assert {"top", "interval-1", "interval-11"} <= kinds
    for each in unit["examples"]:
        assert set(each["box"]) == {"left", "upper", "right", "lower"}
        if each["dataset"] == "foxes":
            assert client.get(each["heat"]).headers["content-type"] == "image/png"
    (logit,) = client.get("/api/v1/models/toy/layers/logits/units/0").json()["examples"][:1]
    assert (logit["box"], logit["heat"]) == (None, None)


def test_a_private_data_set_has_no_pictures(unit: Any) -> None:
    assert {each["dataset"]: each["private"] for each in unit["scans"]} == {
        "foxes": False,
        "secrets": True,
    }
    secret = [each for each in unit["examples"] if each["dataset"] == "secrets"]
    assert len(secret) == 2
    assert {each["image"] for each in secret} == {None}
    assert secret[0]["label"] == "<i>me</i>"


def test_a_layer_has_the_statistics_of_its_units(client: TestClient) -> None:
    layer = client.get(MIXED).json()
    assert layer["statistics_dataset"] == "foxes"
    units = {each["unit"]: each["statistics"] for each in layer["units"]}
    assert units[2] == {
        "mean": 6.0,
        "deviation": 5.2,
        "skew": 1.25,
        "maximum": 42.0,
        "minimum": -22.0,
        "density": 0.22,
        "image_density": 0.88,
        "place": None,
    }
    assert units[11]["density"] == 0
    assert units[23] is None


def test_without_a_scan_there_are_no_statistics(empty_layer: TestClient) -> None:
    layer = empty_layer.get(MIXED).json()
    assert layer["statistics_dataset"] is None
    assert {each["statistics"] for each in layer["units"]} == {None}
    unit = empty_layer.get(f"{MIXED}/units/2").json()
    assert unit["statistics"] == unit["neighbours"] == unit["effects"] == []


def test_the_schema_describes_every_new_answer(client: TestClient) -> None:
    shapes = client.get("/openapi.json").json()["components"]["schemas"]
    names = {"Statistics", "Summary", "Histogram", "Interval", "Quantile", "ClassValue", "Box"}
    for name in names | {"Neighbour", "Effect", "Effects"}:
        assert shapes[name]["description"].endswith(".")
        assert set(shapes[name]["required"]) == set(shapes[name]["properties"])
    page = client.get("/docs").text
    assert all(f'id="{name}"' in page for name in names)

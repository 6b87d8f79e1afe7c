"""The JSON API: the routes and fields that programs rely on."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

UNIT = "/api/v1/models/toy/layers/mixed3b/units/3"
CONV = "/api/v1/models/toy/layers/conv2d0"


def get(client: TestClient, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def test_models_are_listed(client: TestClient) -> None:
    (model,) = get(client, "/api/v1/models")["models"]
    assert (model["slug"], model["units"], model["pictured"]) == ("toy", 44, 32)
    assert model["weights_sha256"] == "ab" * 32
    assert get(client, model["href"])["slug"] == "toy"


def test_a_model_lists_its_layers_with_channels(client: TestClient) -> None:
    layers = get(client, "/api/v1/models/toy")["layers"]
    assert [(layer["name"], layer["channels"]) for layer in layers] == [
        ("conv2d0", 16),
        ("mixed3b", 24),
        ("logits", 4),
    ]
    assert layers[1]["branches"][1] == {"name": "3x3", "start": 8, "stop": 20}


def test_a_layer_lists_its_units(client: TestClient) -> None:
    layer = get(client, "/api/v1/models/toy/layers/mixed3b")
    assert [unit["unit"] for unit in layer["units"]] == list(range(24))
    assert layer["units"][3]["image"] == get(client, UNIT)["visualizations"][0]["image"]
    assert layer["units"][23]["image"] is None
    assert (layer["map_size"], layer["model"], layer["scanned"]) == (28, "toy", 12)


def test_a_unit_has_its_visualizations(client: TestClient) -> None:
    unit = get(client, UNIT)
    first = unit["visualizations"][0]
    assert [(each["technique"], each["seed"]) for each in unit["visualizations"]] == [
        ("channel", 0),
        ("channel", 1),
        ("negative", 0),
    ]
    assert (first["activation"], first["maximum"], first["seconds"]) == (15.5, 90.0, 1.5)
    assert first["recipe"]["body"]["steps"] == 256
    assert client.get(first["image"]).headers["content-type"] == "image/png"


def test_every_technique_of_a_unit_is_there_with_its_members(client: TestClient) -> None:
    found = get(client, f"{CONV}/units/5")["visualizations"]
    assert [(each["technique"], each["member"]) for each in found] == [
        ("channel", 0),
        ("neuron", 0),
        ("negative", 0),
        ("diversity", 0),
        ("diversity", 1),
        ("diversity", 2),
        ("diversity", 3),
    ]
    assert [each["minimum"] for each in found[:3]] == [None, -3.0, -60.0]
    assert found[0]["note"] is None
    assert found[1]["note"].startswith("This unit cannot be excited")


def test_a_picture_has_its_ratio_to_the_strongest_example(client: TestClient) -> None:
    found = get(client, f"{CONV}/units/5")["visualizations"]
    assert [each["ratio"] for each in found[:3]] == [2.25, 2.25, 3.0]
    old = get(client, UNIT)["visualizations"][2]
    assert (old["technique"], old["minimum"], old["ratio"]) == ("negative", None, None)


def test_a_layer_has_its_own_visualizations(client: TestClient) -> None:
    layer = get(client, CONV)
    dreams = layer["visualizations"]
    assert [(each["technique"], each["member"]) for each in dreams] == [
        ("deepdream", member) for member in range(3)
    ]
    assert dreams[0]["recipe"]["body"]["start"] == {"kind": "photograph", "name": "fox.jpg"}
    assert [each["ratio"] for each in dreams] == [None] * 3
    assert client.get(dreams[0]["image"]).status_code == 200
    assert get(client, "/api/v1/models/toy/layers/mixed3b")["visualizations"] == []


def test_the_pictures_of_classes_are_of_their_logit(client: TestClient) -> None:
    unit = get(client, "/api/v1/models/toy/layers/logits/units/1")
    assert [each["technique"] for each in unit["visualizations"]] == ["logit"]


def test_a_unit_has_its_examples_by_rank(client: TestClient) -> None:
    unit = get(client, UNIT)
    assert [each["rank"] for each in unit["examples"]] == [1, 2, 3]
    example = unit["examples"][0]
    picture, box, heat = example.pop("image"), example.pop("box"), example.pop("heat")
    assert example == {
        "kind": "top",
        "rank": 1,
        "activation": 40.0,
        "y": 3,
        "x": 5,
        "dataset": "foxes",
        "path": "fox/1.jpg",
        "label": "fox",
        "hidden": False,
    }
    assert client.get(picture).status_code == 200
    assert box == {"left": 0, "upper": 0, "right": 114, "lower": 98}
    assert client.get(heat).headers["content-type"] == "image/png"
    assert (unit["branch"], unit["scans"][0]["images"]) == ("1x1", 500)


def test_the_class_of_a_unit_of_logits_is_named(client: TestClient) -> None:
    assert get(client, "/api/v1/models/toy/layers/logits/units/1")["title"] == "<b>&\"'"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/nothing",
        "/api/v1/models/none",
        "/api/v1/models/toy/layers/none",
        "/api/v1/models/none/layers/mixed3b",
        "/api/v1/models/toy/layers/mixed3b/units/24",
        "/api/v1/models/toy/layers/mixed3b/units/99999999999999999999",
        "/api/v1/models/toy%00",
    ],
)
def test_unknown_things_are_not_found_as_json(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert set(answer.json()) == {"detail", "request"}


@pytest.mark.parametrize("unit", ["-1", "three", "1.5", "9" * 5000])
def test_what_is_no_index_cannot_be_read(client: TestClient, unit: str) -> None:
    answer = client.get(f"/api/v1/models/toy/layers/mixed3b/units/{unit}")
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("unit: ")


def test_the_api_can_only_be_read(client: TestClient) -> None:
    answer = client.post("/api/v1/models")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert "GET" in answer.json()["detail"]


def test_the_schema_names_every_operation(client: TestClient) -> None:
    schema = get(client, "/openapi.json")
    assert set(schema["paths"]) >= {
        "/api/v1/models",
        "/api/v1/models/{model}",
        "/api/v1/models/{model}/layers/{layer}",
        "/api/v1/models/{model}/layers/{layer}/units/{unit}",
    }
    page = client.get("/docs")
    assert all(path in page.text for path in schema["paths"])

"""The JSON of a panel: a part of the unit's answer, under the same names."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.web.panels import PANELS

UNIT = "/models/toy/mixed3b/2"


def panel(client: TestClient, name: str, path: str = UNIT) -> dict[str, Any]:
    answer = client.get(f"{path}/{name}.json")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
def whole(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/v1/models/toy/layers/mixed3b/units/2").json()
    return found


@pytest.mark.parametrize("name", PANELS)
def test_a_panel_says_of_which_unit_it_is(client: TestClient, name: str) -> None:
    found = panel(client, name)
    assert (found["model"], found["layer"], found["unit"]) == ("toy", "mixed3b", 2)
    assert found["weights_sha256"] == "ab" * 32
    assert found["page"] == f"{UNIT}#{name}"
    assert len(found) > 7, "and something of its own"


def test_examples_are_parted_by_kind(client: TestClient, whole: dict[str, Any]) -> None:
    top, spread = panel(client, "examples"), panel(client, "range")
    assert top["examples"] == [each for each in whole["examples"] if each["kind"] == "top"]
    assert len(top["examples"]) + len(spread["examples"]) == len(whole["examples"])
    assert spread["statistics"][0]["intervals"] == whole["statistics"][0]["intervals"]


def test_what_is_told_is_the_units_own(client: TestClient, whole: dict[str, Any]) -> None:
    assert panel(client, "effects")["effects"] == whole["effects"] != []
    assert panel(client, "similar")["neighbours"] == whole["neighbours"] != []
    assert panel(client, "provenance")["scans"] == whole["scans"] != []
    assert panel(client, "picture")["visualizations"] == whole["visualizations"][:1] != []
    (first, second) = panel(client, "histogram")["statistics"]
    assert first["histogram"] == whole["statistics"][0]["histogram"]
    assert first["mean"] == whole["statistics"][0]["mean"]
    assert "class_means" not in first
    assert second["dataset"] == "secrets"
    classes = panel(client, "classes")["statistics"][0]
    assert classes["class_means"] == whole["statistics"][0]["class_means"]


def test_a_kind_of_examples_is_a_panel(client: TestClient, whole: dict[str, Any]) -> None:
    kinds = {each["kind"] for each in whole["examples"]} - {"top", "minimum"}
    assert kinds
    for kind in kinds:
        found = panel(client, kind)
        assert found["examples"] == [each for each in whole["examples"] if each["kind"] == kind]
        assert found["scans"] == whole["scans"]


def test_pictures_are_parted_by_technique(client: TestClient) -> None:
    path = "/models/toy/conv2d0/5"
    assert len(panel(client, "diversity", path)["visualizations"]) == 4
    assert panel(client, "neuron", path)["visualizations"][0]["technique"] == "neuron"
    seeds = panel(client, "seeds", "/models/toy/mixed3b/3")["visualizations"]
    assert [each["seed"] for each in seeds] == [1]


@pytest.mark.parametrize("name", ["zebra", "neuron", "interval", "%00", "x" * 3000])
def test_a_panel_that_is_none_is_not_found(client: TestClient, name: str) -> None:
    answer = client.get(f"{UNIT}/{name}.json", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert "Those of every unit are" in answer.json()["detail"]


@pytest.mark.parametrize(
    "path", ["/models/toy/mixed3b/24", "/models/none/mixed3b/2", "/models/toy/x/2"]
)
def test_a_panel_of_no_unit_is_not_found(client: TestClient, path: str) -> None:
    assert client.get(f"{path}/picture.json").status_code == 404


def test_a_unit_without_anything_has_empty_panels(client: TestClient) -> None:
    found = panel(client, "picture", "/models/toy/mixed3b/23")
    assert found["visualizations"] == []
    assert panel(client, "seeds", "/models/toy/mixed3b/23")["visualizations"] == []

"""Lists in parts, and what else the API lists."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from app.config import Settings
from app.db.engine import open_for_writing
from app.db.transactions import writing
from app.db.writer.writer import Writer
from app.evidence.labels import Label
from app.evidence.visualizations import Visualization
from app.main import create_app
from app.tables import Hidden, Layer
from tests.app.conftest import Fill

API = "/api/v1"
TOY = f"{API}/models/toy"
MIXED = f"{TOY}/layers/mixed3b"
HOSTILE = "\u202e<script>alert('\"')</script>\n" * 300


def walk(client: TestClient, path: str, name: str) -> list[list[Any]]:
    """The parts of a list, as a program collects them."""
    parts = []
    following: str | None = path
    while following:
        answer = client.get(following)
        assert answer.status_code == 200, answer.text
        parts.append(answer.json()[name])
        following = answer.json()["next"]
    return parts


LISTS = [
    (f"{MIXED}/units", "units"),
    (f"{TOY}/classes", "classes"),
    (f"{MIXED}/units/2/examples", "examples"),
    (f"{MIXED}/units/2/examples?dataset=foxes", "examples"),
    (f"{MIXED}/units/2/examples?kind=interval-11", "examples"),
]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(which=st.sampled_from(LISTS), limit=st.integers(1, 40))
def test_parts_of_any_size_are_the_list(
    client: TestClient, which: tuple[str, str], limit: int
) -> None:
    path, name = which
    mark = "&" if "?" in path else "?"
    (whole,) = walk(client, f"{path}{mark}limit=1000", name)
    parts = walk(client, f"{path}{mark}limit={limit}", name)
    assert [item for part in parts for item in part] == whole
    assert all(len(part) == limit for part in parts[:-1])
    assert 1 <= len(parts[-1]) <= limit


def test_a_part_of_the_units_is_what_the_layer_lists(client: TestClient) -> None:
    layer = client.get(MIXED).json()
    part = client.get(f"{MIXED}/units").json()
    assert part["units"] == layer["units"]
    assert (part["statistics_dataset"], part["next"]) == ("foxes", None)


def test_the_examples_are_those_of_the_unit(client: TestClient) -> None:
    unit = client.get(f"{MIXED}/units/2").json()
    part = client.get(f"{MIXED}/units/2/examples").json()["examples"]
    key = ("dataset", "kind", "rank")
    assert sorted(map(str, part)) == sorted(map(str, unit["examples"]))
    keys = [tuple(each[name] for name in key) for each in part]
    assert keys == sorted(keys, key=lambda each: (each[0] != "foxes", each[1], each[2]))
    secret = client.get(f"{MIXED}/units/2/examples?dataset=secrets&kind=top").json()["examples"]
    assert [(each["dataset"], each["kind"], each["image"]) for each in secret] == [
        ("secrets", "top", None)
    ]


def test_after_the_end_there_is_nothing(client: TestClient) -> None:
    for path, name in ((f"{MIXED}/units", "units"), (f"{TOY}/classes", "classes")):
        answer = client.get(f"{path}?after=2147483647").json()
        assert (answer[name], answer["next"]) == ([], None)
    assert client.get(f"{API}/runs?after=0").json() == {"runs": [], "next": None}


def test_the_classes_are_named(client: TestClient) -> None:
    classes = client.get(f"{TOY}/classes").json()["classes"]
    assert [each["title"] for each in classes] == ["tabby", "<b>&\"'", "grey fox", "stäbchen"]
    assert client.get(classes[2]["href"]).json()["unit"] == 2
    assert client.get(classes[2]["image"]).status_code == 200


def test_columns_say_what_the_list_says(client: TestClient) -> None:
    columns = client.get(f"{MIXED}/statistics").json()
    listed = [each for each in client.get(MIXED).json()["units"] if each["statistics"]]
    assert columns["dataset"] == "foxes"
    assert columns["units"] == [each["unit"] for each in listed]
    for name in listed[0]["statistics"]:
        assert columns[name] == [each["statistics"][name] for each in listed]
    other = client.get(f"{MIXED}/statistics?dataset=secrets").json()
    assert (other["dataset"], other["units"], len(other["mean"])) == ("secrets", [2], 1)


def test_a_layer_without_statistics_has_empty_columns(empty_layer: TestClient) -> None:
    found = empty_layer.get(f"{MIXED}/statistics").json()
    assert (found["dataset"], found["units"], found["mean"]) == (None, [], [])
    assert empty_layer.get(f"{TOY}/labels").json()["labels"] == []
    assert empty_layer.get(f"{MIXED}/units/2/examples").json()["examples"] == []


def test_data_sets_are_listed(client: TestClient) -> None:
    found = client.get(f"{API}/datasets").json()["datasets"]
    assert [(each["slug"], each["private"]) for each in found] == [
        ("foxes", False),
        ("secrets", True),
    ]


@pytest.mark.parametrize(
    "path",
    [
        f"{API}/models/none/classes",
        f"{API}/models/none/labels",
        f"{API}/models/none/layers/mixed3b/units",
        f"{TOY}/layers/none/units",
        f"{TOY}/layers/none/statistics",
        f"{TOY}/labels?layer=none",
        f"{MIXED}/statistics?dataset=none",
        f"{MIXED}/units/24/examples",
        f"{MIXED}/units/2/examples?dataset=none",
        f"{MIXED}/units/2/examples?after=none:top:1",
        f"{API}/recipes/{'0' * 64}",
    ],
)
def test_unknown_names_are_not_found(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["detail"].endswith(".")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, fill: Fill) -> Iterator[TestClient]:
    """A client of a database with labels, several runs, and a hidden picture of mixed3b:0."""
    path = str(tmp_path_factory.mktemp("told") / "told.db")
    fill(path)
    engine = open_for_writing(path)
    for number in range(3):
        run = Writer(engine).start_run("toy", {"command": f"precompute /home/me/{number}"}, "0.1.0")
        Writer(engine).end_run(run, "failed", "No file /home/me", ["/home/me/a.jpg: broken"])
    with writing(engine) as connection:
        ids = {row.name: row.id for row in connection.execute(select(Layer.name, Layer.id))}
        rows = [
            {"layer_id": ids[layer], "start": start, "stop": stop, "label": label, "source": "me"}
            for layer, start, stop, label in (
                ("mixed3b", 2, 3, HOSTILE),
                ("mixed3b", 0, 8, "textures"),
                ("conv2d0", 3, 4, "edges"),
            )
        ]
        connection.execute(insert(Label), rows)
        own = select(Visualization.image_sha256).where(Visualization.layer_id == ids["mixed3b"])
        image = connection.scalar(own.order_by(Visualization.unit_id))
        hidden = {
            "sha256": image,
            "reason": "it frightens",
            "created": datetime(2026, 3, 7, tzinfo=UTC),
        }
        connection.execute(insert(Hidden), [hidden])
    engine.dispose()
    with TestClient(create_app(Settings(database=path))) as client:
        yield client


def test_labels_stand_in_the_order_of_the_network(told: TestClient) -> None:
    found = told.get(f"{TOY}/labels").json()["labels"]
    assert [(each["layer"], each["start"], each["stop"]) for each in found] == [
        ("conv2d0", 3, 4),
        ("mixed3b", 0, 8),
        ("mixed3b", 2, 3),
    ]
    assert found[2]["label"] == HOSTILE
    assert (found[2]["family"], found[2]["note"], found[2]["source"]) == (None, None, "me")
    own = told.get(f"{TOY}/labels?layer=conv2d0").json()["labels"]
    assert [each["label"] for each in own] == ["edges"]


def test_a_unit_has_its_labels(told: TestClient) -> None:
    labels = told.get(f"{MIXED}/units/2").json()["labels"]
    assert sorted(each["label"] for each in labels) == sorted(["textures", HOSTILE])
    assert told.get(f"{MIXED}/units/9").json()["labels"] == []


def test_runs_come_newest_first_and_in_parts(told: TestClient) -> None:
    parts = walk(told, f"{API}/runs?limit=3&model=toy", "runs")
    assert [len(part) for part in parts] == [3, 1]
    numbers = [each["run"] for part in parts for each in part]
    assert numbers == sorted(numbers, reverse=True)
    assert {each["state"] for each in parts[0]} == {"failed"}
    assert parts[0][0]["skipped"] == 1
    assert told.get(f"{API}/runs?model=none").json()["runs"] == []


def test_runs_tell_nothing_of_the_machine(told: TestClient) -> None:
    text = told.get(f"{API}/runs").text
    assert "/home" not in text
    assert "jpg" not in text


def test_a_hidden_picture_is_nowhere(told: TestClient) -> None:
    unit = told.get(f"{MIXED}/units/0").json()
    assert unit["visualizations"][0]["image"] is None
    assert told.get(MIXED).json()["units"][0]["image"] is None
    assert told.get(f"{MIXED}/units").json()["units"][0]["image"] is None
    assert told.get(MIXED).json()["units"][1]["image"] is not None

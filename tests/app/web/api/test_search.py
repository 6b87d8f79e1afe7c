"""Searching as JSON: typed, described, and the same as the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.config import Settings
from app.db.engine import open_for_writing
from app.db.maintenance import hidden_images
from app.db.queries import catalog, unit_detail
from app.main import create_app

API = "/api/v1/search"


def get(client: TestClient, path: str = API, **params: str | int) -> Any:
    answer = client.get(path, params=params)
    assert answer.status_code == 200
    return answer.json()


def test_a_unit_is_answered_with_its_links(client: TestClient) -> None:
    found = get(client, q="mixed3b_3x3:2")
    (unit,) = found["units"]
    assert found["certain"] is True
    assert (unit["model"], unit["layer"], unit["unit"], unit["branch"]) == (
        "toy",
        "mixed3b",
        10,
        "3x3",
    )
    assert found["notes"][0] == "Unit 2 of the 3×3 branch is mixed3b:10."
    assert client.get(unit["image"]).status_code == 200
    assert client.get(unit["page"]).status_code == 200
    assert client.get(unit["href"]).json()["unit"] == 10
    assert client.get(found["page"]).status_code == 200


def test_a_layer_is_answered_as_a_place(client: TestClient) -> None:
    (place,) = get(client, q="mixed3b_pool")["places"]
    assert place == {
        "kind": "branch",
        "model": "toy",
        "model_title": "A toy network",
        "layer": "mixed3b",
        "branch": "pool",
        "name": "mixed3b_pool",
        "detail": "branch, units 20 to 23",
        "page": "/models/toy/mixed3b#branch-pool",
    }


def test_numbers_are_numbers(client: TestClient) -> None:
    found = get(client, q="dead sort:maximum")
    assert found["units"][0]["numbers"] == {"density": 0.0, "maximum": 51.0}
    assert found["datasets"] == ["Foxes & friends"]


def test_pages_follow_each_other(client: TestClient) -> None:
    seen, found = [], get(client, q="layer:3b", limit=10)
    while True:
        seen += [unit["unit"] for unit in found["units"]]
        if found["next"] is None:
            break
        found = get(client, q="layer:3b", limit=10, after=found["after"])
    assert seen == list(range(24))
    assert found["after"] is None


def test_the_next_answer_is_linked(client: TestClient) -> None:
    found = get(client, q="density>=0")
    assert found["next"] is None, "32 units are one page"
    cut = get(client, q="density>=0", limit=31)
    assert len(client.get(cut["next"]).json()["units"]) == 1


def test_problems_are_sentences_and_no_failures(client: TestClient) -> None:
    found = get(client, q="densty<1")
    assert found["units"] == []
    assert found["problems"][0].startswith("There is no statistic “densty”; did you mean density?")


@pytest.mark.parametrize("limit", ["0", "51", "x"])
def test_a_limit_that_cannot_be_is_refused_but_by_the_box(client: TestClient, limit: str) -> None:
    assert client.get(API, params={"q": "3b:3", "limit": limit}).status_code == 422
    assert len(get(client, "/search.json", q="layer:3b", limit=limit)["units"]) == 24


def test_the_box_is_answered_the_same(client: TestClient) -> None:
    for query in ("3b:3", "tabby", "mixed", "layer:3b density<1%", "foo:1", ""):
        assert get(client, "/search.json", q=query) == get(client, q=query)
    assert len(get(client, "/search.json", q="layer:3b", limit=8)["units"]) == 8


def test_every_field_is_described(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()
    operation = schema["paths"][API]["get"]
    assert {each["name"] for each in operation["parameters"]} == {"q", "after", "limit"}
    assert all(each["description"] for each in operation["parameters"])
    for name in ("SearchAnswer", "FoundUnit", "FoundPlace"):
        assert schema["components"]["schemas"][name]["description"]
    assert API in client.get("/docs").text


@pytest.fixture(scope="module")
def veiled(
    tmp_path_factory: pytest.TempPathFactory, fill: Callable[..., None]
) -> Iterator[TestClient]:
    """The picture of mixed3b:5 and the first example of mixed3b:2 are hidden."""
    path = str(tmp_path_factory.mktemp("veiled") / "toy.db")
    fill(path)
    engine = open_for_writing(path)
    picture = catalog.units(engine, "toy", "mixed3b")[5].image
    view = unit_detail.unit(engine, "toy", "mixed3b", 2).examples[0].image
    assert picture is not None
    assert view is not None
    hidden_images.hide(engine, {picture.sha256: "", view.sha256: ""})
    engine.dispose()
    with TestClient(create_app(Settings(database=path))) as client:
        yield client


def pictures(found: Any) -> Iterator[dict[str, Any]]:
    """Every part of an answer that says whether its picture is hidden."""
    if isinstance(found, dict):
        if "hidden" in found:
            yield found
        for each in found.values():
            yield from pictures(each)
    if isinstance(found, list):
        for each in found:
            yield from pictures(each)


@pytest.mark.parametrize(
    "path",
    [
        f"{API}?q=3b:5",
        "/search.json?q=layer:3b",
        "/api/v1/models/toy/layers/mixed3b",
        "/api/v1/models/toy/layers/mixed3b/units/5",
        "/api/v1/models/toy/layers/mixed3b/units/2",
    ],
)
def test_a_hidden_picture_is_null_in_every_answer(veiled: TestClient, path: str) -> None:
    found = list(pictures(veiled.get(path).json()))
    hidden_ones = [each for each in found if each["hidden"]]
    assert hidden_ones
    assert all(each["image"] is None for each in hidden_ones)
    shown = {each["image"] for each in found if not each["hidden"]} - {None}
    assert all(veiled.get(image).status_code == 200 for image in shown)


def test_the_heat_map_of_a_hidden_example_is_null_and_gone(
    veiled: TestClient, client: TestClient
) -> None:
    path = "/api/v1/models/toy/layers/mixed3b/units/2"
    heat = client.get(path).json()["examples"][-1]["heat"]
    assert client.get(heat).status_code == 200
    for each in veiled.get(path).json()["examples"]:
        if each["hidden"]:
            assert each["heat"] is None
    top = "/heat/toy/mixed3b/2/foxes/top/1.png"
    hidden_kinds = [e["kind"] for e in veiled.get(path).json()["examples"] if e["hidden"]]
    gone = top if "top" in hidden_kinds else f"/heat/toy/mixed3b/2/foxes/{hidden_kinds[0]}/1.png"
    assert veiled.get(gone).status_code == 404
    assert client.get(gone).status_code == 200


@pytest.mark.parametrize("show", ["crop", "whole", "heat"])
def test_a_hidden_example_is_on_no_page(veiled: TestClient, show: str) -> None:
    html = veiled.get(f"/models/toy/mixed3b/2?show={show}").text
    assert "hidden by the maintainer" in html
    listed = veiled.get("/api/v1/models/toy/layers/mixed3b/units/2").json()["examples"]
    engine = veiled.app.state.app_state.engine  # type: ignore[attr-defined]
    for view in hidden_images.listed(engine):
        assert view.sha256 not in html
    assert any(each["hidden"] for each in listed)

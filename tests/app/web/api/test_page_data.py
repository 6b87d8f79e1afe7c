"""The JSON of a page at the page's own address."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

SAME = [
    ("/models", "/api/v1/models"),
    ("/models/toy", "/api/v1/models/toy"),
    ("/models/toy/mixed3b", "/api/v1/models/toy/layers/mixed3b"),
    ("/models/toy/mixed3b/2", "/api/v1/models/toy/layers/mixed3b/units/2"),
]


@pytest.mark.parametrize(("page", "api"), SAME)
def test_a_page_is_json_at_its_own_address(client: TestClient, page: str, api: str) -> None:
    found = client.get(f"{page}.json")
    assert found.status_code == 200
    assert found.headers["content-type"] == "application/json"
    assert found.content == client.get(api).content
    assert client.get(f"{page}.json?sort=mean&show=heat").content == found.content


@pytest.mark.parametrize("page", [page for page, _ in SAME])
def test_a_page_leads_to_its_json(client: TestClient, page: str) -> None:
    html = client.get(page).text
    link = re.search(r'rel="alternate" type="application/json" href="([^"]*)"', html)
    assert link
    assert link.group(1) == f"{page}.json"


@pytest.mark.parametrize(
    ("path", "ours"),
    [
        ("/models/toy/mixed3b_0.json", "/models/toy/mixed3b.json"),
        ("/models/toy/mixed3b_0/3.json", "/models/toy/mixed3b/3.json"),
    ],
)
def test_microscopes_slugs_lead_to_ours(client: TestClient, path: str, ours: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (308, ours)


@pytest.mark.parametrize(
    "path",
    [
        "/models/none.json",
        "/models/none/mixed3b.json",
        "/models/none/mixed3b_0/3.json",
        "/models/toy/none.json",
        "/models/toy/mixed3b/24.json",
        "/models/toy/mixed3b/03.json",
        "/models/toy/mixed3b/two.json",
        "/models/.json",
        "/none.json",
    ],
)
def test_what_is_not_there_is_said_as_json(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert set(answer.json()) == {"detail", "request"}

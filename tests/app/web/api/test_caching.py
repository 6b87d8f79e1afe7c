"""An answer that a client has is not sent twice."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

PATHS = ["/api/v1/models", "/models/toy.json", "/api/v1/models/toy/layers/mixed3b/units?limit=3"]


@pytest.mark.parametrize("path", PATHS)
def test_an_answer_that_the_client_has_is_not_sent_again(client: TestClient, path: str) -> None:
    first = client.get(path)
    assert first.headers["etag"].startswith('W/"')
    assert first.headers["cache-control"] == "no-cache"
    same = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["etag"] == first.headers["etag"]
    other = client.get(path, headers={"If-None-Match": 'W/"other"'})
    assert other.content == first.content


def test_another_answer_has_another_tag(client: TestClient) -> None:
    tags = {client.get(path).headers["etag"] for path in PATHS}
    assert len(tags) == len(PATHS)


def test_the_tag_is_the_same_whether_compressed_or_not(client: TestClient) -> None:
    path = "/api/v1/models/toy/layers/mixed3b"
    small = client.get(path, headers={"Accept-Encoding": "gzip"})
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    assert small.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert small.headers["etag"] == plain.headers["etag"]
    assert small.json() == plain.json()


def test_a_recipe_is_kept_for_ever(client: TestClient) -> None:
    unit = client.get("/api/v1/models/toy/layers/mixed3b/units/2").json()
    for recipe in (unit["visualizations"][0]["recipe"], unit["scans"][0]["recipe"]):
        answer = client.get(f"/api/v1/recipes/{recipe['sha256']}")
        assert answer.json() == recipe
        assert "immutable" in answer.headers["cache-control"]


def test_a_failure_is_never_kept(client: TestClient) -> None:
    for path in ("/api/v1/models/none", "/api/v1/runs?limit=0", f"/api/v1/recipes/{'0' * 64}"):
        answer = client.get(path)
        assert answer.status_code in (404, 422)
        assert answer.headers["cache-control"] == "no-store"

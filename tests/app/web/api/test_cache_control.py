"""How long answers of the API may be kept; `tests/app/web/test_caching.py` tests their ETags."""

from __future__ import annotations

from fastapi.testclient import TestClient

PATHS = ["/api/v1/models", "/models/toy.json", "/api/v1/models/toy/layers/mixed3b/units?limit=3"]


def test_an_answer_has_an_etag_of_its_own_and_says_how_long_it_may_be_kept(
    client: TestClient,
) -> None:
    answers = [client.get(path) for path in PATHS]
    assert len({answer.headers["etag"] for answer in answers}) == len(PATHS)
    assert {answer.headers["cache-control"] for answer in answers} == {"no-cache"}


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

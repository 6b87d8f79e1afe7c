"""What other sites may read: data and pictures of every kind of answer, but no page."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from app.config import Settings
from app.main import create_app
from app.web.middleware import is_open

UNIT = "/api/v1/models/toy/layers/mixed3b/units/2"
ASKS = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"}
OPEN = ["/api/v1/models", "/models.json", "/models/toy/mixed3b/2.json", "/openapi.json", UNIT]
OPEN += ["/api/v1/models/none", "/api/v1/nothing", "/models/none.json", "/api/v1/runs?limit=0"]
CLOSED = ["/", "/models", "/models/toy", "/models/toy/mixed3b/2", "/docs", "/models/none"]
CLOSED += ["/healthz", "/readyz", "/metrics", "/robots.txt"]


def cross(headers: object) -> dict[str, str]:
    """The headers about other sites."""
    found = dict(headers)  # type: ignore[call-overload]
    return {
        name: value
        for name, value in found.items()
        if "cross-origin-res" in name or (name.startswith("access-control"))
    }


@pytest.mark.parametrize("path", OPEN)
@pytest.mark.parametrize("origin", [{}, {"Origin": "https://elsewhere.example"}])
def test_data_may_be_read_from_anywhere(
    client: TestClient, path: str, origin: dict[str, str]
) -> None:
    """Whether the request names an origin or not: caches keep one answer for both."""
    for answer in (client.get(path, headers=origin), client.head(path, headers=origin)):
        assert cross(answer.headers) == {
            "access-control-allow-origin": "*",
            "access-control-expose-headers": "ETag",
            "cross-origin-resource-policy": "cross-origin",
        }


def test_pictures_and_heat_maps_may_be_shown_anywhere(client: TestClient) -> None:
    unit = client.get(UNIT).json()
    example = unit["examples"][0]
    for path in (unit["visualizations"][0]["image"], example["image"], example["heat"]):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        same = client.get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert (same.status_code, same.headers["access-control-allow-origin"]) == (304, "*")


@pytest.mark.parametrize("path", CLOSED)
def test_pages_may_not(client: TestClient, path: str) -> None:
    assert cross(client.get(path, headers=ASKS).headers) == {}
    asked = client.options(path, headers=ASKS)
    assert (asked.status_code, asked.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    assert cross(asked.headers) == {}


@pytest.mark.parametrize("path", OPEN)
def test_a_preflight_is_granted_without_credentials(client: TestClient, path: str) -> None:
    wanted = ASKS | {"Access-Control-Request-Headers": "if-none-match, x-anything"}
    answer = client.options(path, headers=wanted)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD"
    assert answer.headers["access-control-allow-headers"] == "*"
    assert "access-control-allow-credentials" not in answer.headers


def test_options_alone_names_the_methods(client: TestClient) -> None:
    answer = client.options("/api/v1/models")
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    assert "access-control-allow-methods" not in answer.headers


def test_nothing_else_of_an_answer_changes(client: TestClient) -> None:
    page = client.get("/models").headers
    data = client.get("/models.json").headers
    new = {"access-control-allow-origin", "access-control-expose-headers"}
    assert set(data) - set(page) == new | {"cross-origin-resource-policy"}
    for name in ("content-security-policy", "x-frame-options", "x-content-type-options"):
        assert data[name] == page[name]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
@pytest.mark.parametrize("path", ["/models", "/models.json", "/api/v1/models", "/img/x.png"])
def test_other_methods_are_refused(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize("kept", ["/lab", ""])
def test_below_a_prefix_the_same_is_open(database: str, kept: str) -> None:
    with TestClient(create_app(Settings(database=database, root_path="/lab"))) as client:
        assert "access-control-allow-origin" in client.get(f"{kept}/api/v1/models").headers
        assert "access-control-allow-origin" not in client.get(f"{kept}/models").headers


@pytest.mark.parametrize("path", ["/apiary", "/images", "/models.jsonx", "/api", "/"])
def test_what_only_looks_like_data_is_closed(path: str) -> None:
    assert not is_open(path)

"""The application as a whole: headers, compression, prefixes, failures."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.config import Settings
from app.db.engine import open_for_writing
from app.errors import DatabaseMissing
from app.main import create_app
from app.web.error_handlers import prefers_json


@pytest.mark.parametrize("path", ["/", "/models/none", "/api/v1/models", "/healthz", "/img/x.png"])
def test_every_answer_has_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert {"referrer-policy", "permissions-policy", "server-timing"} <= set(headers)


def test_pages_are_compressed(client: TestClient) -> None:
    answer = client.get("/models/toy/mixed3b", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "vary" in answer.headers


@pytest.mark.parametrize("path", ["/", "/models/toy/mixed3b/3", "/api/v1/models", "/robots.txt"])
def test_head_answers_as_get_without_a_body(client: TestClient, path: str) -> None:
    head = client.head(path, headers={"Accept-Encoding": "identity"})
    whole = client.get(path, headers={"Accept-Encoding": "identity"})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]


def test_a_static_file_is_kept_for_ever_under_its_true_digest(client: TestClient) -> None:
    page = client.get("/").text
    path = page.split('rel="stylesheet" href="')[1].split('"')[0]
    kept = client.get(path)
    assert kept.headers["content-type"].startswith("text/css")
    assert "immutable" in kept.headers["cache-control"]
    old = client.get("/static/0000000000000000/site.css")
    assert (old.headers["cache-control"], old.content) == ("no-cache", kept.content)


def test_services_answer(client: TestClient) -> None:
    assert client.get("/healthz").json()["status"] == "ok"
    assert client.get("/robots.txt").text.startswith("User-agent: *")
    assert client.get("/favicon.ico").headers["content-type"] == "image/svg+xml"
    assert client.get("/api").headers["location"] == "/docs"


@pytest.mark.parametrize("kept", ["/lab", ""])
def test_below_a_prefix_every_path_begins_with_it(database: str, kept: str) -> None:
    """Whether the proxy keeps the prefix in the path, or cuts it off."""
    app = create_app(Settings(database=database, root_path="/lab"))
    with TestClient(app) as client:
        unit = client.get(f"{kept}/api/v1/models/toy/layers/mixed3b/units/3").json()
        assert unit["visualizations"][0]["image"].startswith("/lab/img/")
        assert 'href="/lab/models/toy"' in client.get(f"{kept}/models").text
        missing = client.get(f"{kept}/api/v1/none", headers={"Accept": "text/html"})
        assert missing.json()["detail"]


def test_two_applications_share_nothing(database: str, empty_database: str) -> None:
    with (
        TestClient(create_app(Settings(database=database))) as full,
        TestClient(create_app(Settings(database=empty_database))) as empty,
    ):
        assert len(full.get("/api/v1/models").json()["models"]) == 1
        assert empty.get("/api/v1/models").json() == {"models": []}


def test_without_a_database_there_is_no_application(tmp_path: Path) -> None:
    with pytest.raises(DatabaseMissing):
        create_app(Settings(database=str(tmp_path / "none.db")))


def test_a_database_that_goes_away_is_a_503(tmp_path: Path) -> None:
    path = tmp_path / "gone.db"
    open_for_writing(str(path)).dispose()
    app = create_app(Settings(database=str(path)))
    app.state.app_state.engine.dispose()
    path.unlink()
    with TestClient(app) as client:
        page = client.get("/models", headers={"Accept": "text/html"})
        assert (page.status_code, page.headers["retry-after"]) == (503, "10")
        assert "The database is not available" in page.text
        assert 'role="search"' not in page.text
        assert client.get("/api/v1/models").status_code == 503
        assert client.get("/healthz").status_code == 200


def test_a_page_that_is_not_there_offers_the_search(client: TestClient) -> None:
    page = client.get("/models/toy/mixed3b/99", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert 'action="/search" role="search"' in page.text
    assert "has no unit 99: its units are 0 to 23." in page.text


def test_a_bug_is_a_500_in_words(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(engine: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("app.db.queries.catalog.models", broken)
    with TestClient(create_app(Settings(database=database))) as client:
        for path, accept in (("/models", "text/html"), ("/api/v1/models", "*/*")):
            answer = client.get(path, headers={"Accept": accept})
            assert answer.status_code == 500
            assert "secret detail" not in answer.text
            assert "content-security-policy" in answer.headers


@pytest.mark.parametrize(
    ("path", "accept", "expected"),
    [
        ("/api/v1/models", "text/html", True),
        ("/apiary", "text/html", False),
        ("/openapi.json", "*/*", True),
        ("/models", "", False),
        ("/models", "*/*", False),
        ("/models", "application/json", True),
        ("/models", "application/json;q=0.5, text/html", False),
        ("/models", "text/html;q=0.1, application/json", True),
        ("/models", "text/html, application/json;q=x", False),
        ("/models", "text/html,application/xhtml+xml,*/*;q=0.8", False),
    ],
)
def test_a_failure_is_told_as_the_client_asked(path: str, accept: str, expected: bool) -> None:
    assert prefers_json(path, accept) is expected


def test_a_slash_at_the_end_is_left_out_whatever_the_prefix(client: TestClient) -> None:
    answer = client.get("/models/toy/", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (308, "../toy")
    assert client.get("/models/toy/mixed3b/", follow_redirects=True).status_code == 200
    assert (
        client.get("http://testserver//evil.example/", follow_redirects=False).headers["location"][
            :3
        ]
        == "../"
    )

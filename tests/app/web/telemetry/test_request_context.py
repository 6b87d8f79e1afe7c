"""Request ids, and paths in log lines."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from app.web.telemetry.request_context import HEADER, MAX_PATH, path_of, request_id

VALID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def scope(**changed: object) -> dict[str, object]:
    return {"type": "http", "method": "GET", "path": "/", "raw_path": b"/", "headers": []} | changed


@given(st.binary(max_size=100))
def test_an_id_is_kept_if_it_is_valid_and_else_replaced(value: bytes) -> None:
    result = request_id(scope(headers=[(b"host", b"x"), (HEADER, value)]))
    assert VALID.fullmatch(result)
    assert VALID.fullmatch(value.decode("latin-1")) is None or result == value.decode()


def test_new_ids_are_unique() -> None:
    assert len({request_id(scope()) for _ in range(1000)}) == 1000


@given(st.binary(max_size=500))
def test_a_path_never_breaks_a_log_line(raw: bytes) -> None:
    path = path_of(scope(raw_path=raw))
    assert path.isascii() or path.endswith("…")
    assert path.isprintable()
    assert " " not in path
    assert len(path) <= MAX_PATH + 1


@given(st.binary(min_size=1, max_size=50))
def test_a_logged_path_decodes_to_the_path_that_was_sent(raw: bytes) -> None:
    sent = raw.partition(b"?")[0]
    assert unquote_to_bytes(path_of(scope(raw_path=raw))) == unquote_to_bytes(sent)


@pytest.mark.parametrize(
    "path",
    ["/", "/models/none", "/api/v1/models", "/healthz", "/img/x.png", "/metrics", "/models/toy/"],
)
def test_every_response_has_an_id_and_its_duration(client: TestClient, path: str) -> None:
    given = client.get(path, headers={"X-Request-ID": "a.B-9_"})
    assert given.headers.get_list("x-request-id") == ["a.B-9_"]
    assert re.fullmatch(r"app;dur=\d+\.\d", given.headers["server-timing"])
    new = [client.get(path).headers["x-request-id"] for _ in range(2)]
    assert new[0] != new[1]
    hostile = client.get(path, headers={"X-Request-ID": '"><script>'})
    assert VALID.fullmatch(hostile.headers["x-request-id"])


def test_a_server_error_shows_the_id(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(engine: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("app.db.queries.catalog.models", broken)
    page = client.get("/models", headers={"Accept": "text/html", "X-Request-ID": "seen-1"})
    assert (page.status_code, "<code>seen-1</code>" in page.text) == (500, True)
    data = client.get("/api/v1/models", headers={"X-Request-ID": "seen-2"})
    assert data.json()["request"] == "seen-2"


def test_a_page_that_is_not_found_shows_no_id(client: TestClient) -> None:
    page = client.get("/models/none", headers={"Accept": "text/html", "X-Request-ID": "seen-3"})
    assert (page.status_code, "seen-3" in page.text) == (404, False)

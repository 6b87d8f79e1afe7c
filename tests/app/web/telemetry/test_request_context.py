"""Each request has a number: one that it brought, where that is harmless, else a new one."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from app.web.telemetry.request_context import HEADER, MAX_PATH, request_id, path_of

SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")


def scope(**given: object) -> dict[str, object]:
    return {"type": "http", "method": "GET", "path": "/", "raw_path": b"/", "headers": []} | given


@given(st.binary(max_size=100))
def test_no_header_makes_a_number_that_is_not_sane(value: bytes) -> None:
    found = request_id(scope(headers=[(b"host", b"x"), (HEADER, value)]))
    assert SANE.fullmatch(found)
    assert SANE.fullmatch(value.decode("latin-1")) is None or found == value.decode()


def test_numbers_differ() -> None:
    assert len({request_id(scope()) for _ in range(1000)}) == 1000


@given(st.binary(max_size=500))
def test_no_path_breaks_a_line_of_the_log(raw: bytes) -> None:
    text = path_of(scope(raw_path=raw))
    assert text.isascii() or text.endswith("…")
    assert text.isprintable()
    assert " " not in text
    assert len(text) <= MAX_PATH + 1


@given(st.binary(min_size=1, max_size=50))
def test_a_path_in_the_log_is_the_one_that_was_sent(raw: bytes) -> None:
    sent = raw.partition(b"?")[0]
    assert unquote_to_bytes(path_of(scope(raw_path=raw))) == unquote_to_bytes(sent)


@pytest.mark.parametrize(
    "path",
    ["/", "/models/none", "/api/v1/models", "/healthz", "/img/x.png", "/metrics", "/models/toy/"],
)
def test_every_kind_of_answer_bears_the_number_of_its_request(
    visitor: TestClient, path: str
) -> None:
    brought = visitor.get(path, headers={"X-Request-ID": "a.B-9_"})
    assert brought.headers.get_list("x-request-id") == ["a.B-9_"]
    made = [visitor.get(path).headers["x-request-id"] for _ in range(2)]
    assert made[0] != made[1]
    hostile = visitor.get(path, headers={"X-Request-ID": '"><script>'})
    assert SANE.fullmatch(hostile.headers["x-request-id"])


def test_a_failure_says_its_number_so_that_a_reader_can_report_it(
    visitor: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(engine: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("app.db.queries.catalog.models", broken)
    page = visitor.get("/models", headers={"Accept": "text/html", "X-Request-ID": "seen-1"})
    assert (page.status_code, "<code>seen-1</code>" in page.text) == (500, True)
    data = visitor.get("/api/v1/models", headers={"X-Request-ID": "seen-2"})
    assert data.json()["request"] == "seen-2"


def test_what_is_only_not_there_is_not_worth_a_report(visitor: TestClient) -> None:
    page = visitor.get("/models/none", headers={"Accept": "text/html", "X-Request-ID": "seen-3"})
    assert (page.status_code, "seen-3" in page.text) == (404, False)

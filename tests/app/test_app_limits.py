"""What a request may cost, and what strangers learn when something fails."""

from __future__ import annotations

import resource
from pathlib import Path
from time import monotonic

import pytest
from fastapi.testclient import TestClient

from app import limits
from app.main import create_app
from app.pages.compare import NAMED
from app.settings import Settings
from app.store.engine import open_for_writing
from app.urls import Urls
from tests.serving import PATIENCE

# Texts that a parser or a database could chew on for ever: repeated beginnings of what it knows.
PATTERNS = (
    "a", "a.", "a/", "a:", "http://", "/models/", "-", '"', "_", "mixed4c_", "1", "not ", "dead ",
    "a<", "%", "%_", "label:", 'class:"', "branch:", "layer:4c ", "density<1 ", "\u200b", "ß", "̈",
    "mixed_pre_relu", "-label:a ", "class:a ", "sort:effect ", "*", "\\", "'", "((((",
)  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_search_for_anything_ends_soon(client: TestClient, pattern: str) -> None:
    text = pattern * (limits.ADDRESS // len(pattern.encode()) // 3)
    began = monotonic()
    for path in ("/search", "/search.json", "/api/v1/search"):
        assert client.get(path, params={"q": text, "after": text[:1000]}).status_code == 200
    # Whatever is not bounded takes for ever with texts of this length.
    assert monotonic() - began < PATIENCE


@pytest.mark.parametrize("path", ["/api/v1/search?q=a", "/api/v1/runs?"])
@pytest.mark.parametrize("limit", ["0", "-1", "1001", "9" * 400, "1e3", "NaN"])
def test_a_page_of_a_list_has_a_size_that_it_cannot_have(
    client: TestClient, path: str, limit: str
) -> None:
    assert client.get(f"{path}&limit={limit}").status_code == 422


def test_more_units_than_an_address_can_name_are_refused(client: TestClient) -> None:
    units = [f"mixed3b:{unit}" for unit in range(NAMED)]
    assert client.get("/compare", params={"u": units}).status_code == 200
    answer = client.get("/compare", params={"u": [*units, "mixed3b:1"]})
    assert answer.status_code == 400
    assert f"can name {NAMED} units" in answer.text


def test_every_address_of_ours_is_far_shorter_than_the_limit() -> None:
    name = "n" * 80
    units = [(name, name, 10**8 + number) for number in range(4)]
    assert len(Urls("/prefix").compare(units, show="heat", counts="log")) < limits.ADDRESS / 4


def test_where_the_database_is_strangers_are_not_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "secret" / "gone.db"
    path.parent.mkdir()
    open_for_writing(str(path)).dispose()
    app = create_app(Settings(database=str(path)))
    app.state.house.engine.dispose()
    path.unlink()
    with TestClient(app) as client:
        for address in ("/models", "/api/v1/models"):
            answer = client.get(address)
            assert answer.status_code == 503
            assert "secret" not in answer.text
            assert "try again" in answer.text
            assert str(path) in caplog.text, "but the log is"
            caplog.clear()


def test_as_many_files_may_be_open_as_connections_need() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, before[1]), before[1]))
        limits.allow_files(300)
        wanted = min(2 * 300 + limits.OWN_FILES, before[1])
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (wanted, before[1])
        limits.allow_files(10)
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == wanted, "it is never lowered"
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)

"""`/metrics`: what was asked, told by route; what is unknown has one name, so series are few."""

from __future__ import annotations

import re
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app import __version__
from app.config import Settings
from app.db.engine import open_for_writing
from app.db.writer.writer import Writer
from app.main import create_app
from app.web.api.schemas.network import Health
from app.web.image_routes import ROUTE
from tests.app.web.telemetry.scrape import scrape

DOCS = Path(__file__).parents[4] / "docs" / "operations.md"
UNIT = "/models/{model}/{layer}/{unit}"


def picture_of(client: TestClient) -> str:
    unit = client.get("/api/v1/models/toy/layers/mixed3b/units/3").json()
    found: str = unit["visualizations"][0]["image"]
    return found


def test_requests_are_counted_by_route_method_and_class_of_status(visitor: TestClient) -> None:
    for unit in (1, 2, 3, 99):
        visitor.get(f"/models/toy/mixed3b/{unit}")
    visitor.head("/models/toy/mixed3b/1")
    visitor.post("/models/toy/mixed3b/1")
    found = scrape(visitor)
    assert found.requests(UNIT) == 3
    assert found.requests(UNIT, status="4xx") == 1
    assert found.requests(UNIT, "HEAD") == 1
    assert found.requests(UNIT, "POST", "4xx") == 1
    assert found.value("microscope_request_seconds_count", route=UNIT) == 6


def test_addresses_and_methods_that_nobody_knows_make_no_series(visitor: TestClient) -> None:
    for number in range(20):
        visitor.get(f"/none/{number}")
        visitor.request(f"METHOD{number}", "/models")
        visitor.get(f"/img/{number:064x}.png")
    found = scrape(visitor)
    assert found.requests("none", status="4xx") == 20
    assert found.requests("/models", "other", "4xx") == 20
    assert found.requests(ROUTE, status="4xx") == 20
    assert found.labels("microscope_requests_total", "route") == {"none", "/models", ROUTE}


@pytest.mark.parametrize("kept", ["/lab", ""])
def test_a_prefix_is_no_part_of_a_route(database: str, kept: str) -> None:
    with TestClient(create_app(Settings(database=database, root_path="/lab"))) as client:
        client.get(f"{kept}/models/toy")
        client.get(f"{kept}/openapi.json")
        client.get(f"{kept}/img/{'0' * 64}.png")
        found = scrape(client)
    assert found.requests("/models/{model}") == 1
    assert found.requests("/openapi.json") == 1
    assert found.requests(ROUTE, status="4xx") == 1


def test_the_histogram_and_the_bytes_are_those_of_the_answers(visitor: TestClient) -> None:
    answers = [visitor.get("/models.json", headers={"Accept-Encoding": "identity"}) for _ in "ab"]
    found = scrape(visitor)
    sizes = sum(len(answer.content) for answer in answers)
    route = {"route": "/models.json"}
    assert found.value("microscope_response_bytes_total", **route) == sizes
    edges = found.labels("microscope_request_seconds_bucket", "le")
    counts = [
        found.value("microscope_request_seconds_bucket", le=edge, **route)
        for edge in sorted(edges, key=float)
    ]
    assert counts == sorted(counts)
    assert counts[-1] == 2
    assert 0 < found.value("microscope_request_seconds_sum", **route) < 60


def test_queries_are_counted_for_the_route_that_asked_them(visitor: TestClient) -> None:
    visitor.get("/healthz")
    visitor.get("/models/toy")
    found = scrape(visitor)
    asked = "microscope_database_queries_total"
    spent = "microscope_database_seconds_total"
    assert found.value(asked, route="/models/{model}") >= 2
    assert 0 < found.value(spent, route="/models/{model}") < 60
    assert (found.value(asked, route="/healthz"), found.value(spent, route="/healthz")) == (0, 0)


def test_pictures_are_counted_at_their_own_door(visitor: TestClient) -> None:
    path = picture_of(visitor)
    etag = visitor.get(path).headers["etag"]
    for _ in range(3):
        visitor.get(path, headers={"If-None-Match": etag})
    found = scrape(visitor)
    assert (found.requests(ROUTE), found.requests(ROUTE, status="3xx")) == (1, 3)
    assert found.value("microscope_database_queries_total", route=ROUTE) == 4
    assert found.value("microscope_database_seconds_total", route=ROUTE) > 0


def test_a_bug_and_a_database_that_fails_are_counted_by_their_names(
    visitor: TestClient, own: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(engine: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("app.db.queries.catalog.models", broken)
    assert visitor.get("/models").status_code == 500
    with sqlite3.connect(own) as connection:
        connection.execute("ALTER TABLE hidden RENAME TO veiled")
    assert visitor.get(f"/img/{'0' * 64}.png").status_code == 503
    found = scrape(visitor)
    assert found.value("microscope_exceptions_total", exception="RuntimeError") == 1
    assert found.value("microscope_exceptions_total", exception="StoreError") == 1
    assert found.requests("/models", status="5xx") == 1
    assert found.requests(ROUTE, status="5xx") == 1


def test_two_applications_count_for_themselves(visitor: TestClient, database: str) -> None:
    visitor.get("/models")
    with TestClient(create_app(Settings(database=database))) as other:
        assert scrape(other).requests("/models") == 0
    assert scrape(visitor).requests("/models") == 1


def test_the_scrape_itself_is_the_one_request_in_flight(visitor: TestClient) -> None:
    visitor.get("/models")
    assert scrape(visitor).value("microscope_requests_in_flight") == 1


def test_the_process_the_pool_and_the_build_are_told(visitor: TestClient) -> None:
    visitor.get("/models")
    found = scrape(visitor)
    assert found.value("process_resident_memory_bytes") > 2**20
    assert found.value("microscope_database_connections", state="in_use") == 0
    open_ones = found.value("microscope_database_connections", state="idle")
    assert 1 <= open_ones <= found.value("microscope_database_connections_limit")
    assert found.labels("microscope_build_info", "version") == {__version__}


def test_runs_are_told_with_how_far_they_are(own: str) -> None:
    engine = open_for_writing(own)
    writer = Writer(engine)
    running = writer.start_run("toy", "microscope precompute", "0.1.0")
    writer.beat(running, "channel", 12, 48)
    refused = writer.start_run("toy", "microscope precompute", "0.1.0")
    writer.end_run(refused, "failed", "Another run goes on.")
    hostile = writer.start_run('a"b\\c\nd', "microscope precompute", "0.1.0")
    engine.dispose()
    long_ago = (datetime.now(UTC) - timedelta(hours=1)).replace(tzinfo=None)
    with sqlite3.connect(own) as connection:
        connection.execute(
            "UPDATE run SET heartbeat = ? WHERE id = ?", (long_ago.isoformat(" "), hostile)
        )
    with TestClient(create_app(Settings(database=own))) as client:
        found = scrape(client)
    assert found.value("microscope_run_state", model="toy", state="running") == 1
    assert found.value("microscope_run_state", model="toy", state="failed") == 0
    assert found.value("microscope_run_done", model="toy", stage="channel") == 12
    assert found.value("microscope_run_wanted", model="toy", stage="channel") == 48
    assert found.value("microscope_run_heartbeat_age_seconds", model="toy") < 600
    dead = 'a"b\\c\nd'
    assert found.value("microscope_run_state", model=dead, state="stale") == 1
    assert found.value("microscope_run_state", model=dead, state="running") == 0
    assert 3500 < found.value("microscope_run_heartbeat_age_seconds", model=dead) < 7200


def test_a_database_that_fails_breaks_no_scrape(visitor: TestClient, own: str) -> None:
    with sqlite3.connect(own) as connection:
        connection.execute("ALTER TABLE run RENAME TO walk")
    visitor.get("/robots.txt")
    found = scrape(visitor)
    assert ("microscope_database_up", frozenset()) in found.samples
    assert found.value("microscope_database_up") == 0
    assert found.requests("/robots.txt") == 1
    assert not found.labels("microscope_run_state", "model")


def test_it_can_be_left_out(database: str) -> None:
    with TestClient(create_app(Settings(database=database, metrics=False))) as client:
        assert client.get("/metrics").status_code == 404
        assert (
            client.get("/healthz").json() == Health(status="ok", version=__version__).model_dump()
        )


def test_it_is_no_part_of_the_api(visitor: TestClient) -> None:
    assert "/metrics" not in visitor.get("/openapi.json").json()["paths"]
    answer = visitor.get("/metrics")
    assert answer.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in answer.headers


def test_the_table_of_the_document_names_every_metric(visitor: TestClient, own: str) -> None:
    """By the name under which a query finds it: with `_total` where it is a counter."""
    engine = open_for_writing(own)
    Writer(engine).start_run("toy", "microscope precompute", "0.1.0")
    engine.dispose()
    visitor.get("/models")
    families = scrape(visitor).families.values()
    real = {
        family.name + ("_total" if family.type == "counter" else "")
        for family in families
        if family.name.startswith("microscope_") and not family.name.endswith("_created")
    }
    told = re.findall(r"^\| `(microscope_\w+)`", DOCS.read_text(), re.MULTILINE)
    assert sorted(told) == sorted(real)

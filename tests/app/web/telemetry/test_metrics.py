"""`/metrics`: request metrics by route template, the database's and the runs'."""

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
from app.web.image_routes import ROUTE
from tests.app.web.telemetry.scrape import scrape

DOCS = Path(__file__).parents[4] / "docs" / "operations.md"
UNIT = "/models/{model}/{layer}/{unit}"
BUCKETS = ["0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5"]
BUCKETS += ["1.0", "2.5", "5.0", "+Inf"]


def image_path(client: TestClient) -> str:
    unit = client.get("/api/v1/models/toy/layers/mixed3b/units/3").json()
    path: str = unit["visualizations"][0]["image"]
    return path


def test_requests_are_counted_by_route_method_and_class_of_status(client: TestClient) -> None:
    for unit in (1, 2, 3, 99):
        client.get(f"/models/toy/mixed3b/{unit}")
    client.head("/models/toy/mixed3b/1")
    client.post("/models/toy/mixed3b/1")
    result = scrape(client)
    assert result.requests(UNIT) == 3
    assert result.requests(UNIT, status="4xx") == 1
    assert result.requests(UNIT, "HEAD") == 1
    assert result.requests(UNIT, "POST", "4xx") == 1
    assert result.value("microscope_request_seconds_count", route=UNIT) == 6


def test_unknown_paths_and_methods_have_one_label(client: TestClient) -> None:
    for number in range(20):
        client.get(f"/none/{number}")
        client.request(f"METHOD{number}", "/models")
        client.get(f"/img/{number:064x}.png")
    result = scrape(client)
    assert result.requests("none", status="4xx") == 20
    assert result.requests("/models", "other", "4xx") == 20
    assert result.requests(ROUTE, status="4xx") == 20
    assert result.labels("microscope_requests_total", "route") == {"none", "/models", ROUTE}


def test_a_cached_page_has_its_own_route(client: TestClient) -> None:
    etag = client.get("/models/toy").headers["etag"]
    client.get("/models/toy")
    client.get("/models/toy", headers={"If-None-Match": etag})
    result = scrape(client)
    assert result.requests("/models/{model}") == 2
    assert result.requests("/models/{model}", status="3xx") == 1


@pytest.mark.parametrize("kept", ["/lab", ""])
def test_a_prefix_is_no_part_of_a_route(database: str, kept: str) -> None:
    with TestClient(create_app(Settings(database=database, root_path="/lab"))) as client:
        client.get(f"{kept}/models/toy")
        client.get(f"{kept}/openapi.json")
        client.get(f"{kept}/img/{'0' * 64}.png")
        result = scrape(client)
    assert result.requests("/models/{model}") == 1
    assert result.requests("/openapi.json") == 1
    assert result.requests(ROUTE, status="4xx") == 1


def test_durations_and_bytes_are_those_of_the_responses(client: TestClient) -> None:
    responses = [client.get("/models.json", headers={"Accept-Encoding": "identity"}) for _ in "ab"]
    result = scrape(client)
    size = sum(len(response.content) for response in responses)
    assert result.value("microscope_response_bytes_total", route="/models.json") == size
    name = "microscope_request_seconds"
    assert result.labels(f"{name}_bucket", "le") == set(BUCKETS)
    counts = [result.value(f"{name}_bucket", le=le, route="/models.json") for le in BUCKETS]
    assert counts == sorted(counts)
    assert counts[-1] == result.value(f"{name}_count", route="/models.json") == 2
    assert 0 < result.value(f"{name}_sum", route="/models.json") < 60


def test_queries_are_counted_by_route(client: TestClient) -> None:
    client.get("/healthz")
    client.get("/models/toy")
    result = scrape(client)
    queries, seconds = "microscope_database_queries_total", "microscope_database_seconds_total"
    assert result.value(queries, route="/models/{model}") >= 2
    assert 0 < result.value(seconds, route="/models/{model}") < 60
    assert result.value(queries, route="/healthz") == result.value(seconds, route="/healthz") == 0


def test_images_are_counted_with_their_queries(client: TestClient) -> None:
    path = image_path(client)
    etag = client.get(path).headers["etag"]
    for _ in range(3):
        client.get(path, headers={"If-None-Match": etag})
    client.post(path)
    result = scrape(client)
    assert (result.requests(ROUTE), result.requests(ROUTE, status="3xx")) == (1, 3)
    assert result.requests(ROUTE, "POST", "4xx") == 1
    assert result.value("microscope_database_queries_total", route=ROUTE) == 4
    assert result.value("microscope_database_seconds_total", route=ROUTE) > 0


def test_server_errors_are_counted_by_their_class(
    client: TestClient, own: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(engine: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("app.db.queries.catalog.models", broken)
    assert client.get("/models").status_code == 500
    with sqlite3.connect(own) as connection:
        connection.execute("ALTER TABLE hidden RENAME TO veiled")
    assert client.get(f"/img/{'0' * 64}.png").status_code == 503
    result = scrape(client)
    assert result.value("microscope_exceptions_total", exception="RuntimeError") == 1
    assert result.value("microscope_exceptions_total", exception="StoreError") == 1
    assert result.requests("/models", status="5xx") == 1
    assert result.requests(ROUTE, status="5xx") == 1


def test_applications_in_one_process_share_no_counts(client: TestClient, database: str) -> None:
    client.get("/models")
    with TestClient(create_app(Settings(database=database))) as other:
        assert scrape(other).requests("/models") == 0
    assert scrape(client).requests("/models") == 1


def test_a_scrape_is_itself_in_flight(client: TestClient) -> None:
    client.get("/models")
    assert scrape(client).value("microscope_requests_in_flight") == 1


def test_the_process_the_pool_and_the_build_are_reported(client: TestClient) -> None:
    client.get("/models")
    result = scrape(client)
    assert result.value("process_resident_memory_bytes") > 2**20
    assert result.value("microscope_database_connections", state="in_use") == 0
    idle = result.value("microscope_database_connections", state="idle")
    assert 1 <= idle <= result.value("microscope_database_connections_limit")
    assert result.labels("microscope_build_info", "version") == {__version__}


def test_runs_are_reported_with_their_progress(own: str) -> None:
    engine = open_for_writing(own)
    writer = Writer(engine)
    running = writer.start_run("toy", {}, "0.1.0")
    writer.beat(running, "channel", 12, 48)
    refused = writer.start_run("toy", {}, "0.1.0")
    writer.end_run(refused, "failed", "Another run goes on.")
    hostile = 'a"b\\c\nd'
    dead = writer.start_run(hostile, {}, "0.1.0")
    engine.dispose()
    hour_ago = (datetime.now(UTC) - timedelta(hours=1)).replace(tzinfo=None)
    with sqlite3.connect(own) as connection:
        connection.execute(
            "UPDATE run SET heartbeat = ? WHERE id = ?", (hour_ago.isoformat(" "), dead)
        )
    with TestClient(create_app(Settings(database=own))) as client:
        result = scrape(client)
    assert result.value("microscope_run_state", model="toy", state="running") == 1
    assert result.value("microscope_run_state", model="toy", state="failed") == 0
    assert result.value("microscope_run_done", model="toy", stage="channel") == 12
    assert result.value("microscope_run_wanted", model="toy", stage="channel") == 48
    assert result.value("microscope_run_heartbeat_age_seconds", model="toy") < 600
    assert result.value("microscope_run_state", model=hostile, state="stale") == 1
    assert result.value("microscope_run_state", model=hostile, state="running") == 0
    assert 3500 < result.value("microscope_run_heartbeat_age_seconds", model=hostile) < 7200


def test_a_scrape_answers_without_the_database(client: TestClient, own: str) -> None:
    with sqlite3.connect(own) as connection:
        connection.execute("ALTER TABLE run RENAME TO walk")
    client.get("/robots.txt")
    result = scrape(client)
    assert ("microscope_database_up", frozenset()) in result.samples
    assert result.value("microscope_database_up") == 0
    assert result.requests("/robots.txt") == 1
    assert not result.labels("microscope_run_state", "model")


def test_metrics_can_be_left_out(database: str) -> None:
    with TestClient(create_app(Settings(database=database, metrics=False))) as client:
        assert client.get("/metrics").status_code == 404
        assert client.get("/healthz").status_code == 200


def test_metrics_are_no_part_of_the_api(client: TestClient) -> None:
    assert "/metrics" not in client.get("/openapi.json").json()["paths"]
    response = client.get("/metrics")
    assert response.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in response.headers


def test_the_documentation_lists_every_metric(client: TestClient, own: str) -> None:
    """By the name in queries: with `_total` where it is a counter."""
    engine = open_for_writing(own)
    Writer(engine).start_run("toy", {}, "0.1.0")
    engine.dispose()
    client.get("/models")
    metrics = {
        family.name + ("_total" if family.type == "counter" else "")
        for family in scrape(client).families.values()
        if family.name.startswith("microscope_")
    }
    documented = re.findall(r"^\| `(microscope_\w+)`", DOCS.read_text(), re.MULTILINE)
    assert sorted(documented) == sorted(metrics)

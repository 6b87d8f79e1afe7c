"""The OpenAPI document, asked for by two at the same time: each gets all of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from threading import Event
from typing import Any

from fastapi import FastAPI

from app.config import Settings
from app.main import create_app
from app.web.api.openapi import document
from tests.serving import PATIENCE

MOMENT = 0.2


def test_a_request_while_the_document_is_made_gets_all_of_it(empty_database: str) -> None:
    app, half, go_on = FastAPI(), Event(), Event()
    made = create_app(Settings(database=empty_database)).openapi()
    for methods in made["paths"].values():
        methods["get"]["responses"]["200"].get("content", {}).get("application/json", {}).pop(
            "example", 0
        )

    def plain() -> dict[str, Any]:
        app.openapi_schema = made  # as FastAPI does
        half.set()
        assert go_on.wait(PATIENCE)
        return made

    app.openapi = plain  # type: ignore[method-assign]
    asked = document(app)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(asked)
        assert half.wait(PATIENCE)
        second = threads.submit(lambda: has_example(asked()))
        # It waits for the first, or has seen what the first has made so far.
        wait([second], MOMENT)
        go_on.set()
        assert has_example(first.result(PATIENCE))
        assert second.result(PATIENCE)


def has_example(found: dict[str, Any]) -> bool:
    answer = found["paths"]["/api/v1/models"]["get"]["responses"]["200"]
    return "example" in answer["content"]["application/json"]

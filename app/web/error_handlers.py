"""Answers about failures, as a page or as JSON by what the client accepts.

One function makes them all: unknown addresses, invalid parameters, an absent database, a bug.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException

from app.errors import MicroscopeError
from app.web.dependencies import AppState
from app.web.telemetry.request_context import current_id, path_of

log = logging.getLogger(__name__)

# The methods of every address.
METHODS = "GET, HEAD, OPTIONS"

# Long enough for a database server to restart, short enough that nobody gives up.
RETRY_SECONDS = "10"

# What machines ask for; they seldom say what they accept.
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})


@dataclass(frozen=True, slots=True)
class FailurePage:
    """What the page of a failure shows."""

    status: int
    title: str
    message: str
    request: str
    """The request's number, where the failure is ours and worth a report; else empty."""


def prefers_json(path: str, accept: str) -> bool:
    """Whether a failure is told as JSON: where JSON is, always; elsewhere by the Accept header."""
    if path.startswith("/api/") or path.endswith(".json") or path in PROBES:
        return True
    return _quality(accept, "application/json") > _quality(accept, "text/html")


def _quality(accept: str, media_type: str) -> float:
    """How much a client wants a type, 0..1; a range such as */* counts a little less."""
    best = 0.0
    for part in accept.lower().split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        value = _number(next((p[2:] for p in parameters if p.startswith("q=")), "1"))
        if name == media_type:
            best = max(best, value)
        elif name in ("*/*", media_type.split("/")[0] + "/*"):
            best = max(best, value * 0.9)
    return best


def _number(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0


def failure(request: Request, status: int, title: str, message: str) -> Response:
    """The answer that says what went wrong."""
    headers = {"Cache-Control": "no-store"}
    if status == 503:
        headers["Retry-After"] = RETRY_SECONDS
    app_state: AppState = request.scope["app"].state.app_state
    path = request.scope["path"].removeprefix(app_state.urls.prefix)
    if prefers_json(path, request.headers.get("accept", "")):
        return JSONResponse({"detail": message, "request": current_id()}, status, headers)
    page = FailurePage(status, title, message, current_id() if status >= 500 else "")
    html = app_state.templates.get_template("failure.html").render(page=page, urls=app_state.urls)
    return HTMLResponse(html, status, headers)


def known_failure(request: Request, error: MicroscopeError) -> Response:
    """The answer about one of our own errors; the log has the details that clients do not get."""
    if error.status >= 500:
        app_state: AppState = request.scope["app"].state.app_state
        app_state.telemetry.metrics.record_failure(error)
        log.error("The request for %s failed: %s", path_of(request.scope), error.message)
    return failure(request, error.status, error.title, error.public)


def answer_failures(app: FastAPI) -> None:
    """Register the one answer for everything that can fail."""

    async def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, MicroscopeError)
        return known_failure(request, error)

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        title, message = MESSAGES.get(error.status_code, ("That did not work", str(error.detail)))
        answer = failure(request, error.status_code, title, message)
        answer.headers.update(error.headers or {})
        if "allow" in answer.headers:
            answer.headers["allow"] = METHODS  # middleware answers HEAD and OPTIONS of every route
        return answer

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return failure(request, 422, "That cannot be read", invalid_parameter(error.errors()[0]))

    app.add_exception_handler(MicroscopeError, ours)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)


MESSAGES = {
    404: ("Not found", "There is nothing at this address."),
    405: ("Not allowed", "This address can only be read, with GET or HEAD."),
}

# Longer input is cut: it is repeated so that it can be found, not read.
LONGEST_INPUT = 60

ADVICE = {
    "int_parsing": "give a whole number",
    "int_parsing_size": "give a whole number that is not so large",
    "greater_than_equal": "give a whole number that is at least {ge:,}",
    "less_than_equal": "give a whole number that is at most {le:,}",
    "literal_error": "give one of {expected}",
    "string_pattern_mismatch": "give it as an answer of this API does",
}


def invalid_parameter(error: Mapping[str, Any]) -> str:
    """The sentence about one of pydantic's errors, such as `limit: give a whole number …`."""
    name = error["loc"][-1]
    advice = ADVICE.get(error["type"])
    if advice is None:
        return f"{name}: {error['msg']}."
    return f"{name}: {advice.format(**error.get('ctx', {}))}, not {_quoted(error['input'])}."


def _quoted(value: Any) -> str:
    text = str(value)
    return repr(text if len(text) <= LONGEST_INPUT else f"{text[:LONGEST_INPUT]}…")

"""JSON answers, and what the OpenAPI document says of them.

Answers are made of what the database holds, by their own schema; they are not validated again.
"""

from __future__ import annotations

from typing import Any

from fastapi import Response

from app.web.api.schemas.network import Answer, Failure

# It may be kept, but must be asked for again: precompute may have gone on.
FRESH = "no-cache"

ETAG = {
    "description": "Changes when the answer does; send it back as `If-None-Match`.",
    "schema": {"type": "string"},
    "required": True,
}
FAILURES: dict[int | str, dict[str, Any]] = {
    404: {"model": Failure, "description": "There is nothing of that name."},
    422: {"model": Failure, "description": "A parameter cannot be read; it says which and why."},
    503: {"model": Failure, "description": "The database is not available; try again later."},
}


def answered(answer: Answer, cache: str = FRESH) -> Response:
    """The answer as JSON; `app.web.caching` adds its ETag."""
    headers = {"Cache-Control": cache}
    return Response(answer.model_dump_json(), headers=headers, media_type="application/json")


def answers_with(answer: type[Answer]) -> dict[str, Any]:
    """What the schema says of a route: the shape of its answer, its tag, and its failures."""
    good = {"description": "As asked.", "headers": {"ETag": ETAG}}
    same = {"description": "The client has this answer: nothing is sent."}
    return {"response_model": answer, "responses": {200: good, 304: same, **FAILURES}}

"""How an answer leaves: as JSON, with a tag by which a client need not fetch it twice.

Answers are made of what the store has checked, by their own schema; they are not checked again.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from fastapi import Request, Response

from app.web.api.schemas.network import Answer, Failure
from app.web.caching import etag_of, is_not_modified

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


def answered(request: Request, answer: Answer, cache: str = FRESH) -> Response:
    """The answer, or that the client has it: 304."""
    body = answer.model_dump_json().encode()
    digest = sha256(body).hexdigest()[:32]
    # Weak, since the same answer may be sent compressed.
    headers = {"ETag": f"W/{etag_of(digest)}", "Cache-Control": cache}
    if is_not_modified(request.headers.get("if-none-match"), etag_of(digest)):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def answers_with(answer: type[Answer]) -> dict[str, Any]:
    """What the schema says of a route: the shape of its answer, its tag, and its failures."""
    good = {"description": "As asked.", "headers": {"ETag": ETAG}}
    same = {"description": "The client has this answer: nothing is sent."}
    return {"response_model": answer, "responses": {200: good, 304: same, **FAILURES}}

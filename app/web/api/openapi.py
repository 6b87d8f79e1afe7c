"""The OpenAPI document: FastAPI's, with an example of each answer, and with our own failures.

An example is put together from the examples of the answer's fields, so that none is written
twice, and none can differ from its schema.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import Any

from fastapi import FastAPI

from app.web.api.schemas.network import Failure

Shapes = Mapping[str, Any]

FAILURE = {"$ref": f"#/components/schemas/{Failure.__name__}"}

# Where a field has no example of its own.
PLAIN = {"string": "text", "integer": 0, "number": 0.0, "boolean": False, "object": {}}


def document(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """A function for `app.openapi`, which makes the document once."""
    plain, lock, made = app.openapi, Lock(), list[dict[str, Any]]()

    def openapi() -> dict[str, Any]:
        # FastAPI keeps its own as soon as that is there: whoever asks meanwhile would see it so.
        with lock:
            if not made:
                made.append(with_examples(with_our_failures(plain())))
        return made[0]

    return openapi


def with_examples(schema: dict[str, Any]) -> dict[str, Any]:
    """The same document; each answer that has no example is given one."""
    shapes = schema["components"]["schemas"]
    for content in _answers(schema):
        content.setdefault("example", example(content["schema"], shapes))
    return schema


def with_our_failures(schema: dict[str, Any]) -> dict[str, Any]:
    """The same document; refused parameters are answered as every failure is, see
    `app.web.error_handlers`."""
    shapes = schema["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        shapes.pop(name, None)
    for operation in _operations(schema):
        refused = operation["responses"].get("422", {}).get("content", {})
        refused.update({"application/json": {"schema": FAILURE}} if refused else {})
    return schema


def _operations(schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in schema["paths"].values():
        yield from methods.values()


def _answers(schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for operation in _operations(schema):
        content = operation["responses"].get("200", {}).get("content", {})
        if "application/json" in content:
            yield content["application/json"]


def example(shape: Mapping[str, Any], shapes: Shapes) -> Any:
    """An example of a shape, which may refer to others by name."""
    if "$ref" in shape:
        return example(shapes[shape["$ref"].rpartition("/")[2]], shapes)
    if shape.get("examples"):
        return shape["examples"][0]
    if "anyOf" in shape:
        return example(shape["anyOf"][0], shapes)
    if "properties" in shape:
        return {name: example(field, shapes) for name, field in shape["properties"].items()}
    if shape.get("type") == "array":
        return [example(shape["items"], shapes)]
    return shape.get("default", PLAIN.get(shape.get("type", "")))

"""The OpenAPI document: every field is described, and every example is one."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel

from app.web.api.openapi import example, with_examples, with_our_failures
from app.web.api.schemas import lists, network, unit

ANSWERS = {
    name: answer
    for module in (network, unit, lists)
    for name, answer in vars(module).items()
    if isinstance(answer, type) and issubclass(answer, network.Answer)
}


@pytest.fixture(scope="module")
def schema(client: TestClient) -> Any:
    return client.get("/openapi.json").json()


@pytest.mark.parametrize("name", sorted(ANSWERS.keys() - {"Answer"}))
def test_an_example_is_an_answer_of_its_shape(schema: Any, name: str) -> None:
    shapes = schema["components"]["schemas"]
    answer: type[BaseModel] = ANSWERS[name]
    found = example(shapes[name], shapes)
    assert list(found) == list(answer.model_fields)
    made = answer.model_validate(found)
    assert answer.model_validate_json(made.model_dump_json()) == made


def test_every_field_has_an_example_or_is_made_of_answers() -> None:
    for name, answer in ANSWERS.items():
        for field, info in answer.model_fields.items():
            nested = any(
                f"schemas{kind}." in str(info.annotation)
                for kind in ("", "_unit", "_lists", "_class", "_search")
            )
            assert info.examples or nested, f"{name}.{field}"
            assert info.description or nested, f"{name}.{field}"


def test_every_operation_shows_an_example_of_its_answer(schema: Any) -> None:
    shapes = schema["components"]["schemas"]
    for path, methods in schema["paths"].items():
        content = methods["get"]["responses"]["200"]["content"]["application/json"]
        assert content["example"] == example(content["schema"], shapes), path


def test_every_parameter_is_described_with_an_example(schema: Any) -> None:
    for methods in schema["paths"].values():
        for each in methods["get"].get("parameters", []):
            assert each["description"].endswith(".")
            assert "examples" in each["schema"] or "default" in each["schema"]


def test_an_example_of_ones_own_is_kept() -> None:
    shape = {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "number"}}}}
    assert example(shape, {}) == {"a": [0.0]}
    content: dict[str, Any] = {"schema": shape, "example": {"a": [5.0]}}
    responses = {"200": {"content": {"application/json": content}}}
    document = {"paths": {"/x": {"get": {"responses": responses}}}, "components": {"schemas": {}}}
    with_examples(document)
    assert content["example"] == {"a": [5.0]}


def test_failures_are_told_in_the_same_shape_everywhere(schema: Any) -> None:
    for path, methods in schema["paths"].items():
        if path.startswith("/api/v1"):
            responses = methods["get"]["responses"]
            for status in ("404", "422", "503"):
                content = responses[status]["content"]["application/json"]
                assert content["schema"]["$ref"].endswith("/Failure"), (path, status)
    assert "HTTPValidationError" not in schema["components"]["schemas"]


def test_an_operation_of_fastapis_own_refusals_is_told_as_ours() -> None:
    refused = {"content": {"application/json": {"schema": {"$ref": "#/…/HTTPValidationError"}}}}
    operations: Any = {"a": {"responses": {"422": refused}}, "b": {"responses": {"200": {}}}}
    shapes: Any = {"HTTPValidationError": {}, "ValidationError": {}, "Failure": {}}
    document = {"paths": {"/x": operations}, "components": {"schemas": shapes}}
    with_our_failures(document)
    assert set(shapes) == {"Failure"}
    schema = operations["a"]["responses"]["422"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/Failure"}
    assert operations["b"] == {"responses": {"200": {}}}

"""What is said of a parameter that cannot be read: what to give, and what it was."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from app.web.error_handlers import invalid_parameter

LAYER = "/api/v1/models/toy/layers/mixed3b"


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/units?limit=0", "limit: give a whole number that is at least 1, not '0'."),
        ("/units?limit=1001", "limit: give a whole number that is at most 1,000, not '1001'."),
        ("/units?limit=ten", "limit: give a whole number, not 'ten'."),
        ("/units?after=", "after: give a whole number, not ''."),
        ("/units?after=-1", "after: give a whole number that is at least 0, not '-1'."),
        (
            "/units?after=2147483648",
            "after: give a whole number that is at most 2,147,483,647, not '2147483648'.",
        ),
        (
            f"/units/{'9' * 5000}",
            f"unit: give a whole number that is not so large, not '{'9' * 60}…'.",
        ),
        ("/units/2/examples?after=x", "after: give it as an answer of this API does, not 'x'."),
    ],
)
def test_a_refusal_says_what_to_give(client: TestClient, path: str, sentence: str) -> None:
    answer = client.get(LAYER + path)
    assert (answer.status_code, answer.json()["detail"]) == (422, sentence)


def test_a_kind_that_does_not_exist_names_those_that_do(client: TestClient) -> None:
    said = client.get(f"{LAYER}/units/2/examples?kind=best").json()["detail"]
    assert said.startswith("kind: give one of 'top', 'minimum', 'interval-0'")
    assert said.endswith("not 'best'.")


def test_what_nobody_thought_of_is_said_in_pydantics_words() -> None:
    error = {"type": "strange", "loc": ("query", "q"), "msg": "No", "input": ""}
    assert invalid_parameter(error) == "q: No."

"""docs/api.md says what is: its addresses, fields and examples are those of the API."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.web.api.parameters import DEFAULT, MAXIMUM

TEXT = (Path(__file__).parents[4] / "docs" / "api.md").read_text()
ROWS = re.findall(r"^\| `GET (\S+)` \| `(\w+)` \|", TEXT, re.MULTILINE)
# Words in backticks that are not fields.
WORDS = {"immutable", "mixed4c_0"}


@pytest.fixture(scope="module")
def schema(client: TestClient) -> Any:
    return client.get("/openapi.json").json()


def test_the_addresses_of_the_document_are_those_of_the_schema(schema: Any) -> None:
    told = dict(ROWS)
    assert sorted(told) == sorted(schema["paths"]), "docs/api.md lists every address"
    for path, answer in told.items():
        content = schema["paths"][path]["get"]["responses"]["200"]["content"]
        assert content["application/json"]["schema"]["$ref"].endswith(f"/{answer}")


def test_every_field_and_parameter_of_the_document_exists(schema: Any) -> None:
    shapes = schema["components"]["schemas"]
    known = {name for shape in shapes.values() for name in shape["properties"]}
    known |= {
        each["name"]
        for methods in schema["paths"].values()
        for each in methods["get"].get("parameters", [])
    }
    prose = re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL)
    named = set(re.findall(r"`([a-z][a-z0-9_]*)`", prose)) - WORDS
    assert len(named) > 30
    assert named <= known


@pytest.mark.parametrize("answer", ["UnitSummary", "Example"])
def test_the_fields_of_an_answer_are_all_there(schema: Any, answer: str) -> None:
    sentence = re.search(rf"of `{answer}` are (.*?)[;.]", " ".join(TEXT.split()))
    assert sentence
    found = re.findall(r"`(\w+)`", sentence.group(0))[1:]
    assert found == list(schema["components"]["schemas"][answer]["properties"])


def test_the_lists_that_come_in_parts_are_those_that_have_a_next(schema: Any) -> None:
    shapes = schema["components"]["schemas"]
    paged = {name for name, shape in shapes.items() if "next" in shape["properties"]}
    text = " ".join(TEXT.split())
    told = re.search(rf"{DEFAULT} by default, 1 to {MAXIMUM}\. (.*?) have a field `next`", text)
    assert told
    assert set(re.findall(r"`(\w+)`", told.group(1))) == paged


def test_the_error_is_told_as_it_is(client: TestClient) -> None:
    told = re.search(r"runs\?limit=5000'\n(.*)\n", TEXT)
    assert told
    brought = {"X-Request-ID": json.loads(told.group(1))["request"]}
    answer = client.get("/api/v1/runs?limit=5000", headers=brought)
    assert answer.text == told.group(1)


def test_the_program_of_the_document_runs(site: str) -> None:
    program = re.search(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert program
    code = program.group(1).replace("http://127.0.0.1:8000/", f"{site}/")
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.stdout == "toy conv2d0 16\n", answer.stderr

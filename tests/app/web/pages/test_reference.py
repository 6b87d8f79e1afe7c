"""The page of reference: each address with its parameters, a request that runs, an answer."""

from __future__ import annotations

import json
import re
from html import unescape
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from app.config import Settings
from app.main import create_app
from app.web.pages.reference.parameters import parameters


@pytest.fixture(scope="module")
def html(client: TestClient) -> str:
    return client.get("/docs").text


def requests_of(html: str) -> list[str]:
    found = re.findall(r"<code>curl '(.*?)'</code>", html)
    return [unescape(each) for each in found]


def test_every_request_can_be_run_as_it_stands(client: TestClient, html: str) -> None:
    addresses = requests_of(html)
    assert len(addresses) == len(client.get("/openapi.json").json()["paths"])
    for address in addresses:
        parts = urlsplit(address)
        assert f"{parts.scheme}://{parts.netloc}" == "http://testserver"
        assert client.get(f"{parts.path}?{parts.query}").status_code == 200, address


def test_requests_are_those_of_the_public_site(database: str) -> None:
    site = "https://microscope.example.org"
    settings = Settings(database=database, site=site, root_path="/lab")
    with TestClient(create_app(settings)) as client:
        addresses = requests_of(client.get("/lab/docs").text)
        assert all(address.startswith(f"{site}/lab/") for address in addresses)
        for address in addresses:
            assert client.get(address.removeprefix(site)).status_code == 200


def test_an_empty_database_has_a_reference_too(empty_database: str) -> None:
    with TestClient(create_app(Settings(database=empty_database))) as client:
        answer = client.get("/docs")
    assert answer.status_code == 200
    assert "http://testserver/api/v1/models/inceptionv1" in requests_of(answer.text)


def test_examples_are_json(html: str) -> None:
    examples = re.findall(r"<pre tabindex=\"0\"><code>(.*?)</code>", html, re.DOTALL)
    found = [json.loads(unescape(each)) for each in examples]
    assert len(found) == len(requests_of(html))
    assert any(each["models"][0]["slug"] == "inceptionv1" for each in found if "models" in each)


def test_parameters_are_told_with_their_limits(html: str) -> None:
    assert "From 1 to 1,000; 100 if left out." in html
    assert "One of top, minimum, interval-0" in html
    assert "2,147,483,647" not in html


def test_a_parameter_is_told_in_words() -> None:
    told = {
        "name": "n",
        "in": "query",
        "description": "How many.",
        "schema": {
            "anyOf": [{"type": "integer", "minimum": 2, "maximum": 9}, {"type": "null"}],
            "default": 4,
            "examples": [3],
        },
    }
    (found,) = parameters({"parameters": [told]})
    assert (found.name, found.is_query, found.type) == ("n", True, "whole number")
    assert (found.limits, found.help, found.example) == (
        "From 2 to 9; 4 if left out.",
        "How many.",
        "3",
    )
    assert parameters({}) == ()


def test_a_parameter_that_is_empty_when_left_out_has_nothing_to_tell_of_it() -> None:
    told = {"name": "q", "in": "query", "schema": {"type": "string", "default": ""}}
    assert parameters({"parameters": [told]})[0].limits == ""


@pytest.mark.parametrize("path", ["/api", "/api/v1"])
def test_the_roots_of_the_api_lead_to_the_reference(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (307, "/docs")

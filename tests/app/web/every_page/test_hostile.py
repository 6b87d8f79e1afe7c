"""Texts that would do harm, on every page: nothing of them runs, nothing of them becomes an
element, all of them are read as they are, and the page keeps its shape."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Page

from app.web.urls import Urls
from tests.app import hostile
from tests.app.hostile import BOTH, SHORT_HARM, Harm
from tests.app.pages_of import FOUND, KINDS, pages

pytestmark = pytest.mark.browser

FIELD = re.compile("«([a-z_.]+)»")
HARMS = pytest.mark.parametrize("harm", BOTH, ids=["short", "long"])
# Not on any page that there is: the API tells them, or nobody does.
UNSHOWN = {"image.path"}

# Every text of the document, attributes and title included, in which one of ours begins.
TEXTS = """() => {
  const found = [];
  const visit = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.currentNode; node; node = walker.nextNode()) {
      if (node.nodeType === Node.TEXT_NODE) found.push(node.data);
      else for (const { value } of node.attributes ?? []) found.push(value);
      if (node.nodeName === "TEMPLATE") visit(node.content);
    }
  };
  visit(document.documentElement);
  return found.filter((text) => text.includes("«"));
}"""
PLANTED = """() => [
  window.hurt === undefined,
  document.querySelectorAll(".planted, [onerror], [onload], [onclick]").length,
  document.querySelectorAll("[href^='javascript:' i], [src^='javascript:' i]").length,
]"""


def meant(text: str) -> str:
    """What a text says that is there to be copied: HTML, BibTeX; any other says itself."""
    if text.startswith("<iframe"):
        return unescape(text)
    return re.sub(r"\\(?=[{}$&%#_])", "", text) if text.startswith("@") else text


def is_told(text: str, harm: Harm, field: str) -> bool:
    """Whether a text has the whole of a field, or its beginning and a sign that it goes on."""
    whole, said = harm.of(field), meant(text)
    if text.startswith("{"):
        return any(json.dumps(whole, ensure_ascii=each)[1:-1] in text for each in (True, False))
    if text.startswith("@"):
        whole, said = " ".join(whole.split()), " ".join(said.split())
    beginning, clipped, _ = re.split(r"(…|\.\.\.|$)", said[said.index(f"«{field}»") :], maxsplit=1)
    return whole in said or (clipped != "" and whole.startswith(beginning))


@HARMS
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_runs_and_nothing_is_planted(
    watched: tuple[Page, list[str]], hostile_site: str, kind: str, harm: Harm
) -> None:
    page, complaints = watched
    page.goto(f"{hostile_site}{pages(Urls(), harm.place)[kind]}", wait_until="load")
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    assert page.evaluate(PLANTED) == [True, 0, 0]
    if kind in FOUND:
        assert not complaints
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390, f"{wide} px wide"
    for header in page.locator("header.top").all():
        box = header.bounding_box()
        assert box is not None
        assert box["height"] <= 110


@HARMS
@pytest.mark.parametrize("kind", FOUND)
def test_every_text_is_read_as_it_is(plain: Page, hostile_site: str, kind: str, harm: Harm) -> None:
    plain.goto(f"{hostile_site}{pages(Urls(), harm.place)[kind]}")
    for text in plain.evaluate(TEXTS):
        for field in FIELD.findall(text):
            assert any(is_told(text, each, field) for each in BOTH), f"{field}: {text[:300]}"


def test_every_text_is_shown_somewhere(hostile_client: TestClient) -> None:
    """Else the tests above would hold for want of anything to read."""
    shown: set[str] = set()
    for address in pages(Urls(), SHORT_HARM.place).values():
        shown |= set(FIELD.findall(hostile_client.get(address).text))
    assert fields_of(SHORT_HARM) - UNSHOWN <= shown


def fields_of(harm: Harm) -> set[str]:
    """The fields of the hostile database, as its module names them."""
    source = Path(hostile.__file__).read_text(encoding="utf-8")
    return set(re.findall(r'harm\.of\("([a-z_.]+)"\)', source))


def strings(value: Any) -> Iterator[str]:
    """Every string of a JSON document, names included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inside in value.items():
            yield name
            yield from strings(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from strings(inside)


@HARMS
def test_json_says_every_text_exactly(hostile_client: TestClient, harm: Harm) -> None:
    urls, place = Urls(), harm.place
    addresses = [
        urls.api_models(),
        urls.api_model(place.model),
        urls.api_layer(place.model, place.layer),
        urls.api_unit(place.model, place.layer, place.unit),
        urls.api_unit(place.model, place.classes, place.output),
    ]
    found = [text for each in addresses for text in strings(hostile_client.get(each).json())]
    told = {field: text for text in found for field in FIELD.findall(text)}
    assert {"model.title", "unit.title", "image.label", "image.path"} <= set(told)
    for field, text in told.items():
        assert any(each.of(field) in text for each in BOTH), field
    assert any(text.endswith(f"{harm.of('image.path')}\0") for text in found)
    assert place.layer in found


PATHS = [
    "/models/%3Cscript%20class=planted%3Ewindow.hurt=1%3C%2Fscript%3E",
    "/models/%22%3E%3Cimg%20src=x%20onerror=window.hurt=1%3E/x/1",
    "/%7B%7B7*7%7D%7D",
    "/img/%3Cb%20class=planted%3E.png",
    "/static/x/%3Cb%20class=planted%3E",
    "/models/%E2%80%AEgnihtyna",
    "/models/a%00b/c",
    "/models/" + "W" * 5000,
    "/heat/a/b/%3Cb%20class=planted%3E/c/d/1.png",
    "/docs/%3Cb%20class=planted%3E/",
]


@pytest.mark.parametrize("path", PATHS, ids=range(len(PATHS)))
def test_a_failure_says_where_without_doing_harm(
    scripted: Page, hostile_site: str, path: str
) -> None:
    scripted.set_viewport_size({"width": 390, "height": 800})
    answer = scripted.goto(f"{hostile_site}{path}")
    assert answer is not None
    assert 400 <= answer.status < 500
    assert scripted.evaluate(PLANTED) == [True, 0, 0]
    assert scripted.evaluate("document.documentElement.scrollWidth") <= 390
    assert scripted.locator("h1").count() == 1


QUERIES = [
    "?show=<b class=planted>&counts={{7*7}}",
    "?sort=\"><img src=x onerror=window.hurt=1>&order=' or 1=1 --",
    "?technique=<script>window.hurt=1</script>&size=\u202e&branch=]]>",
    "?show=" + "W" * 5000,
]


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
def test_a_choice_that_would_do_harm_is_the_default(hostile_client: TestClient, query: str) -> None:
    for kind in ("layer", "unit"):
        address = pages(Urls(), SHORT_HARM.place)[kind]
        answer = hostile_client.get(f"{address}{query}")
        assert answer.status_code == 200
        assert answer.text == hostile_client.get(address).text

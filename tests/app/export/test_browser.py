"""A copy in a real Chromium, from Python's own file server, below a prefix it knows nothing of."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, Request, Response, expect

from tests.app.export.copies import copy

pytestmark = pytest.mark.browser

PREFIX = "/a/b/"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


def served(root: Path) -> tuple[ThreadingHTTPServer, str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(root)))
    Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_port}"


@pytest.fixture(scope="module")
def mirror(copied: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the copy, mirrored to a folder below others."""
    root = tmp_path_factory.mktemp("mirror")
    shutil.copytree(copied, root / PREFIX.strip("/"))
    server, origin = served(root)
    yield f"{origin}{PREFIX}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def complaints(page: Page, mirror: str) -> list[str]:
    """What the browser complains of, and requests that leave the copy."""
    found: list[str] = []

    def asked(request: Request) -> None:
        if not request.url.startswith(mirror) and not request.url.endswith("/favicon.ico"):
            found.append(request.url)

    def answered(answer: Response) -> None:
        if answer.status >= 400:
            found.append(f"{answer.status} {answer.url}")

    page.on("request", asked)
    page.on("console", lambda message: found.append(message.text))
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("response", answered)
    return found


def broken(page: Page) -> int:
    found = page.evaluate(
        "[...document.images].filter((i) => i.complete && !i.naturalWidth).length"
    )
    return int(found)


def test_one_wanders_from_home_to_a_unit(page: Page, mirror: str, complaints: list[str]) -> None:
    page.goto(mirror)
    page.get_by_role("link", name="A toy network").first.click()
    page.get_by_role("link", name="mixed3b", exact=True).click()
    page.get_by_role("link", name="unit 3 of mixed3b").click()
    expect(page).to_have_url(f"{mirror}models/toy/mixed3b/3/index.html")
    assert page.locator("img").count() > 2
    assert broken(page) == 0
    page.wait_for_load_state()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(f"{mirror}models/toy/mixed3b/4/index.html")
    assert not complaints


def test_a_layer_is_sorted_without_a_server(page: Page, mirror: str, complaints: list[str]) -> None:
    page.goto(f"{mirror}models/toy/mixed3b/index.html")
    # A click that needs no open menu.
    page.locator('a[href="sort=mean.html#units"]').dispatch_event("click")
    expect(page).to_have_url(f"{mirror}models/toy/mixed3b/sort=mean.html#units")
    page.locator('a[href="order=asc,sort=mean.html#units"]').dispatch_event("click")
    expect(page).to_have_url(re.compile("order=asc"))
    first = page.locator(".units a").first
    expect(first).to_have_attribute("href", "0/index.html")
    assert not complaints


def found(page: Page) -> list[str]:
    expect(page.locator("[data-offline] .count")).to_be_visible()
    links = page.locator(".found a")
    return [str(link.get_attribute("href")) for link in links.all()]


def asked(page: Page, mirror: str, query: str) -> list[str]:
    """The units that a search finds, as layer and index."""
    page.goto(f"{mirror}search/index.html")
    page.get_by_role("combobox").fill(query)
    page.keyboard.press("Enter")
    return [re.sub(r".*/toy/(\w+)/(\d+)/index.html", r"\1:\2", each) for each in found(page)]


QUERIES = {
    "tabby": ["logits:0"],
    "fox": ["logits:2"],
    "STÄB": ["logits:3"],
    "grey fox": ["logits:2"],
    '"grey fox"': ["logits:2"],
    "tabby fox": [],
    "layer:logits fox": ["logits:2"],
    "layer:3b branch:3x3 fox": [],
    "3b:3 3b:4": ["mixed3b:3", "mixed3b:4"],
    "3b_3x3:20": [],
    "other/mixed3b/3": [],
    "nothing of that name": [],
}
ADDRESSES = {
    "3b:3": "mixed3b/3",
    "mixed3b/3": "mixed3b/3",
    "toy/mixed3b/3": "mixed3b/3",
    "mixed3b 3": "mixed3b/3",
    "3b_3x3:2": "mixed3b/10",
    "3b_3×3:2": "mixed3b/10",
    "mixed3b_0:3": "mixed3b/3",
    "mixed3b_pool_reduce/1": "mixed3b/21",
    "https://example.org/x/models/toy/mixed3b/3/index.html": "mixed3b/3",
}
SERVER_ONLY = ("density<1%", "layer:3b mean>=0", "sort:mean", "class:tabby", "dead", "fox -grey")


def test_search_finds_units_by_words_and_places(
    page: Page, mirror: str, complaints: list[str]
) -> None:
    assert {query: asked(page, mirror, query) for query in QUERIES} == QUERIES
    assert not complaints


def test_the_search_page_shows_what_is_found(
    page: Page, mirror: str, complaints: list[str]
) -> None:
    assert asked(page, mirror, "branch:3x3") == [f"mixed3b:{unit}" for unit in range(8, 20)]
    assert broken(page) == 0
    expect(page.get_by_text("12 units")).to_be_visible()
    assert not complaints


@pytest.mark.parametrize("query", SERVER_ONLY)
def test_a_query_of_statistics_says_that_it_needs_the_server(
    page: Page, mirror: str, query: str
) -> None:
    page.goto(f"{mirror}search/index.html?{urlencode({'q': query})}")
    expect(page.locator("[data-offline]")).to_contain_text("needs the server")
    assert page.locator(".found").count() == 0


def test_an_address_leads_straight_to_its_unit(page: Page, mirror: str) -> None:
    for address, unit in ADDRESSES.items():
        page.goto(mirror)
        page.get_by_role("combobox").fill(address)
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{mirror}models/toy/{unit}/index.html")


def test_what_is_typed_is_suggested(page: Page, mirror: str) -> None:
    page.goto(f"{mirror}models/toy/mixed3b/3/index.html")
    page.get_by_role("combobox").fill("fo")
    expect(page.locator("datalist option")).to_have_count(1)
    expect(page.locator("datalist option")).to_have_attribute("value", "logits:2")


def test_names_do_no_harm(page: Page, mirror: str, complaints: list[str]) -> None:
    assert asked(page, mirror, "layer:logits") == [f"logits:{unit}" for unit in range(4)]
    expect(page.locator(".found").get_by_text("<b>&\"'")).to_be_visible()
    assert page.locator(".found b").count() == 0
    assert not complaints


def test_a_random_unit_is_one_of_the_copy(page: Page, mirror: str, complaints: list[str]) -> None:
    page.goto(mirror)
    page.get_by_role("link", name="A random unit").last.click()
    expect(page).to_have_url(re.compile(rf"{re.escape(mirror)}models/toy/\w+/\d+/index.html"))
    assert not complaints


def test_a_comparison_says_that_it_needs_the_server(page: Page, mirror: str) -> None:
    page.goto(f"{mirror}models/toy/mixed3b/3/index.html")
    page.get_by_text("Compare with…").click()
    page.get_by_role("link", name="any other unit").click()
    expect(page).to_have_url(f"{mirror}compare/index.html")
    expect(page.get_by_text("A comparison needs the server")).to_be_visible()


def test_without_a_script_one_is_told(browser: Browser, mirror: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{mirror}search/index.html?q=tabby")
    expect(page.locator("noscript .note")).to_contain_text("This needs JavaScript")
    page.locator("noscript a").click()
    expect(page).to_have_url(f"{mirror}models/index.html")
    context.close()


def test_pages_open_from_the_disk(page: Page, copied: Path) -> None:
    page.goto((copied / "models/toy/mixed3b/3/index.html").as_uri())
    assert broken(page) == 0
    assert page.evaluate("getComputedStyle(document.body).display") == "grid", "the style sheet"
    page.get_by_role("link", name="mixed3b:4").click()
    expect(page).to_have_title(re.compile("mixed3b:4"))


def test_search_works_from_the_disk(page: Page, copied: Path) -> None:
    page.goto((copied / "index.html").as_uri())
    page.get_by_role("combobox").fill("fox")
    expect(page.locator("datalist option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator(".found a")).to_have_count(1)
    page.locator(".found a").click()
    expect(page).to_have_url((copied / "models/toy/logits/2/index.html").as_uri())


def test_an_absent_link_is_no_link_and_looks_so(page: Page, database: str, tmp_path: Path) -> None:
    copy(database, tmp_path / "copy", layers="logits")
    page.goto((tmp_path / "copy/models/toy/index.html").as_uri())
    absent = page.locator("[data-absent]").first
    expect(absent).to_have_attribute("title", "Not in this copy")
    assert absent.evaluate("(each) => getComputedStyle(each).cursor") == "default"

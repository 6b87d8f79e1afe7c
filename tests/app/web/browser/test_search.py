"""The search box in a real Chromium: suggestions by keyboard and mouse, and the plain form."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from app.config import Settings
from app.db.engine import open_for_writing
from app.db.writer.labels import LabelRecord, replace_labels
from app.web.server import Server

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)>\u202e" + "x" * 9_000


@pytest.fixture
def box(page: Page, site: str) -> Page:
    """A page whose search box listens."""
    page.goto(f"{site}/models")
    expect(page.get_by_role("combobox")).to_be_visible()
    return page


def type_into(page: Page, text: str) -> None:
    page.get_by_role("combobox").press_sequentially(text, delay=10)


def expect_options(page: Page, names: list[str]) -> None:
    """These and no others, as soon as what was suggested for less of the text has gone."""
    expect(page.get_by_role("listbox")).to_be_visible()
    expect(page.locator("[role=option] .name")).to_have_text(names)


def test_suggestions_appear_while_one_types(box: Page) -> None:
    type_into(box, "mixed3b:3")
    expect_options(box, ["mixed3b:3"])
    picture = box.get_by_role("option").locator("img")
    expect(picture).to_be_visible()
    assert picture.evaluate("(each) => each.naturalWidth") > 0
    expect(box.get_by_role("combobox")).to_have_attribute("aria-expanded", "true")
    expect(box.locator("form.search [aria-live]")).to_have_text("1 suggestion")


def test_the_arrow_keys_choose_and_enter_follows(box: Page, site: str) -> None:
    type_into(box, "layer:3b")
    expect_options(box, [f"mixed3b:{unit}" for unit in range(8)])
    field = box.get_by_role("combobox")
    for key, chosen in (("ArrowDown", 0), ("ArrowDown", 1), ("ArrowUp", 0)):
        field.press(key)
        expect(field).to_have_attribute("aria-activedescendant", f"suggestion-{chosen}")
        expect(box.locator('[aria-selected="true"]')).to_have_count(1)
        expect(box.get_by_role("option").nth(chosen)).to_have_attribute("aria-selected", "true")
    field.press("ArrowUp")
    assert field.get_attribute("aria-activedescendant") is None, "back in the box"
    field.press("ArrowUp")
    expect(field).to_have_attribute("aria-activedescendant", "suggestion-7")
    expect(field).to_be_focused()
    field.press("Enter")
    expect(box).to_have_url(f"{site}/models/toy/mixed3b/7")


def test_enter_without_a_choice_asks_the_page_of_results(box: Page, site: str) -> None:
    type_into(box, "3b:3")
    box.get_by_role("combobox").press("Enter")
    expect(box).to_have_url(f"{site}/search?q=3b%3A3")
    expect(box.get_by_role("heading", name="mixed3b:3")).to_be_visible()
    box.go_back()
    expect(box).to_have_url(f"{site}/models")


def test_escape_closes_the_suggestions_first_and_keeps_the_text(box: Page) -> None:
    type_into(box, "tabby")
    expect_options(box, ["tabby"])
    field = box.get_by_role("combobox")
    field.press("Escape")
    expect(box.get_by_role("listbox")).to_be_hidden()
    expect(field).to_have_value("tabby")
    expect(field).to_have_attribute("aria-expanded", "false")
    field.press("ArrowDown")
    expect(box.get_by_role("listbox")).to_be_visible()


def test_a_suggestion_can_be_clicked(box: Page, site: str) -> None:
    type_into(box, "conv")
    expect_options(box, ["conv2d0"])
    box.get_by_role("option").click()
    expect(box).to_have_url(f"{site}/models/toy/conv2d0")


def test_suggestions_go_when_the_box_is_left_or_emptied(box: Page) -> None:
    type_into(box, "tabby")
    expect_options(box, ["tabby"])
    box.get_by_role("combobox").fill("")
    expect(box.get_by_role("listbox")).to_be_hidden()
    type_into(box, "tabby")
    expect_options(box, ["tabby"])
    box.keyboard.press("Tab")
    expect(box.get_by_role("listbox")).to_be_hidden()


def test_a_slash_leads_to_the_box_but_not_while_one_types(box: Page) -> None:
    field = box.get_by_role("combobox")
    box.keyboard.press("/")
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    box.keyboard.type("3b/3")
    expect(field).to_have_value("3b/3")


# Typing faster than any pause, however busy the machine is.
HASTE = """(texts) => {
  const box = document.querySelector("input[name=q]");
  for (const text of texts) {
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
}"""


def test_only_a_pause_asks_the_server(box: Page) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        if "/search.json" in request.url:
            asked.append(parse_qs(urlsplit(request.url).query)["q"][0])

    box.on("request", note)
    box.locator("input[name=q]").focus()
    box.evaluate(HASTE, ["t", "ta", "tab", "tabb", "tabby"])
    expect_options(box, ["tabby"])
    assert asked == ["tabby"]


def test_an_answer_that_comes_too_late_is_dropped(box: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        if "q=3b" in route.request.url:
            held.append(route)
        else:
            route.continue_()

    box.route("**/search.json*", hold)
    field = box.get_by_role("combobox")
    field.fill("3b:3")
    box.wait_for_timeout(300)
    field.fill("tabby")
    expect_options(box, ["tabby"])
    (late,) = held
    late.abort()
    box.wait_for_timeout(100)
    expect_options(box, ["tabby"])


def test_a_server_that_fails_leaves_a_plain_box(box: Page, site: str) -> None:
    box.route("**/search.json*", lambda route: route.fulfill(status=503, body="{}"))
    type_into(box, "tabby")
    box.wait_for_timeout(400)
    expect(box.get_by_role("listbox")).to_be_hidden()
    box.get_by_role("combobox").press("Enter")
    expect(box).to_have_url(f"{site}/search?q=tabby")


def test_without_a_script_the_box_is_a_plain_form(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/")
    page.get_by_role("searchbox").fill("3b:3")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{site}/search?q=3b%3A3")
    page.get_by_role("link", name="mixed3b:3").first.click()
    expect(page).to_have_url(f"{site}/models/toy/mixed3b/3")
    context.close()


@pytest.fixture(scope="module")
def hostile_site(
    tmp_path_factory: pytest.TempPathFactory, fill: Callable[..., None]
) -> Iterator[str]:
    path = str(tmp_path_factory.mktemp("hostile") / "toy.db")
    fill(path)
    engine = open_for_writing(path)
    record = LabelRecord("mixed3b", 2, 3, HOSTILE, HOSTILE, None, HOSTILE)
    replace_labels(engine, {"toy": [record]})
    engine.dispose()
    server = Server(Settings(database=path, port=0))
    server.start()
    yield server.address.rstrip("/")
    server.stop()


@pytest.mark.parametrize("width", [390, 1440])
def test_hostile_names_are_text_and_break_no_layout(
    browser: Browser, hostile_site: str, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.goto(f"{hostile_site}/search?q=label:*")
    expect(page.get_by_text(re.compile("onerror")).first).to_be_visible()
    page.get_by_role("combobox").fill("onerror")
    expect_options(page, ["mixed3b:2"])
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    assert page.locator("img[onerror]").count() == 0
    context.close()

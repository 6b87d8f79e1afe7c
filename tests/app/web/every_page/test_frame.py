"""What every page does in a real Chromium: without scripts and with them, on a phone, by keyboard,
in the dark, and for readers who want nothing to move."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, expect

from tests.app.pages_of import EMBEDDED, FOUND, KINDS, WHOLE

pytestmark = pytest.mark.browser

EVERY = pytest.mark.parametrize("kind", KINDS)
HEADINGS = """[...document.querySelectorAll("main :is(h1, h2, h3)")]
  .filter((each) => each.checkVisibility()).map((each) => each.textContent.trim())"""
# What the tab key leads to, and of it what looks the same with the focus as without it: the element
# itself, what is drawn before and after it, and what is inside.
LISTEN = """() => {
  const SHOWN = ["outlineStyle", "outlineWidth", "boxShadow", "stroke", "strokeWidth", "fill",
    "borderColor", "backgroundColor", "opacity", "left"];
  const look = (target) => [target, ...target.querySelectorAll("*")].flatMap((each) =>
    [null, "::before", "::after"].flatMap((part) => {
      const style = getComputedStyle(each, part);
      return SHOWN.map((name) => style[name]);
    })).join();
  let last = null;
  window.seen = new Set();
  window.unmarked = [];
  addEventListener("focusin", ({ target }) => {
    const isLeft = last && last.target !== target;  // coming back to the window says it again
    if (isLeft && look(last.target) === last.look) unmarked.push(last.target.outerHTML);
    last = { target, look: look(target) };
    seen.add(target);
  });
}"""
REACHABLE = """[...document.querySelectorAll(
    "a[href], button, input, select, textarea, summary, [tabindex='0']")]
  .filter((each) => each.checkVisibility())"""


def wide(page: Page) -> int:
    found: int = page.evaluate("document.documentElement.scrollWidth")
    return found


@EVERY
def test_a_page_says_the_same_without_a_script(
    scripted: Page, plain: Page, addresses: Mapping[str, str], kind: str
) -> None:
    for page in (scripted, plain):
        page.goto(addresses[kind])
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert scripted.evaluate(HEADINGS) == plain.evaluate(HEADINGS)


@pytest.mark.parametrize("kind", FOUND)
def test_a_page_loads_whole_from_its_own_site(
    watched: tuple[Page, list[str]], addresses: Mapping[str, str], kind: str
) -> None:
    page, complaints = watched
    asked: set[str] = set()

    def hear(request: Request) -> None:
        asked.add(urlsplit(request.url).netloc)

    page.on("request", hear)
    page.goto(addresses[kind])
    page.remove_listener("request", hear)
    assert not page.evaluate(
        "[...document.images].filter((each) => each.complete && !each.naturalWidth).length"
    )
    assert not complaints
    assert asked == {urlsplit(addresses[kind]).netloc}


@EVERY
def test_a_page_fits_a_phone(scripted: Page, addresses: Mapping[str, str], kind: str) -> None:
    scripted.set_viewport_size({"width": 360, "height": 800})
    scripted.goto(addresses[kind])
    scripted.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    for width in (360, 390):
        scripted.set_viewport_size({"width": width, "height": 800})
        assert wide(scripted) <= width
        if kind != EMBEDDED:
            header = scripted.locator("header.top").bounding_box()
            assert header is not None
            assert header["height"] <= 110, "what a page shows comes first"


@EVERY
def test_the_tab_key_reaches_everything_and_shows_where_it_is(
    scripted: Page, addresses: Mapping[str, str], kind: str
) -> None:
    scripted.set_viewport_size({"width": 1440, "height": 900})
    scripted.goto(addresses[kind])
    scripted.evaluate(LISTEN)
    for _ in range(scripted.evaluate(f"{REACHABLE}.length") + 2):
        scripted.keyboard.press("Tab")
    assert scripted.evaluate("unmarked") == []
    missed = f"{REACHABLE}.filter((each) => !seen.has(each)).map((each) => each.outerHTML)"
    assert scripted.evaluate(missed) == []


@pytest.mark.parametrize("kind", [kind for kind in FOUND if kind in WHOLE])
def test_the_first_stop_skips_to_the_content(
    scripted: Page, addresses: Mapping[str, str], kind: str
) -> None:
    scripted.goto(addresses[kind])
    scripted.keyboard.press("Tab")
    skip = scripted.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    scripted.keyboard.press("Enter")
    scripted.keyboard.press("Tab")
    assert scripted.evaluate("document.activeElement.closest('header.top, .skip')") is None


@EVERY
def test_a_page_is_dark_or_light_as_the_reader_wants_it(
    scripted: Page, addresses: Mapping[str, str], kind: str
) -> None:
    scripted.goto(addresses[kind])
    seen = []
    for theme in ("light", "dark"):
        scripted.emulate_media(color_scheme="light" if theme == "light" else "dark")
        seen.append(scripted.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
    scripted.emulate_media(color_scheme="light")
    assert lightness(seen[0]) > 600
    assert lightness(seen[1]) < 150


def lightness(colour: str) -> int:
    return sum(int(part) for part in colour.removeprefix("rgb(").rstrip(")").split(",")[:3])


@EVERY
def test_nothing_moves_for_a_reader_who_wants_it_still(
    scripted: Page, addresses: Mapping[str, str], kind: str
) -> None:
    scripted.emulate_media(reduced_motion="reduce")
    scripted.goto(addresses[kind])
    moving = scripted.evaluate(
        """[...document.querySelectorAll("*")].filter((each) => {
          const { transitionDuration, transitionProperty, animationName } = getComputedStyle(each);
          const isLong = transitionDuration.split(",").some((part) => parseFloat(part) > 0);
          return (isLong && transitionProperty !== "none") || animationName !== "none";
        }).map((each) => each.outerHTML.slice(0, 200))"""
    )
    scripted.emulate_media(reduced_motion="no-preference")
    assert moving == []


def test_back_leads_to_what_was_chosen_before(page: Page, addresses: Mapping[str, str]) -> None:
    page.goto(addresses["unit with heat"])
    page.evaluate("scrollTo(0, 400)")
    page.locator("main a[rel=next]").first.click()
    expect(page).not_to_have_url(addresses["unit with heat"])
    page.go_back()
    expect(page).to_have_url(addresses["unit with heat"])
    expect(page.locator("img.heat").first).to_be_attached()
    page.wait_for_function("scrollY > 300")


def test_the_crumbs_lead_to_the_page_above(page: Page, addresses: Mapping[str, str]) -> None:
    page.goto(addresses["unit"])
    crumbs: Any = page.get_by_role("navigation", name="Breadcrumbs").get_by_role("link")
    expect(crumbs).to_have_text(["Models", "A toy network", "mixed3b"])
    crumbs.last.click()
    expect(page).to_have_url(addresses["layer"])

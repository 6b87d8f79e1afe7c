"""Swipes on a phone, as the screen reports them: they lead on, never where they are not meant."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.app.watching import ready, stays

pytestmark = pytest.mark.browser

UNIT = "/models/toy/mixed3b/3"


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context: BrowserContext = browser.new_context(
        viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True
    )
    yield context.new_page()
    context.close()


Point = tuple[float, float]


def swipe(page: Page, start: Point, stop: Point) -> None:
    """A finger that goes from one point to another, as the screen reports it."""
    screen = page.context.new_cdp_session(page)
    between = [
        (start[0] + (stop[0] - start[0]) * step / 4, start[1] + (stop[1] - start[1]) * step / 4)
        for step in range(1, 5)
    ]
    for kind, (x, y) in [
        ("touchStart", start),
        *(("touchMove", each) for each in between),
    ]:
        screen.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    screen.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    screen.detach()


@pytest.mark.parametrize(("stop", "unit"), [(100, 4), (330, 2)])
def test_a_swipe_leads_to_the_neighbours(phone: Page, site: str, stop: float, unit: int) -> None:
    ready(phone, f"{site}{UNIT}")
    swipe(phone, (200, 300), (stop, 310))
    expect(phone).to_have_url(f"{site}/models/toy/mixed3b/{unit}")


@pytest.mark.parametrize(
    ("start", "stop"),
    [((200, 300), (145, 300)), ((250, 300), (150, 380)), ((200, 500), (200, 300))],
    ids=["short", "slanting", "scrolling"],
)
def test_other_touches_lead_nowhere(phone: Page, site: str, start: Point, stop: Point) -> None:
    ready(phone, f"{site}{UNIT}")
    swipe(phone, start, stop)
    stays(phone, f"{site}{UNIT}")


def test_a_swipe_from_the_edge_is_the_systems(phone: Page, site: str) -> None:
    ready(phone, f"{site}{UNIT}")
    swipe(phone, (385, 300), (200, 300))
    stays(phone, f"{site}{UNIT}")


def test_a_swipe_over_what_scrolls_sideways_scrolls_it(phone: Page, site: str) -> None:
    ready(phone, f"{site}{UNIT}")
    phone.locator("main").evaluate(
        """main => {
          const inner = Object.assign(document.createElement("p"), { textContent: "wide" });
          Object.assign(inner.style, { width: "3000px", height: "300px" });
          const outer = Object.assign(document.createElement("div"), { id: "own" });
          outer.style.overflowX = "auto";
          outer.append(inner);
          main.replaceChildren(outer);
        }"""
    )
    place = middle(phone.locator("#own"))
    swipe(phone, (place[0] + 80, place[1]), (place[0] - 80, place[1]))
    stays(phone, f"{site}{UNIT}")
    assert phone.locator("#own").evaluate("each => each.scrollLeft") > 0


def middle(found: Locator) -> Point:
    place = found.bounding_box()
    assert place is not None
    return place["x"] + place["width"] / 2, place["y"] + place["height"] / 2


def test_a_swipe_while_text_is_chosen_or_the_page_is_enlarged_leads_nowhere(
    phone: Page, site: str
) -> None:
    ready(phone, f"{site}{UNIT}")
    phone.evaluate("getSelection().selectAllChildren(document.querySelector('h1'))")
    swipe(phone, (200, 300), (80, 300))
    stays(phone, f"{site}{UNIT}")
    phone.evaluate("getSelection().removeAllRanges()")
    screen = phone.context.new_cdp_session(phone)
    screen.send("Emulation.setPageScaleFactor", {"pageScaleFactor": 2})
    swipe(phone, (200, 300), (80, 300))
    stays(phone, f"{site}{UNIT}")

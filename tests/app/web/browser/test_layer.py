"""A layer's page in a real Chromium: sheets that fill their tiles, what shows beside one, menus."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from app.config import Settings
from app.db.derived.sprites import renew_sheets
from app.db.engine import open_for_writing
from app.db.writer.writer import Writer
from app.web.server import Server
from tests.app.web.browser.test_browser import watch

pytestmark = pytest.mark.browser

LAYER = "/models/toy/mixed3b"


@pytest.fixture(scope="module")
def sheeted(tmp_path_factory: pytest.TempPathFactory, fill: Callable[..., None]) -> Iterator[str]:
    """A real server over a database with sheets."""
    path = Path(tmp_path_factory.mktemp("sheeted")) / "m.db"
    fill(str(path))
    engine = open_for_writing(str(path))
    renew_sheets(Writer(engine), "toy")
    engine.dispose()
    server = Server(Settings(database=str(path), port=0))
    server.start()
    yield server.address.rstrip("/")
    server.stop()


def glance(page: Page) -> Locator:
    return page.get_by_role("tooltip")


def overlap(page: Page, tile: Locator) -> bool:
    one, other = tile.bounding_box(), glance(page).bounding_box()
    assert one
    assert other
    across = one["x"] < other["x"] + other["width"] and other["x"] < one["x"] + one["width"]
    along = one["y"] < other["y"] + other["height"] and other["y"] < one["y"] + one["height"]
    return across and along


def test_a_sheet_fills_each_tile_with_its_own_place(page: Page, sheeted: str) -> None:
    page.goto(f"{sheeted}{LAYER}")
    shown = page.locator(".units .part")
    expect(shown).to_have_count(12)
    for unit in (0, 3, 11):
        tile, part = (page.locator(each).nth(unit).bounding_box() for each in (".units a", ".part"))
        assert tile
        assert part
        row, column = divmod(unit, 8)
        cell = part["width"] / 8
        assert part["x"] + column * cell == pytest.approx(tile["x"], abs=0.02 * cell)
        assert part["y"] + row * cell == pytest.approx(tile["y"], abs=0.02 * cell)
        assert cell == pytest.approx(1.02 * tile["width"], rel=0.01)


def test_pointing_at_a_tile_shows_its_examples_beside_it(page: Page, sheeted: str) -> None:
    complaints = watch(page)
    page.goto(f"{sheeted}{LAYER}")
    for unit in (3, 11):
        tile = page.locator(".units a").nth(unit)
        tile.hover()
        expect(glance(page)).to_contain_text(f"mixed3b:{unit}")
        expect(glance(page).locator("image")).to_have_count(3)
        expect(tile).to_have_attribute("aria-describedby", "glance")
        assert not overlap(page, tile)
    page.mouse.move(1, 1)
    expect(glance(page)).to_have_count(0)
    assert not complaints


def test_pointing_at_a_tile_does_not_move_its_sheet(page: Page, sheeted: str) -> None:
    page.goto(f"{sheeted}{LAYER}")
    tile, part = (page.locator(each).first for each in (".units a", ".units .part"))
    before = part.bounding_box()
    tile.hover()
    expect(glance(page)).to_be_visible()
    assert part.bounding_box() == before


def test_one_can_point_at_what_shows_and_escape_closes_it(page: Page, sheeted: str) -> None:
    page.goto(f"{sheeted}{LAYER}")
    page.locator(".units a").nth(3).hover()
    expect(glance(page)).to_be_visible()
    glance(page).hover()
    page.wait_for_timeout(400)
    expect(glance(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(glance(page)).to_have_count(0)


def test_the_keyboard_shows_it_too_and_keeps_its_place(page: Page, sheeted: str) -> None:
    page.goto(f"{sheeted}{LAYER}")
    page.locator(".units a").nth(2).focus()
    page.keyboard.press("Tab")
    expect(glance(page)).to_contain_text("mixed3b:3")
    expect(page.locator(".units a").nth(3)).to_be_focused()
    page.keyboard.press("Escape")
    expect(glance(page)).to_have_count(0)
    expect(page.locator(".units a").nth(3)).to_be_focused()


def test_a_touch_screen_is_left_alone(browser: Browser, sheeted: str) -> None:
    context = browser.new_context(has_touch=True, is_mobile=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{sheeted}{LAYER}")
    page.locator(".units a").nth(3).tap()
    expect(page).to_have_url(f"{sheeted}{LAYER}/3")
    assert not [url for url in asked if "glance.json" in url]
    context.close()


def test_a_menu_closes_when_something_else_is_clicked_or_by_escape(
    page: Page, sheeted: str
) -> None:
    page.goto(f"{sheeted}{LAYER}")
    sort, size = (page.locator("summary", has_text=name) for name in ("Sort", "Size"))
    sort.click()
    expect(page.get_by_role("link", name="Skew")).to_be_visible()
    size.click()
    expect(page.get_by_role("link", name="Skew")).not_to_be_visible()
    page.locator("h1").click()
    expect(page.get_by_role("link", name="Large")).not_to_be_visible()
    sort.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Skew")).not_to_be_visible()
    expect(sort).to_be_focused()


@pytest.mark.parametrize("width", [390, 1440])
def test_units_are_in_the_first_view(browser: Browser, sheeted: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.goto(f"{sheeted}/models/toy/conv2d0")
    first = page.locator(".units li").first.bounding_box()
    assert first
    assert first["y"] + first["height"] < 900
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()

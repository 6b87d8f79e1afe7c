"""The pages in a real Chromium: without JavaScript and with it, small and large, by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.config import Settings
from app.db.engine import open_for_writing
from app.db.records import ModelRecord, VisualizationRecord
from app.db.writer.writer import Writer
from app.web.server import Server
from tests.app.watching import require_fit
from tests.app.watching import watch as watch

pytestmark = pytest.mark.browser

PATHS = ["/", "/models", "/models/toy", "/models/toy/mixed3b", "/models/toy/mixed3b/3"]
PATHS += [
    "/models/toy/conv2d0",
    "/models/toy/conv2d0/5",
    "/models/toy/mixed3b/23",
    "/models/toy/logits/1",
    "/docs",
]

Watched = tuple[Page, list[str]]


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def either(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Watched]:
    context = browser.new_context(java_script_enabled=request.param)
    page = context.new_page()
    yield page, watch(page)
    context.close()


def test_one_finds_the_way_from_home_to_a_unit(either: Watched, site: str) -> None:
    page, complaints = either
    page.goto(f"{site}/")
    page.get_by_role("link", name="A toy network").click()
    page.get_by_role("link", name="mixed3b", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("mixed3b")
    page.get_by_role("link", name="unit 3 of mixed3b").click()
    expect(page).to_have_title(re.compile(r"^mixed3b:3 "))
    picture = page.get_by_alt_text(
        "unit 3 of mixed3b: feature visualization, mean of the unit's map"
    )
    expect(picture.first).to_be_visible()
    page.get_by_text("How the channel picture was made").first.click()
    expect(page.get_by_text("256", exact=True).first).to_be_visible()
    page.get_by_role("link", name="mixed3b:4").click()
    expect(page).to_have_url(f"{site}/models/toy/mixed3b/4")
    page.go_back()
    expect(page).to_have_url(f"{site}/models/toy/mixed3b/3")
    assert not complaints


def test_every_page_fits_and_loads_whole(tried: Page, site: str) -> None:
    for path in PATHS:
        tried.goto(f"{site}{path}", wait_until="load")
        require_fit(tried)
        broken = tried.evaluate(
            "[...document.images].filter((i) => i.complete && !i.naturalWidth).length"
        )
        assert broken == 0, path


def lightness(page: Page, what: str) -> int:
    colour = page.evaluate(f"getComputedStyle(document.documentElement).{what}")
    return sum(int(part) for part in re.findall(r"\d+", colour)[:3])


def test_the_pages_are_dark_where_the_reader_wants_it(browser: Browser, site: str) -> None:
    for theme, is_dark in (("dark", True), ("light", False)):
        context = browser.new_context(color_scheme="dark" if is_dark else "light")
        page = context.new_page()
        page.goto(f"{site}/models/toy")
        paper, ink = lightness(page, "backgroundColor"), lightness(page, "color")
        assert (paper < ink) is is_dark, theme
        context.close()


def test_every_unit_can_be_reached_by_the_tab_key(page: Page, site: str) -> None:
    page.goto(f"{site}/models/toy/conv2d0")
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.getAttribute('href')"))
    assert {f"/lab/models/toy/conv2d0/{unit}" for unit in range(16)} <= reached


def test_a_branch_can_be_linked(page: Page, site: str) -> None:
    page.set_viewport_size({"width": 390, "height": 500})
    page.goto(f"{site}/models/toy/mixed3b#branch-pool")
    expect(page.get_by_role("heading", name="pool branch")).to_be_in_viewport()


def test_the_large_picture_is_sharp_enough_and_not_distorted(page: Page, site: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{site}/models/toy/mixed3b/3")
    box = page.locator(".main-picture img").bounding_box()
    assert box is not None
    assert abs(box["width"] - box["height"]) < 1
    assert box["width"] >= 400


def test_a_picture_of_few_pixels_is_enlarged_with_sharp_pixels(page: Page, site: str) -> None:
    page.goto(f"{site}/models/toy/conv2d0/5")
    picture = page.get_by_alt_text(re.compile("centre of the map"))
    box = picture.bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (126, 126), "18 times 7"
    assert picture.evaluate("(each) => getComputedStyle(each).imageRendering") == "pixelated"


def test_a_note_stands_beside_its_picture(page: Page, site: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{site}/models/toy/conv2d0/5")
    figure = page.locator("figure", has=page.locator(".note"))
    picture, note = figure.locator("img").bounding_box(), figure.locator(".note").bounding_box()
    assert picture is not None
    assert note is not None
    assert note["x"] > picture["x"] + picture["width"]
    assert picture["y"] <= note["y"] < picture["y"] + picture["height"]


def test_how_a_dream_was_made_opens_without_a_script(either: Watched, site: str) -> None:
    page, complaints = either
    page.goto(f"{site}/models/toy/conv2d0")
    expect(page.get_by_role("heading", name="DeepDream")).to_be_visible()
    recipes = page.locator("details .recipe")
    expect(recipes.first).to_be_hidden()
    page.get_by_text("How the DeepDream pictures were made").click()
    expect(recipes).to_have_count(3)
    expect(recipes.first).to_be_visible()
    assert not complaints


def test_the_mark_lies_where_the_maximum_is(page: Page, site: str) -> None:
    page.goto(f"{site}/models/toy/mixed3b/3?show=whole")
    view = page.locator(".view").first.bounding_box()
    mark = page.locator(".view circle").first.bounding_box()
    assert view is not None
    assert mark is not None
    across = (mark["x"] + mark["width"] / 2 - view["x"]) / view["width"]
    down = (mark["y"] + mark["height"] / 2 - view["y"]) / view["height"]
    assert across == pytest.approx(5.5 / 28, abs=0.02)
    assert down == pytest.approx(3.5 / 28, abs=0.02)


@pytest.fixture
def busy(
    tmp_path: Path, make_model: Callable[..., ModelRecord]
) -> Iterator[tuple[str, Writer, int]]:
    """A site whose precompute has just begun."""
    path = str(tmp_path / "busy.db")
    writer = Writer(open_for_writing(path))
    writer.put_model(make_model())
    run = writer.start_run("toy", {}, "0.1.0")
    writer.beat(run, "rendering mixed3b", 0, 24)
    server = Server(Settings(database=path, port=0))
    server.start()
    yield server.address.rstrip("/"), writer, run
    server.stop()
    writer.engine.dispose()


def test_a_page_fills_while_precompute_goes_on(
    context: BrowserContext,
    busy: tuple[str, Writer, int],
    make_visualization: Callable[..., VisualizationRecord],
) -> None:
    site, writer, run = busy
    page = context.new_page()
    complaints = watch(page)
    page.goto(f"{site}/models/toy/mixed3b")
    expect(page.locator(".units img")).to_have_count(0)
    writer.put_visualizations("toy", [make_visualization("mixed3b", unit) for unit in range(5)])
    writer.beat(run, "rendering mixed3b", 5, 24)
    expect(page.locator(".units img")).to_have_count(5, timeout=10_000)
    expect(page.get_by_role("status")).to_contain_text("5 of 24")
    writer.end_run(run, "finished")
    expect(page.get_by_role("status")).to_have_count(0, timeout=10_000)
    assert not complaints


def test_without_a_script_the_page_asks_for_itself_again(
    browser: Browser, busy: tuple[str, Writer, int]
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{busy[0]}/models/toy")
    assert page.locator('noscript meta[http-equiv="refresh"], meta[http-equiv="refresh"]').count()
    context.close()

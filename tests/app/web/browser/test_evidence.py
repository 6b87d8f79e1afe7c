"""A unit's evidence in a real Chromium: the choices work, the drawings lie where they should, and
hostile labels do nothing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, FloatRect, Locator, Page, expect

from tests.app.findings import HOSTILE
from tests.app.watching import require_fit, unfold
from tests.app.web.browser.test_browser import watch

pytestmark = pytest.mark.browser

UNIT = "/models/toy/mixed3b/2"
PATHS = [f"{UNIT}{query}" for query in ("", "?show=whole", "?show=heat&counts=log")]
PATHS += ["/models/toy/mixed3b/11", "/models/toy/mixed3b?sort=density&order=asc"]


def box(found: Locator) -> FloatRect:
    """Where an element lies."""
    place = found.bounding_box()
    assert place is not None
    return place


def test_the_evidence_fits_and_loads_whole(tried: Page, site: str) -> None:
    for path in PATHS:
        tried.goto(f"{site}{path}", wait_until="load")
        unfold(tried)
        require_fit(tried)


@pytest.mark.parametrize("scripts", [True, False], ids=["with script", "without script"])
def test_every_choice_is_a_click_away(browser: Browser, site: str, scripts: bool) -> None:
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    complaints = watch(page)
    page.goto(f"{site}{UNIT}")
    first = page.locator(".examples li").first
    expect(first.locator("svg.crop")).to_be_visible()
    page.get_by_role("link", name="Whole image").click()
    expect(first.locator("circle").first).to_be_visible()
    page.get_by_role("link", name="Heat map").click()
    expect(page).to_have_url(f"{site}{UNIT}?show=heat#examples")
    expect(first.locator("img.heat")).to_be_visible()
    page.get_by_role("link", name="Logarithmic").first.click()
    expect(page).to_have_url(f"{site}{UNIT}?show=heat&counts=log#histogram")
    expect(page.get_by_role("heading", name="How often it takes which value").first).to_be_visible()
    expect(first.locator("img.heat")).to_have_count(1)
    page.get_by_role("link", name="What the unit sees").click()
    expect(page).to_have_url(f"{site}{UNIT}?counts=log#examples")
    assert not complaints
    context.close()


def test_the_heat_lies_over_its_picture_and_is_hot_where_the_ring_would_be(
    page: Page, site: str
) -> None:
    page.goto(f"{site}{UNIT}?show=heat")
    view = page.locator(".view", has=page.locator(".heat")).first
    picture, heat = view.locator("img").first, view.locator(".heat")
    expect(heat).to_have_js_property("complete", True)
    assert heat.evaluate("each => each.naturalWidth") == 64
    assert box(picture) == box(heat)
    hottest = heat.evaluate(
        """each => {
          const canvas = new OffscreenCanvas(64, 64).getContext("2d");
          canvas.drawImage(each, 0, 0);
          const { data } = canvas.getImageData(0, 0, 64, 64);
          let best = 0;
          for (let at = 0; at < 64 * 64; at++) if (data[at * 4 + 3] > data[best * 4 + 3]) best = at;
          return [best % 64, Math.floor(best / 64)];
        }"""
    )
    # The cell (3, 5) of a map of 28 cells.
    assert hottest == pytest.approx([64 * 5.5 / 28, 64 * 3.5 / 28], abs=2)


def test_a_crop_shows_what_the_cell_sees_enlarged(page: Page, site: str) -> None:
    page.goto(f"{site}/models/toy/conv2d0/5")
    crop = page.locator("svg.crop").first
    whole, field = box(crop), box(crop.locator("rect").last)
    assert whole["width"] == pytest.approx(whole["height"], abs=1)
    assert field["width"] == pytest.approx(whole["width"] * 7 / 48, abs=3)
    assert field["x"] - whole["x"] == pytest.approx(whole["width"] * 8 / 48, abs=3)
    assert field["y"] - whole["y"] == pytest.approx(whole["height"] * 4 / 48, abs=3)


def test_labels_that_would_do_harm_are_read_as_text(browser: Browser, site: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    complaints = watch(page)
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.goto(f"{site}{UNIT}")
    expect(page.get_by_text(HOSTILE[0]).first).to_be_visible()
    expect(page.get_by_text(HOSTILE[1]).first).to_be_visible()
    turned = page.locator("bdi", has_text=re.compile("gnihtyna")).first
    # What is turned is the label alone: the number stays to its right.
    amount = turned.locator("xpath=following-sibling::*[1]")
    assert box(amount)["x"] > box(turned)["x"]
    expect(amount).to_have_text("1.33")
    assert not complaints
    context.close()


def test_a_class_is_reached_from_its_effect_and_a_unit_from_its_neighbour(
    page: Page, site: str
) -> None:
    page.goto(f"{site}{UNIT}")
    page.get_by_role("link", name="grey fox").click()
    expect(page).to_have_url(f"{site}/models/toy/logits/2")
    page.go_back()
    page.get_by_role("link", name="mixed3b:5 +0.75").click()
    expect(page).to_have_url(f"{site}/models/toy/mixed3b/5")


def test_units_are_sorted_from_the_keyboard_and_marked_for_readers(page: Page, site: str) -> None:
    page.goto(f"{site}/models/toy/mixed3b")
    page.locator("summary", has_text="Sort").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Mean", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{site}/models/toy/mixed3b?sort=mean#units")
    first = page.locator(".units a").first
    expect(first).to_have_attribute("href", "/lab/models/toy/mixed3b/10")
    expect(page.get_by_role("link", name=re.compile("unit 11 of mixed3b.* dead"))).to_be_visible()
    page.locator("summary", has_text="Order").click()
    page.get_by_role("link", name="Lowest first").click()
    expect(page.locator(".units a").first).to_have_attribute("href", "/lab/models/toy/mixed3b/0")

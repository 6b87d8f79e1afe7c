"""A unit's page in a real Chromium: crops that are fetched late and lie where they should, panels
that are linked, what is copied, frames on other pages, comparisons."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Browser, Locator, Page, expect

from tests.app.watching import require_fit, unfold
from tests.app.web.browser.test_browser import watch

pytestmark = pytest.mark.browser

UNIT = "/models/toy/mixed3b/2"

# How crops would be drawn if nothing had to be fetched late: the picture as a part of the drawing.
DRAWN = """each => {
  const [inner, image] = [each.querySelector("foreignObject"), each.querySelector("img")];
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "image");
  drawn.setAttribute("href", image.src);
  drawn.setAttribute("width", image.getAttribute("width"));
  drawn.setAttribute("height", image.getAttribute("height"));
  inner.replaceWith(drawn);
  return new Promise((done) => {
    drawn.addEventListener("load", () => requestAnimationFrame(() => requestAnimationFrame(done)));
  });
}"""


def seen(found: Locator) -> Image.Image:
    """What an element looks like."""
    return Image.open(BytesIO(found.screenshot())).convert("RGB")


@pytest.mark.parametrize("width", [390, 1003, 1440])
@pytest.mark.parametrize("path", [UNIT, "/models/toy/conv2d0/5"])
def test_a_crop_is_what_a_drawing_would_be_to_the_pixel(
    page: Page, site: str, path: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{site}{path}")
    for crop in page.locator(".examples .crop").all()[:3]:
        crop.scroll_into_view_if_needed()
        expect(crop.locator("img")).to_have_js_property("complete", True)
        crop.locator("img").evaluate("each => each.decode()")
        before = seen(crop)
        assert len(before.getcolors(1 << 20) or ()) > 20, "a picture is shown"
        crop.evaluate(DRAWN)
        assert ImageChops.difference(before, seen(crop)).getbbox() is None


def test_views_that_are_far_away_are_not_fetched(page: Page, site: str) -> None:
    page.set_viewport_size({"width": 390, "height": 300})
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(f"{site}{UNIT}", wait_until="networkidle")
    last = page.locator(".thumbs .crop img").last
    address = last.evaluate("each => each.src")
    assert address not in fetched
    assert page.locator(".main-picture img").evaluate("each => each.complete")
    last.scroll_into_view_if_needed()
    expect(last).to_have_js_property("complete", True)
    assert last.evaluate("each => each.naturalWidth") == 224
    assert address in fetched


def test_a_panel_can_be_linked_and_says_how_it_came_about(page: Page, site: str) -> None:
    complaints = watch(page)
    page.goto(f"{site}{UNIT}")
    section = page.locator("#classes")
    link = section.get_by_role("link", name="Link to this panel: Classes")
    link.focus()
    expect(link).to_have_css("opacity", "1")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{site}{UNIT}#classes")
    expect(section.locator("h2")).to_be_in_viewport()
    method = section.locator(".method")
    expect(method).to_be_hidden()
    section.locator(".how > summary").focus()
    page.keyboard.press("Enter")
    expect(method).to_be_visible()
    assert not complaints


@pytest.mark.parametrize("scripts", [True, False], ids=["with script", "without script"])
def test_link_frame_and_citation_can_be_taken_along(
    browser: Browser, site: str, scripts: bool
) -> None:
    context = browser.new_context(java_script_enabled=scripts)
    if scripts:
        context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    complaints = watch(page)
    page.goto(f"{site}{UNIT}?show=heat")
    page.get_by_text("Share, embed, cite").click()
    link = page.get_by_label("Link", exact=True)
    expect(link).to_have_value(f"{site}{UNIT}?show=heat")
    button = page.get_by_role("button", name="Copy the citation, bibtex")
    if scripts:
        button.click()
        expect(page.locator(".copied")).to_have_text("Copied.")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith("@misc{microscope-abababab-mixed3b-2,\n")
    else:
        expect(button).to_be_hidden()
        expect(page.get_by_label("Citation, BibTeX")).to_be_visible()
    assert not complaints
    context.close()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """A page of another site, at the address that is answered."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    Thread(target=server.serve_forever, daemon=True).start()

    def publish(html: str) -> str:
        (tmp_path / "other.html").write_text(f'<link rel="icon" href="data:,">{html}')
        return f"http://127.0.0.1:{server.server_port}/other.html"

    yield publish
    server.shutdown()
    server.server_close()


def test_a_part_of_the_page_stands_in_a_frame_of_another(
    page: Page, site: str, elsewhere: Callable[[str], str]
) -> None:
    complaints = watch(page)
    source = f"{site}{UNIT}?embed=1&panels=picture,effects"
    html = f'<iframe src="{source}" title="unit" width="480" height="600"></iframe>'
    page.goto(elsewhere(html))
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="mixed3b:2")).to_be_visible()
    expect(frame.locator(".main-picture img")).to_be_visible()
    expect(frame.get_by_role("heading", name="Effect on the classes")).to_have_count(1)
    expect(frame.get_by_role("search")).to_have_count(0)
    with page.expect_popup() as popup:
        frame.get_by_role("link", name="mixed3b:2 in A toy network").click()
    expect(popup.value).to_have_url(f"{site}{UNIT}")
    assert not complaints


def test_comparisons_and_frames_fit(tried: Page, site: str) -> None:
    compared = "/compare?u=mixed3b:2&u=conv2d0:5&u=logits:1&u=mixed3b:11"
    for path in ("/compare", compared, f"{UNIT}?embed=1", "/models/toy/logits/2"):
        tried.goto(f"{site}{path}", wait_until="load")
        unfold(tried)
        require_fit(tried)


def test_a_comparison_grows_from_page_to_page(page: Page, site: str) -> None:
    page.goto(f"{site}{UNIT}")
    page.get_by_text("Compare with…").click()
    page.get_by_role("link", name="any other unit").click()
    page.get_by_label("Another unit").fill("conv2d0:5")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("2 units compared")
    page.get_by_role("link", name="mixed3b:2", exact=True).click()
    page.get_by_role("link", name="mixed3b:3", exact=False).first.click()
    page.get_by_role("link", name="Add to the comparison with conv2d0:5").click()
    expect(page.locator(".side h2")).to_have_text(["conv2d0:5", "mixed3b:3"])
    page.get_by_role("link", name="Remove conv2d0:5").click()
    expect(page.locator(".side h2")).to_have_text(["mixed3b:3"])


def test_on_paper_a_page_is_light_and_has_nothing_to_click(page: Page, site: str) -> None:
    page.emulate_media(media="print", color_scheme="dark")
    page.goto(f"{site}{UNIT}")
    expect(page.locator("html")).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(page.locator("html")).to_have_css("color", "rgb(29, 28, 25)")
    for shown in ("h1", ".main-picture img", ".examples .crop >> nth=0", ".provenance"):
        expect(page.locator(shown)).to_be_visible()
    for left_off in (".search", ".around", ".tabs", ".along", ".files"):
        expect(page.locator(left_off).first).to_be_hidden()

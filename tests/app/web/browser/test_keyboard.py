"""The keys in a real Chromium: they lead on, never where they are not meant, and are listed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from app.web.urls import Urls
from tests.app.watching import ready, stays

pytestmark = pytest.mark.browser

UNIT = "/models/toy/mixed3b/3"
URLS = Urls("/lab")
LAYERS = ("conv2d0", "conv2d1", "mixed4c", "mixed4d", "mixed5b", "mix", "logits")


@pytest.fixture(scope="module")
def reader(browser: Browser) -> Iterator[Page]:
    """A page that is used again: what it is told to answer is forgotten by `page`."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def page(reader: Page) -> Iterator[Page]:
    yield reader
    reader.unroute_all()


def with_layers(page: Page, names: tuple[str, ...] = LAYERS) -> None:
    """Let the page name these layers as the model's."""
    page.locator("#jumps").evaluate(
        """(template, layers) => {
          for (const each of template.content.querySelectorAll("a:not([data-key])")) each.remove();
          for (const layer of layers) {
            template.content.append(Object.assign(document.createElement("a"), layer));
          }
        }""",
        [{"textContent": name, "href": URLS.layer("toy", name)} for name in names],
    )


def catch(page: Page, address: str) -> None:
    """Let there be a page at the address, whatever the site has there."""
    page.route(address, lambda route: route.fulfill(body="<title>caught</title>"))


def typed(page: Page, keys: str) -> None:
    for key in keys.split():
        page.keyboard.press(key)


@pytest.mark.parametrize(
    ("keys", "unit"), [("ArrowRight", 4), ("j", 4), ("ArrowLeft", 2), ("k", 2)]
)
def test_keys_lead_to_the_neighbours(page: Page, site: str, keys: str, unit: int) -> None:
    ready(page, f"{site}{UNIT}")
    typed(page, keys)
    expect(page).to_have_url(f"{site}/models/toy/mixed3b/{unit}")


def test_one_goes_on_with_the_same_key_and_back_with_the_browsers(page: Page, site: str) -> None:
    ready(page, f"{site}{UNIT}")
    typed(page, "j")
    expect(page).to_have_url(f"{site}/models/toy/mixed3b/4")
    expect(page.locator(".typed")).to_be_attached()
    typed(page, "j")
    expect(page).to_have_url(f"{site}/models/toy/mixed3b/5")
    page.go_back()
    expect(page).to_have_url(f"{site}/models/toy/mixed3b/4")
    typed(page, "k")
    expect(page).to_have_url(f"{site}{UNIT}")


def test_other_keys_lead_nowhere(page: Page, site: str) -> None:
    ready(page, f"{site}{UNIT}")
    typed(page, "Alt+ArrowRight Control+j Meta+k Shift+ArrowRight Shift+j x Escape u")
    stays(page, f"{site}{UNIT}")


def test_at_the_first_unit_there_is_no_way_back(page: Page, site: str) -> None:
    ready(page, f"{site}/models/toy/mixed3b/0")
    typed(page, "ArrowLeft k")
    stays(page, f"{site}/models/toy/mixed3b/0")


OWN = """
<input class="own"><textarea class="own"></textarea><select class="own"><option>j</select>
<p class="own" contenteditable>text</p>
<ul role="listbox"><li class="own" role="option" tabindex="0">one</ul>
<p data-steers><a class="own" href="#">own</a></p>
"""


def test_what_takes_keys_itself_keeps_them(page: Page, site: str) -> None:
    ready(page, f"{site}{UNIT}")
    page.locator("main").evaluate("(main, html) => (main.innerHTML = html)", OWN)
    for own in page.locator(".own").all():
        own.focus()
        typed(page, "j ArrowRight g h ?")
    stays(page, f"{site}{UNIT}")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_arrows_scroll_what_scrolls_sideways(page: Page, site: str) -> None:
    ready(page, f"{site}{UNIT}")
    page.locator("main").evaluate(
        """main => {
          const inner = Object.assign(document.createElement("p"), { textContent: "wide" });
          inner.style.width = "3000px";
          const outer = Object.assign(document.createElement("div"), { id: "own", tabIndex: 0 });
          outer.style.overflowX = "auto";
          outer.append(inner);
          main.replaceChildren(outer);
        }"""
    )
    page.locator("#own").focus()
    typed(page, "ArrowRight")
    stays(page, f"{site}{UNIT}")
    typed(page, "j")
    expect(page).to_have_url(f"{site}/models/toy/mixed3b/4")


@pytest.mark.parametrize(
    ("keys", "path"),
    [
        ("g h", "/"),
        ("g m", "/models/toy"),
        ("g l", "/models/toy/mixed3b"),
        ("g r", "/random"),
        ("g a", "/about"),
        ("g 4 c", "/models/toy/mixed4c"),
        ("g 5", "/models/toy/mixed5b"),
        ("g c 0", "/models/toy/conv2d0"),
        ("g d 1", "/models/toy/conv2d1"),
        ("g s", "/models/toy/logits"),
    ],
)
def test_after_g_keys_lead_to_a_place_by_its_name(
    page: Page, site: str, keys: str, path: str
) -> None:
    ready(page, f"{site}{UNIT}")
    with_layers(page)
    catch(page, f"{site}{path}")
    typed(page, keys)
    expect(page).to_have_url(f"{site}{path}")


def test_what_was_typed_is_shown_with_what_it_may_mean_and_is_forgotten(
    page: Page, site: str
) -> None:
    ready(page, f"{site}{UNIT}")
    with_layers(page)
    hint = page.locator(".typed")
    expect(hint).to_be_empty()
    assert hint.get_attribute("aria-live") == "polite"
    typed(page, "g 4")
    expect(hint.locator("kbd")).to_have_text(["g", "4"])
    expect(hint.locator("bdi")).to_have_text(["mixed4c", "mixed4d"])
    expect(hint).to_be_empty()
    typed(page, "c")
    expect(page).to_have_url(f"{site}{UNIT}")


def test_a_sequence_that_means_nothing_is_dropped(page: Page, site: str) -> None:
    ready(page, f"{site}{UNIT}")
    with_layers(page)
    for keys in ("g z", "g 4 z", "g Escape", "g ArrowRight"):
        typed(page, keys)
        expect(page.locator(".typed")).to_be_empty()
    typed(page, "h 4 c")
    stays(page, f"{site}{UNIT}")


def test_a_name_that_begins_anothers_is_meant_when_nothing_follows(page: Page, site: str) -> None:
    ready(page, f"{site}{UNIT}")
    with_layers(page, ("4", "4c", "4d"))
    catch(page, f"{site}/models/toy/4")
    typed(page, "g 4")
    expect(page).to_have_url(f"{site}/models/toy/4")


def rows(page: Page) -> dict[str, str]:
    """The list of keys: what is pressed, and what it says of it."""
    found = {}
    for row in page.locator("dialog dl > div").all():
        keys = row.locator("kbd").all_text_contents()
        found[" ".join(keys)] = row.locator("dd").text_content() or ""
    return found


def test_the_list_of_keys_is_true(page: Page, site: str) -> None:
    """Every layer's row is typed as it stands there, and leads to that layer."""
    ready(page, f"{site}{UNIT}")
    with_layers(page)
    typed(page, "?")
    listed = {keys: does for keys, does in rows(page).items() if does in LAYERS}
    assert set(listed.values()) == set(LAYERS) - {"mix"}, "all that mix has mixed4c has too"
    found = page.evaluate(
        """async (all) => {
          const own = document.querySelector("script[src*='/page.js']").src;
          const { jumps, meant } = await import(own.replace("page.js", "bindings.js"));
          return all.map((typed) => meant(jumps(), typed).map((each) => each.name));
        }""",
        [keys.removeprefix("g ").replace(" ", "") for keys in listed],
    )
    assert found == [[name] for name in listed.values()]


def test_the_list_of_keys_is_a_dialog_that_gives_the_focus_back(page: Page, site: str) -> None:
    ready(page, f"{site}{UNIT}")
    button = page.get_by_role("button", name="Keyboard")
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Keyboard")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    for _ in range(3):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('dialog, body').tagName") != "A"
    typed(page, "j g h")
    stays(page, f"{site}{UNIT}")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(button).to_be_focused()


def test_the_list_closes_by_its_button_and_by_a_click_beside_it(page: Page, site: str) -> None:
    ready(page, f"{site}{UNIT}")
    dialog = page.get_by_role("dialog")
    typed(page, "?")
    dialog.get_by_role("button", name="Close").click()
    # Closed it has no role any more; until it is removed it has the focus.
    expect(page.locator("dialog")).to_have_count(0)
    typed(page, "?")
    dialog.get_by_role("heading", level=2).click()
    expect(dialog).to_be_visible()
    page.mouse.click(5, 300)
    expect(dialog).to_have_count(0)


def test_without_a_script_no_keys_are_offered(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}{UNIT}")
    expect(page.get_by_text("Keyboard")).to_be_hidden()
    context.close()

"""Every page in the eyes of axe-core: wide and narrow, light and dark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.app.pages_of import KINDS

pytestmark = pytest.mark.browser

# WCAG 2.2 A and AA, and what axe-core calls best practice. The size of targets is off by default.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
# All that the theme has a part in.
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]}
WAYS: list[tuple[int, str, Mapping[str, Any]]] = [
    (1440, "light", RULES),
    (1440, "dark", COLOURS),
    (390, "dark", COLOURS),
    (390, "light", RULES),
]


def violations(page: Page, rules: Mapping[str, Any] = RULES) -> list[str]:
    """What axe-core finds on the page as it is: rule, element, and why."""
    found: dict[str, Any] = page.evaluate("rules => axe.run(document, rules)", rules)
    return [
        f"{rule['id']}: {node['html'][:160]} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing_wrong(
    scripted: Page, addresses: Mapping[str, str], axe: str, kind: str
) -> None:
    scripted.goto(addresses[kind])
    scripted.evaluate(axe)
    scripted.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    found: dict[str, str] = {}
    for width, theme, rules in WAYS:
        scripted.set_viewport_size({"width": width, "height": 900})
        scripted.emulate_media(color_scheme="light" if theme == "light" else "dark")
        found |= dict.fromkeys(violations(scripted, rules), f"{width} px, {theme}")
    scripted.emulate_media(color_scheme="light")
    assert not found, "\n".join(f"{way}: {said}" for said, way in found.items())


def test_axe_finds_what_is_wrong(scripted: Page, addresses: Mapping[str, str], axe: str) -> None:
    """Else an empty answer would say nothing; of each set of rules, one that is broken."""
    scripted.goto(addresses["models"])
    scripted.evaluate(axe)
    scripted.evaluate(
        """() => {
          const [picture, text] = [new Image(), document.createElement("p")];
          text.textContent = "pale";
          text.style.color = "#c8c8c8";
          document.querySelector("main").append(picture, text);
        }"""
    )
    assert {each.split(":")[0] for each in violations(scripted)} == {"image-alt", "color-contrast"}
    assert {each.split(":")[0] for each in violations(scripted, COLOURS)} == {"color-contrast"}

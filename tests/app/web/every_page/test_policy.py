"""The security policy: strict on every kind of answer, and kept by a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Page, Route

from app.web.urls import Urls
from tests.app.pages_of import EMBEDDED, KINDS, Place, pages

STRICT = {
    "default-src": "'none'",
    "img-src": "'self'",
    "style-src": "'self'",
    "script-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def answers(client: TestClient) -> dict[str, str]:
    """An address of every kind of answer there is: pages, JSON, pictures, failures, files."""
    urls = Urls()
    unit = client.get(urls.api_unit("toy", "mixed3b", 2)).json()
    page = client.get(urls.home()).text
    return {
        **pages(urls, Place()),
        "data": urls.api_models(),
        "no data": urls.api_model("none"),
        "schema": urls.openapi(),
        "picture": unit["visualizations"][0]["image"],
        "no picture": urls.image("00" * 32, "image/png"),
        "heat map": urls.heat("toy", "mixed3b", 2, "foxes", "top", 1),
        "style": re.search(r'rel="stylesheet" href="([^"]*)"', page)[1],  # type: ignore[index]
        "script": urls.static("page.js"),
        "icon": "/favicon.ico",
        "no file": urls.static("none.js"),
        "health": "/healthz",
        "readiness": "/readyz",
        "metrics": "/metrics",
        "robots": "/robots.txt",
        "moved": "/models/toy/",
        "elsewhere": "/none",
    }


def test_the_policy_is_strict_on_every_kind_of_answer(client: TestClient) -> None:
    for kind, address in answers(client).items():
        headers = client.get(address).headers
        policy = dict(
            part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";")
        )
        is_framed = kind == EMBEDDED
        assert policy == STRICT | ({"frame-ancestors": "*"} if is_framed else {}), kind
        assert headers["x-content-type-options"] == "nosniff", kind
        assert headers.get("x-frame-options") == (None if is_framed else "DENY"), kind
        assert headers["referrer-policy"] == "strict-origin-when-cross-origin", kind


def test_a_method_that_is_not_allowed_gets_it_as_well(client: TestClient) -> None:
    for answer in (client.post("/models"), client.head("/models"), client.delete("/none")):
        assert "default-src 'none'" in answer.headers["content-security-policy"]


# Each tries one thing that the policy forbids; what it names is forbidden by that directive.
ATTEMPTS = {
    "script-src-elem": """const made = document.createElement("script");
      made.textContent = "window.hurt = 1"; document.body.append(made);""",
    "script-src-attr": """const made = document.createElement("button");
      made.setAttribute("onclick", "window.hurt = 1"); document.body.append(made); made.click();""",
    "style-src-attr": """document.body.setAttribute("style", "outline: 7px solid red");""",
    "style-src-elem": """const made = document.createElement("style");
      made.textContent = "body { outline: 7px solid red }"; document.body.append(made);""",
    "img-src": """const made = new Image(); made.src = ELSEWHERE + "/x.png";
      document.body.append(made);""",
    "connect-src": """fetch(ELSEWHERE + "/x.json").catch(() => {});""",
    "frame-src": """document.body.append(Object.assign(document.createElement("iframe"),
      { src: ELSEWHERE }));""",
    "base-uri": """document.head.append(Object.assign(document.createElement("base"),
      { href: ELSEWHERE }));""",
    "form-action": """const made = Object.assign(document.createElement("form"),
      { action: ELSEWHERE }); document.body.append(made); made.submit();""",
}
TRY = """async () => {
  const heard = new Promise((resolve) => {
    document.addEventListener("securitypolicyviolation", (event) =>
      resolve(event.effectiveDirective));
    setTimeout(() => resolve("nothing"), 3000);
  });
  const ELSEWHERE = "http://elsewhere.invalid";
  %s
  return [await heard, window.hurt === undefined, getComputedStyle(document.body).outlineWidth];
}"""


@pytest.mark.browser
@pytest.mark.parametrize("directive", ATTEMPTS)
def test_a_browser_keeps_it(scripted: Page, addresses: Mapping[str, str], directive: str) -> None:
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(body="")

    scripted.route("http://elsewhere.invalid/**", answer)
    scripted.goto(addresses["models"])
    blocked, is_unhurt, outline = scripted.evaluate(TRY % ATTEMPTS[directive])
    scripted.unroute("http://elsewhere.invalid/**")
    assert blocked == directive
    assert is_unhurt
    assert outline != "7px"
    assert not asked


def test_the_table_of_pages_is_what_it_says(client: TestClient) -> None:
    from tests.app.pages_of import FAILURES

    for kind, address in pages(Urls(), Place()).items():
        assert client.get(address).status_code == FAILURES.get(kind, 200), kind
    assert set(FAILURES) <= set(KINDS)

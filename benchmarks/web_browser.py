"""What a first visit costs: requests, bytes, and when the page stands, in headless Chromium.

Every visit has a cache of its own. A line is emulated by Chromium itself: so many bytes a second
each way, and a delay before every answer.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from benchmarks.database import MODEL
from benchmarks.servers import Served
from benchmarks.web_times import CLASSES, LAYER, URLS

PAGES = {
    "home": URLS.home(),
    "model": URLS.model(MODEL),
    "layer of 1,024 units": URLS.layer(MODEL, LAYER),
    "unit": URLS.unit(MODEL, LAYER, 447),
    "class": URLS.unit(MODEL, CLASSES, 340),
}
DEVICES: Mapping[str, dict[str, Any]] = {
    "1440 × 900": {"viewport": {"width": 1440, "height": 900}},
    "390 × 844": {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 3,
        "is_mobile": True,
        "has_touch": True,
    },
}
LINES: Mapping[str, dict[str, float] | None] = {
    "loopback": None,
    "10 Mbit/s, 40 ms": {
        "latency": 40,
        "downloadThroughput": 1.25e6,
        "uploadThroughput": 1.25e6,
    },
}
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
PATIENCE = 30.0

WATCH = """
new PerformanceObserver(list => { window.largest = list.getEntries().at(-1).startTime })
  .observe({ type: "largest-contentful-paint", buffered: true })
"""
FIRST_BYTE = 'performance.getEntriesByType("navigation")[0].responseStart'
IS_COMPLETE = """
[...document.images].every(image => {
  const box = image.getBoundingClientRect()
  const isSeen = box.width && box.bottom > 0 && box.right > 0
    && box.top < innerHeight && box.left < innerWidth
  return !isSeen || (image.complete && image.naturalWidth)
})
"""


@dataclass(frozen=True)
class Visit:
    """A page's first view, until nothing is under way and its pictures are all there."""

    requests: int
    kilobytes: float
    """Over the wire, heads and compressed bodies."""
    first_byte: float
    """Milliseconds, as what follows."""
    largest: float
    """Largest Contentful Paint."""


@dataclass(frozen=True)
class View:
    """One page on one device over one line; medians of several visits."""

    page: str
    device: str
    line: str
    visit: Visit


def measure(served: Served, runs: int) -> Iterator[View]:
    """Every page on every device over every line."""
    with sync_playwright() as playwright:
        found = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        for line, limits in LINES.items():
            for name, path in PAGES.items():
                for device, shape in DEVICES.items():
                    visits = [
                        visit(browser, served.origin + path, shape, limits) for _ in range(runs)
                    ]
                    yield View(name, device, line, typical(visits))
        browser.close()


def visit(
    browser: Browser, address: str, shape: dict[str, Any], limits: dict[str, float] | None
) -> Visit:
    """One visit with an empty cache."""
    context = browser.new_context(**shape)
    page = context.new_page()
    received = counted(context.new_cdp_session(page), limits)
    page.add_init_script(WATCH)
    page.goto(address, wait_until="load")
    page.wait_for_load_state("networkidle")
    await_pictures(page)
    first_byte, largest = page.evaluate(FIRST_BYTE), page.evaluate("window.largest || 0")
    context.close()
    return Visit(len(received), sum(received) / 1000, first_byte, largest)


def counted(session: CDPSession, limits: dict[str, float] | None) -> list[float]:
    """The bytes of every answer that has come, in a list that grows."""
    received: list[float] = []
    session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    session.send("Network.enable")
    if limits:
        session.send("Network.emulateNetworkConditions", {"offline": False, **limits})
    return received


def await_pictures(page: Page) -> None:
    """Waits until every picture within the window is there."""
    deadline = time.monotonic() + PATIENCE
    while not page.evaluate(IS_COMPLETE):
        if time.monotonic() > deadline:
            raise SystemExit(f"A picture of {page.url} does not come.")
        page.wait_for_timeout(50)


def typical(visits: Sequence[Visit]) -> Visit:
    """The median of each figure."""
    requests, *others = (
        median(getattr(each, name) for each in visits)
        for name in ("requests", "kilobytes", "first_byte", "largest")
    )
    return Visit(round(requests), *others)


def table(views: Sequence[View]) -> Iterator[str]:
    """In Markdown: a row for each page and device, both lines side by side."""
    lines = list(LINES)
    timed = " | ".join(f"{line}: first byte | largest paint" for line in lines)
    yield f"| page | window | requests | kB | {timed} |"
    yield "|---|---|---|---|" + "---|---|" * len(lines)
    for page in PAGES:
        for device in DEVICES:
            own = [v.visit for v in views if (v.page, v.device) == (page, device)]
            times = " | ".join(f"{v.first_byte:.0f} ms | {v.largest:.0f} ms" for v in own)
            yield f"| {page} | {device} | {own[-1].requests} | {own[-1].kilobytes:.0f} | {times} |"

"""Looking at pages in a browser: what it complains of, when it listens, where it stays."""

from __future__ import annotations

from playwright.sync_api import ConsoleMessage, Page, Request, Response, expect


def watch(page: Page) -> list[str]:
    """Everything that the browser complains of, broken rules of the security policy included."""
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    def lose(request: Request) -> None:
        # What was still on its way when the page was left is aborted; that is nobody's fault.
        if request.failure != "net::ERR_ABORTED":
            complaints.append(f"{request.failure}: {request.url}")

    def check(answer: Response) -> None:
        if answer.status >= 400:
            complaints.append(f"{answer.status}: {answer.url}")

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lose)
    page.on("response", check)
    return complaints


def unfold(page: Page) -> None:
    """Open everything that is folded."""
    for details in page.locator("details").all():
        details.evaluate("each => each.open = true")


def require_fit(page: Page) -> None:
    """Nothing is wider than the window."""
    wide, width = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= width, f"{page.url} is {wide} px wide"


def ready(page: Page, address: str) -> None:
    """Go to a page and wait until it listens: its module has run."""
    page.goto(address)
    expect(page.locator(".typed")).to_be_attached()


def stays(page: Page, address: str) -> None:
    """Nothing leads away from here within the time that a journey takes to begin."""
    page.wait_for_timeout(150)
    expect(page).to_have_url(address)

"""What the tests over every page share: where each page is, and browser pages that are reused.

Contexts are costly, so that each way of looking has one for the whole session; a test that needs
a fresh profile asks for `page` instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, BrowserContext, Dialog, Page

from app.config import Settings
from app.main import create_app
from app.web.server import Server
from app.web.urls import Urls
from tests import tools
from tests.app.hostile import fill_hostile
from tests.app.pages_of import Place, pages
from tests.app.watching import watch
from tests.conftest import IN_CI

Watched = tuple[Page, list[str]]


@pytest.fixture(scope="session")
def addresses(site: str) -> Mapping[str, str]:
    """The address of a page of every kind, on a real server over the filled database."""
    host, _, prefix = site.partition("://")[2].partition("/")
    found = pages(Urls(f"/{prefix}"), Place())
    return {kind: f"{urlsplit(site).scheme}://{host}{path}" for kind, path in found.items()}


def lasting(browser: Browser, **options: Any) -> Iterator[Page]:
    context: BrowserContext = browser.new_context(**options)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def scripted(browser: Browser) -> Iterator[Page]:
    """A page with JavaScript, used again and again."""
    yield from lasting(browser)


@pytest.fixture(scope="session")
def heard(browser: Browser) -> Iterator[Watched]:
    """A phone's page, used again and again, with all that the browser complains of on it."""
    for page in lasting(browser, viewport={"width": 390, "height": 800}):
        complaints = watch(page)

        def refuse(dialog: Dialog, complaints: list[str] = complaints) -> None:
            complaints.append(dialog.message)
            dialog.dismiss()

        page.on("dialog", refuse)
        yield page, complaints


@pytest.fixture
def watched(heard: Watched) -> Watched:
    """That page, of which nothing has been heard yet."""
    heard[1].clear()
    return heard


@pytest.fixture(scope="session")
def plain(browser: Browser) -> Iterator[Page]:
    """A page without JavaScript, used again and again."""
    yield from lasting(browser, java_script_enabled=False)


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core."""
    return there(tools.axe()).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def validator() -> Path:
    """The Nu validator, for `java -jar`."""
    return there(tools.validator())


def there(tool: Path) -> Path:
    """A tool that `make browser` fetches; its absence is a failure where it counts."""
    if not tool.exists():
        said = f"{tool} is not there: make browser fetches it."
        pytest.fail(said) if IN_CI else pytest.skip(said)
    return tool


@pytest.fixture(scope="session")
def hostile_database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database whose every text would do harm if it could."""
    path = str(tmp_path_factory.mktemp("hostile") / "hostile.db")
    fill_hostile(path)
    return path


@pytest.fixture(scope="session")
def hostile_site(hostile_database: str) -> Iterator[str]:
    """The address of a real server over the hostile database."""
    server = Server(Settings(database=hostile_database, port=0))
    server.start()
    yield server.address.rstrip("/")
    server.stop()


@pytest.fixture(scope="session")
def hostile_client(hostile_database: str) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(database=hostile_database))) as client:
        yield client

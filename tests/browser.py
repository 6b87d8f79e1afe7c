"""Finds Chromium for the browser tests, or installs it the way this machine allows.

`tests.tools` sees to it that there is one; `find` is what the tests use.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from tests import debian

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """An installed Chromium: the system's, else the one that Playwright keeps."""
    return find_system() or _playwrights()


def find_system() -> str | None:
    """The Chromium that `CHROMIUM` names, or that is on the path."""
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


def _playwrights() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return str(path) if path.exists() else None


def install_chromium() -> None:
    """Debian's package where we may install it, else Playwright's own build."""
    if debian.can_install():
        debian.install("chromium")
    else:
        debian.run(sys.executable, "-m", "playwright", "install", "chromium")

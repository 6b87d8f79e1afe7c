"""Finds Chromium for the browser tests, or installs it the way this machine allows.

Run by `make test`; `find` is what the tests use.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """An installed Chromium: the system's, else the one that Playwright keeps."""
    named = os.environ.get("CHROMIUM")
    system = next((path for name in NAMES if (path := shutil.which(name))), None)
    return named or system or _playwrights()


def _playwrights() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return str(path) if path.exists() else None


def install() -> None:
    """Debian's package where we are root, else Playwright's own build."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _run("apt-get", "update")
        _run("apt-get", "install", "--yes", "--no-install-recommends", "chromium")
    else:
        _run(sys.executable, "-m", "playwright", "install", "chromium")


def _run(*command: str) -> None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or [""]
        print(f"{' '.join(command)}: {lines[-1]}", file=sys.stderr)  # noqa: T201


def main() -> int:
    """0 when a Chromium is there in the end."""
    if find() is None:
        install()
    if find() is None:
        sys.stderr.write(
            "The browser tests need Chromium, and none could be installed: install it, or name "
            "one with CHROMIUM=/path/to/chromium.\n"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

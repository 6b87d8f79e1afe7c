"""Commands that bring what the tests need, and packages of Debian's where we may install them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys


def can_install() -> bool:
    """Whether this is a Debian, or one of its kin, where we are root."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(*packages: str) -> None:
    """Packages without what they merely recommend; without the right to, nothing happens."""
    if packages and can_install():
        run("apt-get", "update")
        run("apt-get", "install", "--yes", "--no-install-recommends", *packages)


def run(*command: str) -> None:
    """A command that says nothing unless it fails, and then its last line; it never raises."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        print(f"{command[0]}: not found", file=sys.stderr)  # noqa: T201
        return
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or [""]
        print(f"{' '.join(command)}: {lines[-1]}", file=sys.stderr)  # noqa: T201

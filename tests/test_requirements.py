"""The lock of the web image: what pyproject asks for, each file with its hash."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements" / "web.txt").read_text(encoding="utf-8")
# What the image runs on, for markers; it has either processor.
IMAGE = {"sys_platform": "linux", "platform_system": "Linux", "python_version": "3.13"}

ENTRY = re.compile(r"^([\w.-]+)(?:\[[\w,]+\])?==(\S+)((?:.*\\\n)*.*)", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def locked() -> dict[str, Version]:
    return {canonicalize_name(name): Version(version) for name, version, _ in ENTRY.findall(LOCK)}


def asked() -> list[Requirement]:
    """What the web side needs, of pyproject."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = map(Requirement, project["dependencies"])
    return [each for each in found if each.marker is None or each.marker.evaluate(IMAGE)]


def test_it_satisfies_every_requirement() -> None:
    versions = locked()
    for requirement in asked():
        version = versions.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is not locked: run make lock"
        specifier: SpecifierSet = requirement.specifier
        assert version in specifier, f"{requirement}, locked is {version}: run make lock"


def test_every_release_has_the_hashes_of_its_files() -> None:
    entries = ENTRY.findall(LOCK)
    assert len(entries) > len(asked())
    for name, _, rest in entries:
        assert HASH.search(rest), name


def test_it_holds_nothing_else() -> None:
    """No place to fetch from, no option, no file: pip is told elsewhere where its index is."""
    lines = [line.strip().removesuffix("\\").strip() for line in LOCK.splitlines()]
    known = re.compile(r"(#.*|[\w.-]+(\[[\w,]+\])?==\S+|--hash=sha256:[0-9a-f]{64}|)")
    assert [line for line in lines if not known.fullmatch(line)] == []
    assert "://" not in LOCK


def test_the_web_image_needs_neither_pytorch_nor_tools_of_development() -> None:
    assert not {"torch", "torchvision", "ray", "pytest", "numpy"} & set(locked())

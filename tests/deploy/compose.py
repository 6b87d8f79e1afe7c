"""The Compose files, as Docker Compose itself reads them, and the schema that it holds them to.

No engine is needed for that: variables are put in, overrides laid over, anchors resolved.
"""

from __future__ import annotations

import json
import mmap
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tests import packaged

ROOT = Path(__file__).parents[2]
BASE, PUBLIC, GPU = "docker-compose.yml", "docker-compose.public.yml", "docker-compose.gpu.yml"
FILES = (BASE, PUBLIC, GPU)
# Where the schema begins in the program, whose authors build it in as it stands.
SCHEMA = re.compile(rb'\{\s+"\$schema": "[^"]+",\s+"\$id": "compose_spec.json"')
# ${NAME}, ${NAME:-default} and ${NAME:?what to do}
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<text>[^}]*))?\}")


class Tagged(yaml.SafeLoader):  # type: ignore[misc]
    """Reads files with Compose's own marks, such as `!override`, as if they were not there."""


Tagged.add_multi_constructor(
    "!", lambda loader, _suffix, node: loader.construct_sequence(node, deep=True)
)


def run(
    files: Sequence[str], *arguments: str, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Compose over these files, with these variables and no others: a `.env` is not read."""
    named = [word for file in files for word in ("--file", str(ROOT / file))]
    place = ("--project-directory", str(ROOT), "--env-file", os.devnull)
    return subprocess.run(
        [packaged.compose(), *named, *place, *arguments],
        env=dict(variables or {}), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def services(files: Sequence[str], variables: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Every service of every profile, by its name, as Compose would make it."""
    done = run(files, "--profile", "*", "config", "--format", "json", variables=variables)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["services"]
    return found


def written(file: str) -> dict[str, Any]:
    """A file as it is written, with its variables, for the schema."""
    found: dict[str, Any] = yaml.load((ROOT / file).read_text(encoding="utf-8"), Tagged)
    return found


def variables(file: str) -> dict[str, str]:
    """The variables that a file names, each with its default; none for one that must be given."""
    text = (ROOT / file).read_text(encoding="utf-8")
    return {
        found["name"]: (found["text"] or "") if found["kind"] == "-" else ""
        for found in VARIABLE.finditer(text)
    }


def schema() -> dict[str, Any]:
    """The Compose specification's JSON schema, of the version that Compose carries with it."""
    with packaged.compose().open("rb") as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        found = SCHEMA.search(content)
        assert found, "this Compose carries no schema"
        # It is a quarter of this long; what follows it is of no concern.
        text = content[found.start() : found.start() + 400_000].decode("utf-8", "replace")
    specification: dict[str, Any] = json.JSONDecoder().raw_decode(text)[0]
    return specification

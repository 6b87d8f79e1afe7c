"""Every page is valid HTML by the Nu validator, with ordinary texts and with hostile ones."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from fastapi.testclient import TestClient

from app.web.urls import Urls
from tests.app.hostile import SHORT_HARM
from tests.app.pages_of import Place, pages

# What the validator says and we do otherwise, word for word, each with its reason.
EXCEPTIONS: dict[str, str] = {}


def messages(validator: Path, files: list[Path]) -> list[dict[str, Any]]:
    """What the validator says of all files together: Java takes its time to begin."""
    command = ["java", "-jar", str(validator), "--format", "json", "--stdout", "--exit-zero-always"]
    said = subprocess.run(
        [*command, *map(str, files)], capture_output=True, text=True, timeout=120, check=True
    )
    found: list[dict[str, Any]] = json.loads(said.stdout)["messages"]
    return found


def test_every_page_is_valid(
    client: TestClient, hostile_client: TestClient, validator: Path, tmp_path: Path
) -> None:
    files = []
    for each, place in ((client, Place()), (hostile_client, SHORT_HARM.place)):
        for kind, address in pages(Urls(), place).items():
            files.append(tmp_path / f"{'hostile ' * (each is not client)}{kind}.html")
            files[-1].write_bytes(each.get(address, headers={"Accept": "text/html"}).content)
    files.append(tmp_path / "wrong.html")
    files[-1].write_text("<!doctype html><html lang=en><title>x</title><ul><p>no</p></ul>")
    found = {
        f"{said['message'][:300]} {said.get('extract', '')[:300]!r}": unquote(said["url"])
        for said in messages(validator, files)
        if said["message"] not in EXCEPTIONS
    }
    wrong = {said for said, url in found.items() if url.endswith("wrong.html")}
    assert any("not allowed as child" in said for said in wrong), "it would find what is wrong"
    found = {said: url for said, url in found.items() if said not in wrong}
    assert not found, "\n".join(f"{Path(url).stem}: {said}" for said, url in found.items())

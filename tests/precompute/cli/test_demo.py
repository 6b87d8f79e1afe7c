"""The demo, as `make demo` starts it: there at once, filling, and going on where it was left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from precompute.cli import demo
from precompute.network import VARIANTS
from tests.nursery import PATIENCE_SECONDS, wait_until
from tests.postgres import free_port

EXAMPLES = 12
UNIT = "/api/v1/models/toy/layers/mixed4c/units/3"


@contextmanager
def running(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    program = "from app.cli.main import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, "demo", "--port", str(port)], cwd=folder, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=os.environ | {"MICROSCOPE_HOME": str(folder / "cache")},
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def get(port: int, path: str, kind: str = "text/html") -> str:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Accept": kind})
    with urllib.request.urlopen(request, timeout=30) as answer:
        text: str = answer.read().decode()
        return text


def holds(condition: Callable[[], Any]) -> bool:
    """Whether it does; a server that is not there yet counts as not yet."""
    with suppress(urllib.error.URLError, ConnectionError):
        return bool(condition())
    return False


def examples_of(port: int) -> list[Any]:
    """The unit's strongest images; none as long as there is no such unit."""
    found: list[Any] = []
    with suppress(urllib.error.HTTPError):
        found = json.loads(get(port, UNIT, "application/json"))["examples"]
    return [each for each in found if each["kind"] == "top"]


def test_the_first_page_comes_at_once_and_fills_and_is_kept(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, port) as process:
        wait_until(lambda: holds(lambda: "running" in get(port, "/")))
        assert not examples_of(port), "the pages are there before what they show"
        wait_until(lambda: len(examples_of(port)) == EXAMPLES)
        process.send_signal(signal.SIGINT)
        told, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130
    assert "toy network" in told
    assert "microscope weights get" in told
    assert f"http://127.0.0.1:{port}" in told
    with running(tmp_path, port):
        wait_until(lambda: holds(lambda: "running" in get(port, "/")))
        assert len(examples_of(port)) == EXAMPLES, "what was stored is there at once"


@pytest.mark.parametrize("file", ["bvlc_googlenet.safetensors", "inception5h.pth"])
def test_real_weights_in_the_cache_are_taken_and_it_is_said(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / file).write_bytes(b"")
    (tmp_path / "images" / "holiday").mkdir(parents=True)
    (tmp_path / "images" / "holiday" / "a.jpg").write_bytes(b"")
    monkeypatch.setenv("MICROSCOPE_HOME", str(tmp_path))
    request = demo.choose()
    assert request.model in VARIANTS
    assert request.model != "toy"
    assert request.dataset == "holiday"
    said = " ".join(demo.explain(request))
    assert request.model in said
    assert "toy" in said

"""The demo, as `make demo` starts it: there at once, filling, and going on where it was left."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from precompute import demo
from precompute.network import VARIANTS

UNIT = "/api/v1/models/toy/layers/mixed4c/units/3"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def running(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    program = "from app.cli import main; main()"
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


def wait_for(condition: Callable[[], Any], seconds: float) -> float:
    """Seconds until it holds; a server that is not there yet counts as not yet."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        try:
            if condition():
                return time.monotonic() - begun
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.2)
    raise AssertionError(f"not within {seconds} s")


def examples_of(port: int) -> list[Any]:
    found: list[Any] = json.loads(get(port, UNIT, "application/json"))["examples"]
    return [each for each in found if each["kind"] == "top"]


def test_the_first_page_comes_at_once_and_fills_and_is_kept(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, port) as process:
        assert wait_for(lambda: "running" in get(port, "/"), 10) < 10
        wait_for(lambda: len(examples_of(port)) == 12, 90)
        process.send_signal(signal.SIGINT)
        told, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "toy network" in told
    assert "microscope weights get" in told
    assert f"http://127.0.0.1:{port}" in told
    with running(tmp_path, port):
        wait_for(lambda: len(examples_of(port)) == 12, 10)


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

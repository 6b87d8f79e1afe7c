"""Containers of the tests' own: what runs in one ends with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deploy.conftest import SUBNET
from tests.deploy.containers import Container, Image, Network
from tests.deploy.site import wait_until


@pytest.mark.parametrize("user", ["0", "10001"])
def test_whoever_a_program_runs_as_it_ends_with_its_container(
    user: str, require_root: None, tmp_path: Path
) -> None:
    network = Network(tmp_path, ["one"], SUBNET)
    service = {"user": user, "command": ["sleep", "1000"]}
    container = Container("one", service, Image(), network, tmp_path / "volumes")
    with container.running(tmp_path / "one.log") as running:
        wait_until(lambda: is_sleep(running.process.pid), "it runs")
        program = Path(f"/proc/{running.pid}")
    network.close()
    wait_until(lambda: not program.exists(), "it has ended")


def is_sleep(wrapper: int) -> bool:
    """Whether bubblewrap has come so far that its program runs."""
    children = Path(f"/proc/{wrapper}/task/{wrapper}/children").read_text().split()
    commands = [Path(f"/proc/{child}/comm").read_text().strip() for child in children]
    return commands == ["sleep"]

"""A whole site, brought up step by step in the order that docker-compose.yml says.

What Compose does with an engine is done here with `containers`: services whose condition others
wait for come first, one that is to complete must end with 0, one that is to be healthy is asked by
its own health check.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.deploy.containers import Container, Image, Network, Running

# Far longer than anything takes on a machine with nothing else to do.
PATIENCE_SECONDS = 120


class Site:
    """The services of a site, each by its name; those that run, and how it was brought up."""

    def __init__(
        self, folder: Path, services: Mapping[str, Any], images: Mapping[str, Image], subnet: str
    ) -> None:
        self.folder = folder
        self.running: dict[str, Running] = {}
        self.order: list[str] = []
        self.output: dict[str, str] = {}
        self._stack = ExitStack()
        self.network = Network(folder, list(images), subnet)
        self._stack.callback(self.network.close)
        self.containers = {
            name: Container(name, services[name], image, self.network, folder / "volumes")
            for name, image in images.items()
        }

    def up(self, name: str) -> None:
        """Bring up a service, and before it what it depends on; what is up already stays."""
        if name in self.order:
            return
        for other, how in self.containers[name].service.get("depends_on", {}).items():
            self.up(other)
            CONDITIONS[how["condition"]](self, other)
        self.order.append(name)
        if _ends(name, self.containers):
            self.complete(name)
        else:
            self.start(name)

    def complete(self, name: str) -> None:
        """Run a service that ends by itself."""
        done = self.containers[name].run()
        self.output[name] = done.stdout + done.stderr
        assert done.returncode == 0, f"{name}: {self.output[name]}"

    def start(self, name: str) -> None:
        """Start a service that stays."""
        running = self.containers[name].running(self.log(name))
        self.running[name] = self._stack.enter_context(running)

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def require_healthy(self, name: str) -> None:
        """Ask a service's own health check until it says so."""
        container = self.containers[name]

        def log() -> str:
            return self.log(name).read_text(errors="replace")

        def is_healthy() -> bool:
            assert self.running[name].process.poll() is None, f"{name} ended:\n{log()}"
            return container.run(*container.health).returncode == 0

        wait_until(is_healthy, f"{name} is healthy", log)

    def curl(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """curl from inside the network."""
        command = [*self.network.named, "curl", "--silent", "--max-time", "30", *arguments]
        return subprocess.run(command, capture_output=True, check=False)

    def close(self) -> None:
        self._stack.close()


def _completed(site: Site, name: str) -> None:
    assert name in site.output


def _started(site: Site, name: str) -> None:
    assert name in site.running


CONDITIONS: dict[str, Callable[[Site, str], None]] = {
    "service_completed_successfully": _completed,
    "service_healthy": Site.require_healthy,
    "service_started": _started,
}


def _ends(name: str, containers: Mapping[str, Container]) -> bool:
    return bool(containers[name].service.get("restart") == "no")


def wait_until(holds: Callable[[], bool], what: str, known: Callable[[], str] = str) -> None:
    """Return when it holds; an `AssertionError` with what is known when it never does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"it never came that {what}\n{known()}"
        time.sleep(0.1)


@contextmanager
def site(services: Mapping[str, Any], images: Mapping[str, Image], subnet: str) -> Iterator[Site]:
    """A site in a folder that every user may enter; ended and removed, whatever state it is in."""
    folder = Path(tempfile.mkdtemp(prefix="microscope-site-"))
    folder.chmod(0o755)
    made = Site(folder, services, images, subnet)
    try:
        yield made
    finally:
        made.close()
        shutil.rmtree(folder, ignore_errors=True)

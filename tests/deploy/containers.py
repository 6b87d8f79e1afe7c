"""Containers without an engine: what a service of docker-compose.yml says, done by bubblewrap.

A container here has the user, the capabilities, the read-only tree, the volumes, the environment
and the command of its service, and this machine's programs in place of its image's. All of a site
share one network without a way out, where services have their names and their own ports.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Any

# Debian's folders, and where they are linked to.
LINKS = {"bin": "usr/bin", "sbin": "usr/sbin", "lib": "usr/lib", "lib64": "usr/lib64"}
# Making a network takes milliseconds; a machine with much else to do takes longer.
OWN_SECONDS = 30.0
SEARCHED = "/usr/local/bin:/usr/bin:/bin:/usr/sbin"


@dataclass(frozen=True, slots=True)
class Image:
    """What an image brings to a service that is made from it."""

    command: Sequence[str] = ()
    user: str = "0"
    environment: Mapping[str, str] = field(default_factory=dict)
    binds: Mapping[str, Path] = field(default_factory=dict)
    """What the image holds, by its place inside; it is not written to."""
    writable: Sequence[str] = ()
    """Folders of the image's own that are written to, where the tree is not read-only."""
    health: Sequence[str] = ()


class Network:
    """A network of its own for one site: loopback, and an address for each service's name."""

    def __init__(self, folder: Path, names: Sequence[str], subnet: str) -> None:
        self._holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        self._await_own()
        addresses = [str(each) for each in ip_network(subnet).hosts()]
        self.addresses = dict(zip(names, addresses, strict=False))
        self.hosts = folder / "hosts"
        lines = [f"{address} {name}\n" for name, address in self.addresses.items()]
        self.hosts.write_text("".join(["127.0.0.1 localhost\n", *lines]))
        self._run("ip", "link", "set", "lo", "up")
        for address in self.addresses.values():
            self._run(
                "ip", "address", "add", f"{address}/{ip_network(subnet).prefixlen}", "dev", "lo"
            )

    def _await_own(self) -> None:
        """Until it is there; whoever enters too soon is still in this machine's own network."""
        deadline = time.monotonic() + OWN_SECONDS
        while self._place.readlink() == Path("/proc/self/ns/net").readlink():
            assert self._holder.poll() is None, "no network of its own can be made"
            assert time.monotonic() < deadline, "the network never came"
            time.sleep(0.01)

    @property
    def _place(self) -> Path:
        return Path(f"/proc/{self._holder.pid}/ns/net")

    @property
    def entered(self) -> list[str]:
        """What stands before a command that is to run in this network."""
        return ["nsenter", f"--net={self._place}"]

    @property
    def named(self) -> list[str]:
        """As `entered`, for a command that is to find services by their names."""
        names = ("--dev-bind", "/", "/", "--ro-bind", str(self.hosts), "/etc/hosts")
        return [*self.entered, "bwrap", *names]

    def _run(self, *command: str) -> None:
        subprocess.run([*self.entered, *command], check=True, capture_output=True)

    def close(self) -> None:
        self._holder.kill()
        self._holder.wait()


@dataclass(frozen=True, slots=True)
class Container:
    """A service made ready to run, as often as it is asked to."""

    name: str
    service: Mapping[str, Any]
    image: Image
    network: Network
    volumes: Path
    """The folder in which each named volume is a folder."""

    def command(self, program: Sequence[str], user: str | None = None) -> list[str]:
        """A program inside of it, as the service's user or another."""
        inside = ["bwrap", "--die-with-parent", "--unshare-ipc", "--clearenv", "--cap-add", "ALL"]
        network = self._own_network()
        return [
            *network,
            *inside,
            *self._tree(),
            *self._environment(),
            *self._rights(user),
            *program,
        ]

    @property
    def program(self) -> list[str]:
        """What the service runs: its own words, or its image's."""
        entrypoint = self.service.get("entrypoint") or []
        return [
            *entrypoint,
            *(self.service.get("command") or ([] if entrypoint else self.image.command)),
        ]

    @property
    def health(self) -> list[str]:
        """The command of its health check, without the word CMD."""
        given = self.service.get("healthcheck", {}).get("test", ())
        return list(given[1:] if given else self.image.health)

    def run(self, *program: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """A command in it, from beginning to end; without one, its own."""
        return subprocess.run(
            self.command(program or self.program),
            capture_output=True, text=True, check=False, timeout=timeout, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    @contextmanager
    def running(self, log: Path) -> Iterator[Running]:
        """Its own program, until the end of the block."""
        with log.open("ab") as output:
            process = subprocess.Popen(
                self.command(self.program), stdout=output, stderr=output, stdin=subprocess.DEVNULL
            )
        running = Running(process)
        try:
            yield running
        finally:
            running.end()

    def _own_network(self) -> list[str]:
        if self.service.get("network_mode") == "none":
            return ["unshare", "--net"]
        return self.network.entered

    def _tree(self) -> Iterator[str]:
        yield from ("--ro-bind", "/usr", "/usr", "--ro-bind", "/etc", "/etc")
        yield from ("--proc", "/proc", "--dev", "/dev")
        yield from ("--ro-bind", str(self.network.hosts), "/etc/hosts")
        for name, target in LINKS.items():
            yield from ("--symlink", target, f"/{name}")
        for place in self._temporary:
            yield from (*_parents(place), "--perms", "1777", "--tmpfs", place)
        for place, source in self.image.binds.items():
            yield from (*_parents(place), "--ro-bind", str(source), place)
        for volume in self.service.get("volumes", ()):
            yield from self._volume(volume)
        yield from ("--remount-ro", "/") if self.service.get("read_only") else ()

    @property
    def _temporary(self) -> list[str]:
        return [*self.image.writable, *self.service.get("tmpfs", ())]

    def _volume(self, volume: Mapping[str, Any]) -> Iterator[str]:
        source = Path(volume["source"])
        if volume["type"] == "volume":
            source = self.volumes / source
            source.mkdir(parents=True, exist_ok=True)
        yield from _parents(volume["target"])
        yield "--ro-bind" if volume.get("read_only") else "--bind"
        yield from (str(source), volume["target"])

    def _environment(self) -> Iterator[str]:
        given = self.service.get("environment") or {}
        for name, value in ({"PATH": SEARCHED} | dict(self.image.environment) | given).items():
            yield from ("--setenv", name, value)

    def _rights(self, user: str | None) -> Iterator[str]:
        """No capability but those that are given back; another user than root has none of them."""
        given = [f"+{name.lower()}" for name in self.service.get("cap_add", ())]
        yield from ("setpriv", "--no-new-privs", "--inh-caps=-all")
        yield f"--bounding-set={','.join(['-all', *given])}"
        who = user or self.service.get("user") or self.image.user
        if who != "0":
            yield from (f"--reuid={who}", f"--regid={who}", "--clear-groups")


def _parents(place: str) -> Iterator[str]:
    """The folders above a place, open to every user: by itself bubblewrap makes them root's."""
    for folder in reversed(Path(place).parents[:-1]):
        if folder.parts[1] not in ("usr", "etc", "proc", "dev"):
            yield from ("--perms", "0755", "--dir", str(folder))


class Running:
    """A service's program while it runs. bubblewrap stands before it and waits for it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    @property
    def pid(self) -> int:
        """The program's own number."""
        pid = self.process.pid
        (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return int(child)

    def stop(self, seconds: float, number: int = signal.SIGTERM) -> int:
        """Ask it to stop, as an engine does; its exit code. `TimeoutExpired` when it does not."""
        os.kill(self.pid, number)
        return self.process.wait(seconds)

    def end(self) -> None:
        """Kill it: bubblewrap, and the program, which outlives it if it has changed its user."""
        with suppress(OSError, ValueError):  # it has ended by itself
            os.kill(self.pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()

    def status(self) -> dict[str, str]:
        """What the system says of the program: its user, its capabilities."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}

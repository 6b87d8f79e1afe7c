"""A PostgreSQL server of the tests' own, which can be stopped and started again.

Debian's programs are used as they are; PostgreSQL refuses to run as root, and then another user of
this machine runs it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from random import SystemRandom

import pytest
from sqlalchemy import create_engine, text

numbers = count()

# Above those that Ray gives to its workers, and below those that Linux gives to whoever asks.
PORTS = (20_000, 32_000)
# Seconds until a server that starts or stops has done so; it takes one where nobody else works.
PATIENCE = 600


def programs() -> Path | None:
    """The folder of PostgreSQL's programs; Debian keeps them off the path."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def require_programs() -> Path:
    """As `programs`; without them CI fails, and elsewhere the test is not run."""
    home = programs()
    if home is None:
        message = "PostgreSQL is not installed: the tests of the store on it were not run"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return home


def lower_user() -> str | None:
    """Who runs it where we are root."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def as_lower_user() -> list[str]:
    """What stands before a command that root may not run; nothing for anybody else."""
    user = lower_user()
    return ["setpriv", f"--reuid={user}", "--clear-groups"] if user else []


def free_port() -> int:
    """A port that nobody listens on, of those that no system gives out by itself.

    So it stays free while a server that is stopped is started again, whatever connects meanwhile.
    """
    while True:
        port = SystemRandom().randrange(*PORTS)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


class Postgres:
    """A server in a folder of its own, on the loopback; who connects as `tester` is trusted."""

    def __init__(self, home: Path, folder: Path) -> None:
        self.home, self.folder, self.port = home, folder, free_port()
        self.data = folder / "data"
        options = ("-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync")
        self._run("initdb", "-D", self.data, *options)

    @property
    def url(self) -> str:
        return f"postgresql://tester@127.0.0.1:{self.port}/postgres"

    def start(self, *settings: str) -> None:
        """Start it, and return when it answers; `settings` as `fsync=on`."""
        own = (f"-p {self.port}", f"-k {self.folder}")
        given = ("listen_addresses=127.0.0.1", "fsync=off", *settings)
        options = " ".join((*own, *(f"-c {each}" for each in given)))
        log = self.folder / "log"
        wait = ("-w", "-t", str(PATIENCE))
        self._run("pg_ctl", "-D", self.data, "-l", log, "-o", options, *wait, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it: `fast` ends connections in order, `immediate` as a crash would."""
        self._run("pg_ctl", "-D", self.data, "-m", mode, "-w", "-t", str(PATIENCE), "stop")

    def new_schema(self) -> str:
        """The URL of an empty schema, which is made far faster than a database."""
        name = f"store_{next(numbers)}"
        administrator = create_engine(self.url.replace("postgresql:", "postgresql+psycopg:"))
        with administrator.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {name}"))
        administrator.dispose()
        return f"{self.url}?options=-csearch_path%3D{name}"

    def _run(self, program: str, *arguments: str | Path) -> None:
        command = [*as_lower_user(), self.home / program, *arguments]
        # What `start` leaves running must not hold a pipe of ours.
        with (self.folder / "commands.log").open("ab") as log:
            subprocess.run(command, check=True, stdout=log, stderr=log, cwd=self.folder)


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A server that runs; it is ended, whatever state it is in, and its folder removed."""
    home = require_programs()
    folder = Path(tempfile.mkdtemp(prefix="microscope-postgres-"))
    if user := lower_user():
        shutil.chown(folder, user)
    server = Postgres(home, folder)
    server.start()
    try:
        yield server
    finally:
        if (server.data / "postmaster.pid").exists():
            server.stop("immediate")
        shutil.rmtree(folder)

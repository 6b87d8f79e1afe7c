"""Starts `microscope` at the cost of a fork: one process has imported everything, each run is its
child. What is killed, interrupted or starved is a real process all the same.

Run as a program it is that process: a line of JSON in, the child's number and later its exit code
out. Nothing may have computed in it, since threads do not outlive a fork; Ray, which brings
threads, is imported by a child that asks for it.
"""

from __future__ import annotations

import faulthandler
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path

# The machine may be shared with many: a run of two seconds may take some minutes.
PATIENCE_SECONDS = 600.0
PAUSE_SECONDS = 0.005

# What a run imports, late as it may be: two thirds of a short run's time. PyTorch's optimizers want
# the second.
MODULES = (
    "torch", "torch._dynamo", "alembic.command", "app.main", "app.web.server",
    "precompute.cli.demo", "precompute.pipeline", "app.cli.progress",
    "precompute.cli.summary", "precompute.prepare", "precompute.scan.attribution",
    "precompute.scan_records",
)  # fmt: skip
# For what computes beside others: threads that wait spin by default, and where others want the
# cores a run takes three times as long. NumPy's threads would be there before the fork.
SHARING = {"OMP_WAIT_POLICY": "passive", "OPENBLAS_NUM_THREADS": "1"}


def wait_until(condition: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    """Returns as soon as it holds; fails when the time is up."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s"
        time.sleep(PAUSE_SECONDS)


@dataclass(frozen=True)
class Wish:
    """What is to be run, and where it writes."""

    arguments: list[str]
    out: str
    err: str
    environment: dict[str, str]
    folder: str | None = None


@dataclass
class Child:
    """A run of `microscope`."""

    nursery: Nursery
    pid: int
    log: Path
    code: int | None = None

    def poll(self) -> int | None:
        """The exit code, negative for a signal's; None while it runs."""
        if self.code is None and (line := self.nursery.line(0)):
            self.code = int(line)
        return self.code

    def wait(self, seconds: float = PATIENCE_SECONDS) -> int:
        """The exit code, when it ends."""
        if self.code is None:
            self.code = int(self.nursery.line(seconds) or "")
        return self.code

    def signal(self, number: int) -> None:
        """Sends a signal, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> int:
        """Kills it as nothing can be prevented from; the exit code."""
        self.signal(signal.SIGKILL)
        return self.wait()

    def wait_for(self, condition: Callable[[], object]) -> None:
        """Returns when something holds; it must run until then."""

        def holds() -> bool:
            if condition():
                return True
            assert self.poll() is None, f"it ended with {self.code} too early: {self.told()}"
            return False

        wait_until(holds)

    def told(self) -> str:
        """What it wrote so far."""
        return self.log.read_text()


class Nursery:
    """The process that forks; one run at a time: a new one ends what a failed test left."""

    _last: Child | None = None

    def __init__(self, folder: Path) -> None:
        self._folder, self._logs = folder, 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.nursery"], cwd=Path(__file__).parents[1],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | SHARING,
        )  # fmt: skip
        assert self.line(PATIENCE_SECONDS) == "ready"

    def start(self, *arguments: str | Path, **environment: str) -> Child:
        """Starts a command, in a group of its own as from a terminal."""
        log = self._new_log()
        return self._begin(Wish(list(map(str, arguments)), str(log), str(log), environment))

    def run(self, *arguments: str | Path, **environment: str) -> Child:
        """Starts a command and waits for its end."""
        child = self.start(*arguments, **environment)
        child.wait()
        return child

    def completed(
        self, *arguments: str, cwd: Path, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """As `subprocess.run` in a folder, with what it wrote to either stream."""
        out, err = self._new_log(), self._new_log()
        child = self._begin(Wish(list(arguments), str(out), str(err), environment, str(cwd)))
        code = child.wait()
        return subprocess.CompletedProcess(arguments, code, out.read_text(), err.read_text())

    def _new_log(self) -> Path:
        self._logs += 1
        log = self._folder / f"{self._logs}.log"
        log.touch()
        return log

    def _begin(self, wish: Wish) -> Child:
        if self._last is not None:
            self._last.kill()
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asdict(wish)).encode() + b"\n")
        self._process.stdin.flush()
        self._last = Child(self, int(self.line(PATIENCE_SECONDS) or ""), Path(wish.err))
        return self._last

    def line(self, seconds: float) -> str | None:
        """What the process says next, if it says something in this time."""
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], seconds)
        # Never more than one line is under way.
        return self._process.stdout.readline().decode().strip() if ready else None

    def close(self) -> None:
        """Ends it, and what it runs."""
        self._process.kill()
        self._process.communicate()


@contextmanager
def nursery(folder: Path) -> Iterator[Nursery]:
    """A nursery whose logs are in this folder."""
    made = Nursery(folder)
    try:
        yield made
    finally:
        made.close()


def main() -> None:
    """Forks what it is told to, until nobody tells it any more."""
    # Whoever started the tests in the background had them ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _import_everything()
    print("ready", flush=True)  # noqa: T201
    for line in iter(sys.stdin.readline, ""):
        child = os.fork()
        if child == 0:
            _become(Wish(**json.loads(line)))
        print(child, flush=True)  # noqa: T201
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)  # noqa: T201


def _import_everything() -> None:
    """All but Ray, and with no thread."""
    from PIL import Image

    from app.cli import main as cli

    cli.join_commands(cli.app)
    for name in MODULES:
        import_module(name)
    Image.init()
    assert "ray" not in sys.modules
    assert len(list(Path("/proc/self/task").iterdir())) == 1


def _become(wish: Wish) -> None:
    """A run of the command line; it never returns."""
    from app.cli import main as cli

    os.setsid()
    out, err = (os.open(path, os.O_WRONLY | os.O_APPEND) for path in (wish.out, wish.err))
    nothing = os.open(os.devnull, os.O_RDONLY)
    for mine, standard in ((nothing, 0), (out, 1), (err, 2)):
        os.dup2(mine, standard)
    os.environ |= wish.environment
    os.chdir(wish.folder or os.curdir)
    faulthandler.enable()
    # The interpreter ends as it does for everybody: with its threads, or under them.
    sys.exit(cli.run(cli.app, wish.arguments))


if __name__ == "__main__":
    main()

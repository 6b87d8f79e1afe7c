"""The command line: one clear sentence on stderr, and an exit code that says what happened."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import sleep
from urllib.request import urlopen

import pytest

from app import __version__
from app.cli import main
from app.errors import InputError, StoreError

COMMAND = [sys.executable, "-c", "from app.cli.main import main; main()"]


def call(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    known = {name: value for name, value in os.environ.items() if "MICROSCOPE" not in name}
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, env=known | environment
    )


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run a command in this process; its exit code and what it printed."""
    code = main.run(main.app, list(arguments))
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--version") == (0, f"{__version__}\n", "")


def test_help_names_options_and_their_environment(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "serve", "--help")
    assert code == 0
    for part in ("--database", "--root-path", "MICROSCOPE_PORT"):
        assert part in out


def test_a_missing_database_is_one_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, out, err = run(capsys, "serve", "--port", "0", "--database", str(tmp_path / "none.db"))
    assert (code, out) == (2, "")
    assert err.startswith(f"Error: There is no database at {tmp_path}")
    assert err.count("\n") == 1


def test_an_unknown_option_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "serve", "--colour", "red")
    assert code == 2
    assert err.startswith("Error: ")
    assert "--help" in err


def test_a_port_that_is_taken_is_named(capsys: pytest.CaptureFixture[str], database: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, err = run(capsys, "serve", "--database", database, "--port", str(port))
    assert code == 1
    assert f"Another program listens on 127.0.0.1:{port}" in err


@pytest.mark.parametrize(
    ("error", "code"),
    [(StoreError("a\nb"), 1), (InputError("a b"), 2), (KeyboardInterrupt(), 130)],
)
def test_errors_become_exit_codes(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: int,
) -> None:
    def broken(**given: object) -> None:
        raise error

    monkeypatch.setattr(main, "read_settings", broken)
    ended, _, err = run(capsys, "status")
    assert ended == code
    assert err == ("" if code == 130 else "Error: a b\n")


def test_status_shows_layers_techniques_data_sets_and_runs(database: str) -> None:
    answer = call("status", MICROSCOPE_DATABASE=database, COLUMNS="120")
    assert answer.returncode == 0, answer.stderr
    for part in ("toy: A toy network", "mixed3b", "channel", "foxes", "finished", "500 images"):
        assert part in answer.stdout
    assert "1 image skipped" in answer.stdout


def test_migrate_makes_a_database(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = str(tmp_path / "new.db")
    assert run(capsys, "migrate", "--database", path)[0] == 0
    code, out, _ = run(capsys, "status", "--database", path)
    assert (code, "Nothing is stored yet" in out) == (0, True)


def test_a_broken_companion_does_not_break_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        name = "broken"

        def load(self) -> None:
            raise ImportError("no torch")

    monkeypatch.setattr(main, "entry_points", lambda group: [Broken()])
    main.join_commands(main.app)


# A second or so of one core, where the pages and nothing heavier is imported.
SECONDS_TO_SERVE = 6.0
PATIENCE_SECONDS = 120


@pytest.fixture
def served(database: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`microscope serve` as a process, and its address."""
    process = subprocess.Popen(
        [*COMMAND, "serve", "--database", database, "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    yield process, line.split(" on ")[1].split()[0]
    process.kill()
    process.wait()
    process.stdout.close()


def seconds_of_children() -> float:
    """What the processor has done for those that have ended; how busy it is does not matter."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_serve_answers_and_stops_when_interrupted(
    served: tuple[subprocess.Popen[str], str],
) -> None:
    process, address = served
    before = seconds_of_children()
    for _ in range(100):
        try:
            with urlopen(f"{address}healthz") as answer:
                assert answer.status == 200
            break
        except OSError:
            sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE_SECONDS) == 130
    assert seconds_of_children() - before < SECONDS_TO_SERVE


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("abandon", "first"), "as an integer. See `"),
        (("abandon",), "Missing argument 'runs'. See `"),
        (("statsu",), "Did you mean 'status'? See `"),
    ],
)
def test_what_cannot_be_read_is_told_in_whole_sentences(words: tuple[str, ...], said: str) -> None:
    done = call(*words)
    assert done.returncode == 2
    assert said in done.stderr

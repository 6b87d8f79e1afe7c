"""The borders of the offline half, read from its sources."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

import precompute
from app.cli.main import run as run_command
from precompute.cli import commands

ROOT = Path(precompute.__file__).parent
STORE = {
    "engine", "faults", "ledger", "lock", "patience", "read", "records", "sheets", "write",
}  # fmt: skip
LONGEST_MODULE = 250


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def sources() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


@pytest.mark.parametrize("path", sources(), ids=str)
def test_the_database_is_touched_through_the_store_alone(path: Path) -> None:
    for name in imports(path):
        assert name.split(".")[0] not in {"sqlalchemy", "sqlite3", "psycopg", "alembic"}, name
        if name.startswith("app.store."):
            assert name.split(".")[2] in STORE, name


@pytest.mark.parametrize("path", sorted((ROOT / "stimuli").glob("*.py")), ids=str)
def test_stimuli_are_drawn_without_torch(path: Path) -> None:
    assert not {name for name in imports(path) if name.split(".")[0].startswith("torch")}


@pytest.mark.parametrize("path", sources(), ids=str)
def test_no_room_is_crowded(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


def test_without_torch_the_commands_say_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(commands, "find_spec", lambda name: None)
    target = typer.Typer()
    target.callback()(lambda: None)
    commands.register(target)
    monkeypatch.setattr("sys.argv", ["microscope", "precompute", "--model", "toy"])
    assert run_command(target) == 2
    assert "inception-microscope[precompute]" in capsys.readouterr().err

"""The borders of the offline half, read from its sources."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

import precompute
from app.cli.main import run as run_command
from precompute.cli import commands, options

ROOT = Path(precompute.__file__).parent
DATABASE = {
    "derived", "driver_errors", "engine", "lock", "queries", "records", "retry", "writer",
}  # fmt: skip


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def sources() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def test_the_database_is_reached_through_its_writer_and_queries_alone() -> None:
    for path in sources():
        for name in imports(path):
            assert name.split(".")[0] not in {"sqlalchemy", "sqlite3", "psycopg", "alembic"}, path
            if name.startswith("app.db."):
                assert name.split(".")[2] in DATABASE, (path, name)


def test_stimuli_are_drawn_without_torch() -> None:
    for path in sorted((ROOT / "stimuli").glob("*.py")):
        assert not {name for name in imports(path) if name.split(".")[0].startswith("torch")}, path


def test_without_torch_the_commands_say_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(options, "find_spec", lambda name: None)
    target = typer.Typer()
    target.callback()(lambda: None)
    commands.register(target)
    monkeypatch.setattr("sys.argv", ["microscope", "precompute", "--model", "toy"])
    assert run_command(target) == 2
    assert "inception-microscope[precompute]" in capsys.readouterr().err

"""The borders of the web wing: what may import what, and who may build a path."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APP = ROOT / "app"
SOURCES = sorted(APP.rglob("*.py"))


def imported(source: Path) -> set[str]:
    """The modules that a file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def tops(source: Path) -> set[str]:
    return {name.split(".")[0] for name in imported(source)}


def reaches_tables(source: Path) -> bool:
    """Whether a file imports a module of tables: `schema`, `schema_evidence`, …"""
    return any(name.startswith("app.db.tables") for name in imported(source))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(APP)))
def test_the_web_side_never_imports_precompute_or_torch(source: Path) -> None:
    assert not tops(source) & {"precompute", "torch", "torchvision", "numpy", "safetensors"}


@pytest.mark.parametrize("folder", ["pages", "api"])
def test_pages_and_api_never_see_sqlalchemy(folder: str) -> None:
    for source in (APP / folder).rglob("*.py"):
        assert "sqlalchemy" not in tops(source), source
        assert not reaches_tables(source), source


def test_only_the_store_writes_sql() -> None:
    tables = [source for source in SOURCES if reaches_tables(source)]
    assert len(tables) > 5
    assert {source.parent.name for source in tables} <= {"store", "migrations"}


def test_alembic_is_imported_by_migrations_alone() -> None:
    users = {source for source in SOURCES if "alembic" in tops(source)}
    assert all("migrations" in source.parts for source in users)


def test_only_urls_builds_paths() -> None:
    for template in (ROOT / "templates").glob("*.html"):
        literal = re.findall(r'(?:href|src)="(?!\{\{|#)[^"]*"', template.read_text())
        assert not literal, template
    for source in SOURCES:
        if source.name == "urls.py":
            continue
        text = source.read_text()
        assert not re.search(r'f"[^"]*/(models|img|heat|api|static)/\{', text), source


def test_importing_the_application_loads_no_torch_and_no_migrations() -> None:
    code = "import app.main, sys; print([m for m in ('torch', 'alembic') if m in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert answer.stdout.strip() == "[]", answer.stderr


def test_a_server_starts_without_what_writes_and_what_draws_bars() -> None:
    code = (
        "import sys; from app.cli import main as cli; import app.web.server; "
        "cli.join_commands(cli.app); "
        "print([m for m in ('app.db.writer.writer', 'filelock', 'rich.progress') "
        "if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert answer.stdout.strip() == "[]", answer.stderr


def test_no_module_is_too_long() -> None:
    lengths = {source: len(source.read_text().splitlines()) for source in SOURCES}
    assert not {source: length for source, length in lengths.items() if length > 250}

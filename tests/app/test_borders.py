"""The borders between packages: what may import what, and who may build a path."""

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


def uses_tables(source: Path) -> bool:
    return any(name.startswith("app.tables") for name in imported(source))


def test_app_never_imports_precompute_or_torch() -> None:
    forbidden = {"precompute", "torch", "torchvision", "numpy", "safetensors"}
    for source in SOURCES:
        assert not tops(source) & forbidden, source


def test_only_the_database_package_uses_sqlalchemys_tables() -> None:
    users = [source for source in SOURCES if uses_tables(source)]
    assert len(users) > 5
    homes = (APP / "db", APP / "tables", APP / "evidence")
    assert not [source for source in users if not any(map(source.is_relative_to, homes))]


@pytest.mark.parametrize("folder", ["pages", "api"])
def test_pages_and_api_never_import_sqlalchemy(folder: str) -> None:
    sources = list((APP / "web" / folder).rglob("*.py"))
    assert len(sources) > 10
    assert not [source for source in sources if "sqlalchemy" in tops(source)]


def test_whatever_is_written_replaces_the_revision() -> None:
    """`writing` does; a transaction of another kind is for migrations alone."""
    modules = [*SOURCES, *(ROOT / "precompute").rglob("*.py")]
    begins = [source for source in modules if re.search(r"\.begin\(\)", source.read_text())]
    assert begins == [APP / "db" / "transactions.py"]
    plain = [source for source in modules if "app.db.transactions.transaction" in imported(source)]
    assert plain == [APP / "db" / "engine.py"]


def test_only_the_migrations_import_alembic() -> None:
    users = {source for source in SOURCES if "alembic" in tops(source)}
    assert users
    assert all("migrations" in source.parts for source in users)


def test_only_urls_builds_paths() -> None:
    for template in (ROOT / "templates").rglob("*.html"):
        literal = re.findall(r'(?:href|src)="(?!\{\{|#)[^"]*"', template.read_text())
        assert not literal, template
    for source in SOURCES:
        if source.name == "urls.py":
            continue
        text = source.read_text()
        assert not re.search(r'f"[^"]*/(models|img|heat|api|static)/\{', text), source


def imported_by(statements: str, modules: tuple[str, ...]) -> list[str]:
    """Which of the modules a fresh interpreter has imported after the statements."""
    code = f"import sys; {statements}; print(*[m for m in {modules} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_importing_the_application_loads_no_torch_and_no_migrations() -> None:
    assert not imported_by("import app.main", ("torch", "alembic"))


def test_a_server_starts_without_the_writer_and_progress_bars() -> None:
    statements = "from app.cli import main; import app.web.server; main.join_commands(main.app)"
    unused = ("app.db.writer.writer", "filelock", "rich.progress", "alembic", "torch")
    assert not imported_by(statements, unused)
    assert imported_by(f"{statements}; import app.cli.progress", unused) == ["rich.progress"]

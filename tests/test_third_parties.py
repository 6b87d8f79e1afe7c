"""Libraries are used through their public names, and none is held back by an upper bound."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
OURS = {"app", "precompute", "benchmarks", "tests"}
# Of these the inner classes change with every release.
INTERNALS = ("uvicorn", "httptools", "h11", "jinja2.compiler", "jinja2.parser", "jinja2.lexer")


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for folder in sorted(OURS):
        for path in (ROOT / folder).rglob("*.py"):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def is_third_party(module: str) -> bool:
    top = module.partition(".")[0]
    return top not in OURS and top not in sys.stdlib_module_names


def imported(tree: ast.Module) -> dict[str, str]:
    """The names that a module imports, each with its full name."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
        elif isinstance(node, ast.Import):
            names |= {a.asname or a.name: a.name for a in node.names}
    return names


def is_private(name: str) -> bool:
    return any(part.startswith("_") and not part.startswith("__") for part in name.split("."))


def test_no_private_name_of_a_library_is_imported() -> None:
    for path, tree in trees():
        names = [
            name
            for name in imported(tree).values()
            if is_third_party(name) and name != "_typeshed.DataclassInstance"
        ]
        assert not list(filter(is_private, names)), path


def test_no_protocol_compiler_or_server_of_a_library_is_subclassed() -> None:
    for path, tree in trees():
        names = imported(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                bases = [ast.unparse(base) for base in node.bases]
                full = [names.get(b.partition(".")[0], b) for b in bases]
                assert not [each for each in full if each.startswith(INTERNALS)], path


def test_the_web_server_and_the_templates_have_no_upper_bound() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for name in ("uvicorn", "jinja2"):
        (requirement,) = (each for each in project["dependencies"] if re.match(rf"{name}\b", each))
        assert "<" not in requirement
        assert "==" not in requirement

"""How modules depend on each other: no cycles, and no crowded folders."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
MOST_MODULES = 16
# The registry's folders have a module for each kind.
REGISTRIES = {"app/evidence", "precompute/stages"}

Graph = Mapping[str, set[str]]


def modules() -> dict[str, Path]:
    """Every module of ours by its dotted name; a package is its `__init__`."""
    found = {}
    for top in ("app", "precompute"):
        for path in (ROOT / top).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts).removesuffix(".__init__")] = path
    return found


def imports() -> dict[str, set[str]]:
    """For each module those of ours that it imports, anywhere in it."""
    ours = modules()
    graph: dict[str, set[str]] = {name: set() for name in ours}
    for name, path in ours.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                longer = (f"{node.module}.{alias.name}" for alias in node.names)
                targets = {each if each in ours else node.module for each in longer}
                graph[name] |= targets & ours.keys() - {name}
            elif isinstance(node, ast.Import):
                graph[name] |= {alias.name for alias in node.names} & ours.keys()
    return graph


def cycles(graph: Graph) -> list[list[str]]:
    """A cycle for each node that reaches itself; empty where there is none."""

    def path_back(start: str) -> list[str]:
        seen, ways = {start}, [[start]]
        while ways:
            way = ways.pop()
            for following in graph.get(way[-1], ()):
                if following == start:
                    return [*way, start]
                if following not in seen:
                    seen.add(following)
                    ways.append([*way, following])
        return []

    return [way for node in graph if (way := path_back(node))]


def between_packages(graph: Graph, depth: int) -> dict[str, set[str]]:
    """The imports between packages of at most `depth` names; one and its own part are one."""
    ours = modules()

    def package(name: str) -> str:
        is_package = ours[name].name == "__init__.py"
        parts = name.split(".") if is_package else name.split(".")[:-1]
        return ".".join(parts[:depth])

    def apart(one: str, other: str) -> bool:
        return not f"{one}.".startswith(f"{other}.") and not f"{other}.".startswith(f"{one}.")

    result: dict[str, set[str]] = {}
    for name, targets in graph.items():
        home = package(name)
        others: Iterable[str] = map(package, targets)
        result.setdefault(home, set()).update(each for each in others if apart(home, each))
    return result


def test_no_module_imports_itself_through_others() -> None:
    graph = imports()
    assert len(graph) > 200
    assert not cycles(graph)


def test_no_package_imports_itself_through_others() -> None:
    graph = imports()
    for depth in (2, 3, 4):
        assert not cycles(between_packages(graph, depth)), depth


def test_a_cycle_would_be_found() -> None:
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == [["b", "c", "b"], ["c", "b", "c"]]


def test_no_folder_is_crowded() -> None:
    folders = Counter(
        path.parent.relative_to(ROOT).as_posix()
        for path in modules().values()
        if path.name != "__init__.py"
    )
    assert not {
        folder: count
        for folder, count in folders.items()
        if count > MOST_MODULES and folder not in REGISTRIES
    }

"""What the tests of copies share: making one, and an independent reader of where its links lead."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from app.cli.export import ExportOptions, run_export
from app.export.folder import Folder

BASE = "http://copy.test/a/b/"
LINKS = {"href", "src", "action", "poster", "srcset", "data-index", "xlink:href"}
FILE = re.compile(r"(?:\.\./)*(?:[a-z0-9~_.=,-]+/)*[a-z0-9~_=,-]+\.(?:html|json|png|webp)(?:#.*)?")
CALLED = {"name", "title", "path", "label", "layer"}
IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*["']([^"']+)["']""")


def copy(database: str, out: Path, **options: Any) -> Folder:
    """Make a copy, as the command does."""
    return run_export(ExportOptions(database, out, **options), lambda step, done, total: None)


def files_of(root: Path) -> dict[str, bytes]:
    """Every file of a folder by its path in it."""
    found = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


class Reader(HTMLParser):
    """The links and the ids of a page, and its elements by name with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = {""}
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.elements.append((tag, given))
        self.ids.add(given.get("id", ""))
        # A link may lead elsewhere, to a paper; what a page is made of may not.
        is_elsewhere = tag == "a" and given.get("href", "").startswith("https://")
        for name in LINKS & given.keys() if not is_elsewhere else ():
            values = given[name].split(",") if name == "srcset" else [given[name]]
            self.links += [value.split()[0] if name == "srcset" else value for value in values]

    def every(self, tag: str) -> list[dict[str, str]]:
        return [given for name, given in self.elements if name == tag]


def links_of(name: str, data: bytes) -> Iterator[str]:
    """Every link of a file, of whatever kind it is."""
    ending = name.rpartition(".")[2]
    if ending == "html":
        yield from Reader(data.decode()).links
    elif ending == "css":
        yield from re.findall(r"""url\(["']?([^)"']+)""", data.decode())
    elif name == "search/index.js":
        found = search_index({name: data})["units"]
        yield from (f"../{link}" for row in found for link in row[3:] if link)
    elif ending == "js":
        yield from IMPORT.findall(data.decode())
    elif ending == "json" and name != "manifest.json":
        yield from filter(FILE.fullmatch, texts_of(json.loads(data)))


def search_index(files: dict[str, bytes]) -> dict[str, Any]:
    """The search index of a copy, which is JSON in a script."""
    text = files["search/index.js"].decode()
    index: dict[str, Any] = json.loads(text.removeprefix("microscopeIndex = ").rstrip(";\n"))
    return index


def texts_of(data: Any) -> Iterator[str]:
    """Every string in JSON but for those that are what people call things."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for name, value in data.items():
            yield from () if name in CALLED else texts_of(value)
    elif isinstance(data, list):
        for value in data:
            yield from texts_of(value)


def dead_links(files: dict[str, bytes]) -> list[tuple[str, str]]:
    """Links that lead to no file of the copy, or to no place in it, from below a prefix."""
    ids = {n: Reader(data.decode()).ids for n, data in files.items() if n.endswith(".html")}
    dead = []
    for name, data in files.items():
        for link in links_of(name, data):
            target = urljoin(BASE + name, link)
            parts = urlsplit(target)
            file = unquote(parts.path).removeprefix("/a/b/")
            is_there = target.startswith(BASE) and file in files
            if not is_there or unquote(parts.fragment) not in ids.get(file, {parts.fragment}):
                dead.append((name, link))
    return dead

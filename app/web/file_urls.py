"""Addresses in a static copy: relative paths from one file to another.

`FileUrls` answers for the pages of a copy what `Urls` answers for those of a server. `SiteFiles`
says which pages the copy has, and collects the files that its pages refer to.

File names keep their letters where every file system, server and browser agrees on them; all others
become a readable part, `~` and a hash. No two addresses share a file, also where case does not
count, and none leads out of the copy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from typing import ClassVar
from urllib.parse import parse_qsl, quote

from app.web.urls import Urls

# A part of an address, not quoted.
Names = tuple[str, ...]

# Lower case alone: on many disks `A` and `a` are one file. No dots: a folder never looks like a
# file, so that the page `l.json` and the JSON of the page `l` are two.
PLAIN = re.compile(r"[a-z0-9_-]{1,80}")
# Windows takes these for devices, whatever follows after a dot.
DEVICES = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]")
ENDING = re.compile(r"(?s)(.+)\.([a-z0-9]{1,5})")
INDEX = "index.html"

# The first names of what a copy has of a site's addresses; of the API it has the list of models.
COPIED = frozenset({"models", "about", "docs", "heat", "img", "static"})
COPIED |= {"models.json", "llms.txt", "robots.txt", "openapi.json"}
API = ("api", "v1", "models")
# The pages that only a copy has, in place of those that need a server, and its search index.
OFFLINE = frozenset({"search", "random", "compare", "copy"})
SEARCH_INDEX = "search/index.js"
# Choices that mean something only together: an order belongs to what is sorted by.
TOGETHER = frozenset({"sort", "order"})


@dataclass(frozen=True, slots=True)
class FileAddress:
    """A page, or a file of data, before it has a place in the copy."""

    names: Names
    query: str = ""
    """What a reader chose, as it stands after a question mark."""
    is_page: bool = False

    @property
    def file(self) -> str:
        """A page's `index.html`, or a file by its name; what is chosen is part of the name."""
        state = state_of(self.query)
        if self.is_page:
            return "/".join((*map(safe, self.names), f"{state}.html" if state else INDEX))
        *folders, last = self.names
        found = ENDING.fullmatch(last)
        stem, ending = (found[1], found[2]) if found else (last, "json")  # as the API's
        end = f"{safe(stem)}/{state}.{ending}" if state else f"{safe(stem)}.{ending}"
        return "/".join((*map(safe, folders), end))

    @property
    def is_copied(self) -> bool:
        """Whether a copy has addresses of this kind."""
        return not self.names or self.names[0] in COPIED or self.names == API

    @property
    def place(self) -> Names:
        """What it is about: a model, a layer of it, a unit of that, or none of them."""
        if self.names[:1] not in (("models",), ("heat",)):
            return ()
        place = self.names[1:4]
        is_last = not self.is_page and len(self.names) <= 4
        return (*place[:-1], place[-1].removesuffix(".json")) if is_last and place else place


@lru_cache(maxsize=4096)
def safe(name: str) -> str:
    """A part of an address as a folder or as the stem of a file."""
    if PLAIN.fullmatch(name) and not DEVICES.fullmatch(name):
        return name
    readable = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]
    return f"{readable}~{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


@lru_cache(maxsize=4096)
def state_of(query: str) -> str:
    """What a reader chose, as the stem of a file beside the page's own; empty for the default."""
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    if all(PLAIN.fullmatch(part) for pair in pairs for part in pair):
        found = ",".join(f"{name}={value}" for name, value in pairs)
        if len(found) <= 120:
            return found
    return safe(query)


def relative(source: str, target: str) -> str:
    """The way from one file of the copy to another, as a link."""
    here, there = source.split("/")[:-1], target.split("/")
    shared = 0
    while shared < min(len(here), len(there) - 1) and here[shared] == there[shared]:
        shared += 1
    return "/".join([".."] * (len(here) - shared) + there[shared:])


class SiteFiles:
    """The files of a copy by name: those that its pages are, and those that they refer to."""

    def __init__(self, units: Mapping[str, Mapping[str, int]], has_all_views: bool) -> None:
        """`units`: how many units each layer has, by model and layer; these have pages."""
        self.units, self.has_all_views = units, has_all_views
        self.files: dict[str, FileAddress] = {}
        self.is_complete = False
        """Whether no file is added any more: data refers only to files that pages need."""
        self._waiting: list[str] = []

    def add(self, address: FileAddress) -> str:
        """The name of the file at an address; empty where the copy has none."""
        file = address.file
        if file in self.files:
            return file
        if self.is_complete or not self._has(address):
            return ""
        self.files[file] = address
        self._waiting.append(file)
        return file

    def drop(self, file: str) -> None:
        """Forget a file that could not be made."""
        del self.files[file]

    def take(self) -> list[tuple[str, FileAddress]]:
        """The files that were added since the last call."""
        waiting, self._waiting = self._waiting, []
        return [(file, self.files[file]) for file in waiting]

    def _has(self, address: FileAddress) -> bool:
        """Whether there is such a file, of what is copied."""
        if not address.is_copied:
            return False
        return self._has_place(address) and self._view(address)

    def _has_place(self, address: FileAddress) -> bool:
        model, layer, unit = (*address.place, "", "", "")[:3]
        if not layer:
            return not model or model in self.units
        count = self.units.get(model, {}).get(layer, 0)
        return count > 0 if not unit else unit.isdecimal() and int(unit) < count

    def _view(self, address: FileAddress) -> bool:
        """Each choice alone, at its other values; of units only what is there at first."""
        chosen = {name for name, _ in parse_qsl(address.query, keep_blank_values=True)}
        if address.is_page and len(address.place) == 3 and not self.has_all_views:
            return not chosen
        return len(chosen) <= 1 or chosen == TOGETHER


@dataclass(frozen=True, slots=True, kw_only=True)
class FileUrls(Urls):
    """Addresses as they stand in one file of a copy; empty where the copy has no such page.

    A page in a state that the copy does not have is linked in its first state. On the page itself
    such a link is a choice, which would lead nowhere: it is empty.
    """

    files: SiteFiles
    source: FileAddress
    """The file in which the addresses stand."""
    site: str = ""
    """Where the copy will be published, without a slash at the end; empty if unknown."""
    is_absolute: bool = False

    is_static: ClassVar[bool] = True

    def at(self, origin: str) -> FileUrls:
        """Addresses as text: absolute where the site is known, else the names of files.

        In place of a page that the copy does not have stands the nearest one above it.
        """
        return replace(self, is_absolute=True)

    def units(self, model: str, layer: str, units: Iterable[int]) -> list[str]:
        return [self.unit(model, layer, unit) for unit in units]

    def below(self, layer: str, unit: int) -> str:
        return f"{layer}/{unit}" if layer else ""

    def search_index(self) -> str:
        return self._to(SEARCH_INDEX)

    def copy(self) -> str:
        """The page that says what the copy is."""
        return self._page("copy")

    def _page(self, *names: str, query: str = "", panel: str = "") -> str:
        if names[:1] and names[0] in OFFLINE:
            # No script of a copy compares units.
            rest = f"?{query}" if query and names != ("compare",) else ""
            return self._to(FileAddress(names, is_page=True).file) + rest
        found = self._found(FileAddress(names, query, is_page=True))
        return found + (f"#{quote(panel, safe='')}" if found and panel else "")

    def _file(self, *names: str, query: str = "") -> str:
        return self._found(FileAddress(names, query))

    def _found(self, address: FileAddress) -> str:
        files = (self.files.add(each) for each in self._candidates(address))
        return next((self._to(file) for file in files if file), "")

    def _candidates(self, address: FileAddress) -> Iterator[FileAddress]:
        yield address
        if address.query and (self.is_absolute or address.names != self.source.names):
            yield replace(address, query="")
        if self.is_absolute and address.is_copied:
            for count in range(len(address.names) - 1, -1, -1):
                yield FileAddress(address.names[:count], is_page=True)

    def _to(self, file: str) -> str:
        if not self.is_absolute:
            return relative(self.source.file, file)
        return f"{self.site}/{file}" if self.site else file

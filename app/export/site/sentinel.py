"""Addresses as the exporter's application writes them: recognisable wherever they stand.

That application is given an origin and a path prefix that occur nowhere else, drawn anew for each
export, so that nothing that a label or a file name says can be taken for an address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from secrets import token_hex
from urllib.parse import parse_qsl, urlencode, urljoin

# The characters of paths, queries and fragments as `Urls` quotes them.
ADDRESS = r"(?P<path>(?:/[\w.~%-]*)*)(?:\?(?P<query>[\w.~%+=&/:*-]*))?(?:#(?P<fragment>[\w.~%-]*))?"


@dataclass(frozen=True, slots=True)
class FoundAddress:
    """An address of the application, below its prefix."""

    path: str
    """As it is quoted; empty for the prefix itself, without a slash."""
    query: str = ""
    fragment: str = ""
    is_absolute: bool = False
    """Whether it began with the origin."""

    @property
    def key(self) -> str:
        """What one file is for: the path, and the choices whatever their order."""
        pairs = sorted(parse_qsl(self.query, keep_blank_values=True))
        return f"{self.path}?{urlencode(pairs)}" if pairs else self.path

    @property
    def default(self) -> FoundAddress:
        """The page as it is before anything is chosen."""
        return replace(self, query="", fragment="")

    def without_stop(self) -> FoundAddress:
        """Without the full stop of the sentence that the address ends."""
        if self.query or self.fragment:
            return self
        return replace(self, path=self.path.rstrip("."))

    def above(self) -> FoundAddress:
        """The page above this one."""
        return FoundAddress(self.path.rpartition("/")[0] or "/", is_absolute=self.is_absolute)


class Sentinel:
    """The origin and the prefix of one export, and how their addresses are found in a text."""

    def __init__(self, token: str = "") -> None:
        self.token = token or f"copy-{token_hex(12)}"
        self.prefix = f"/{self.token}"
        self.origin = f"https://{self.token}.invalid"
        origin, prefix = re.escape(self.origin), re.escape(self.prefix)
        both = rf"(?P<origin>{origin})?{prefix}(?![\w-]){ADDRESS}|(?P<bare>{origin})"
        self._pattern = re.compile(both, re.ASCII)

    def find(self, text: str) -> Iterator[FoundAddress]:
        """Every address in a text."""
        return map(self._found, self._pattern.finditer(text))

    def read(self, text: str) -> FoundAddress | None:
        """The address that a text is, from the first to the last character."""
        match = self._pattern.fullmatch(text)
        return self._found(match) if match else None

    def target(self, found: FoundAddress, location: str) -> FoundAddress | None:
        """Where an answer sends the reader on to; None where that is elsewhere."""
        return self.read(urljoin(f"{self.origin}{self.prefix}{found.path}", location))

    def replace(self, text: str, new: Callable[[FoundAddress], str]) -> str:
        """The text with every address replaced."""
        if self.token not in text:
            return text
        return self._pattern.sub(lambda match: self._new(match, new), text)

    def _new(self, match: re.Match[str], new: Callable[[FoundAddress], str]) -> str:
        found = self._found(match)
        bare = found.without_stop()
        # The full stop is the sentence's own, unless the address is known with it.
        return new(found) if bare == found else new(bare) + "." * (len(found.path) - len(bare.path))

    def _found(self, match: re.Match[str]) -> FoundAddress:
        parts = match.groupdict("")
        is_absolute = bool(parts["origin"] or parts["bare"])
        return FoundAddress(parts["path"], parts["query"], parts["fragment"], is_absolute)

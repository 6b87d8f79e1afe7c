"""Where the links of a copy lead: from an address of the application to a file of the copy.

Made when everything has been asked for, so that nothing leads to what is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from posixpath import dirname, relpath

from app.export.site.file_names import relative
from app.export.site.sentinel import FoundAddress


@dataclass(frozen=True, slots=True)
class LinkSource:
    """The file in which a link stands."""

    file: str
    path: str = ""
    """The path of the page that it is, in whatever state; empty where it is no page."""


@dataclass(frozen=True, slots=True)
class Links:
    """The files by their addresses."""

    files: Mapping[str, str]
    """By `Found.key`."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Keys of addresses that lead on to others."""
    scripted: Mapping[str, str] = field(default_factory=dict)
    """The files of paths whose queries are read by a script of the copy."""
    site: str = ""
    """Where the copy will be published, without a slash at the end; empty where nobody said."""

    def file(self, found: FoundAddress) -> str | None:
        """The file that an address means; None where the copy has none."""
        if found.path in self.scripted:
            return self.scripted[found.path]
        return self.files.get(self._key(found))

    def target(self, found: FoundAddress, source: LinkSource) -> str | None:
        """A link's new address, relative to the file in which it stands.

        A page that is not there in this state is linked in its first. But where the link is a
        choice on that very page, it would only lead to where the reader is: there is None.
        """
        if not found.path:
            return relpath(".", dirname(source.file) or ".")
        file = self.file(found)
        if file is None and found.path != source.path:
            file = self.file(found.default)
        return None if file is None else relative(source.file, file) + self._rest(found)

    def absolute(self, found: FoundAddress) -> str | None:
        """The address on the site where the copy is published."""
        file = self.file(found) if found.path else ""
        return None if file is None else f"{self.site}/{file}{self._rest(found)}"

    def shown(self, found: FoundAddress) -> str:
        """An address in a text, for people: absolute where the site is known, else the file.

        What is not in the copy is told by what stands above it.
        """
        while found.path and self.file(found) is None and found.path != "/":
            found = found.default if found.query else found.above()
        rest = (self.file(found) or "") + self._rest(found)
        return f"{self.site}/{rest}" if self.site else rest or "."

    def _key(self, found: FoundAddress) -> str:
        key = found.key
        for _ in range(4):  # a ring of redirections ends here
            key = self.aliases.get(key, key)
        return key

    def _rest(self, found: FoundAddress) -> str:
        query = f"?{found.query}" if found.query and found.path in self.scripted else ""
        return query + (f"#{found.fragment}" if found.fragment else "")

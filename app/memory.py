"""The pictures that were sent last, for as long as the database stays as it was.

A picture that is hidden or removed must be gone at once: everything is forgotten when anything was
committed, which the database is asked before every answer. Where it cannot tell, nothing is kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

from app.store.changes import Changes
from app.store.views import Picture

# Bytes: some 1,600 pictures of 20 KB. The process has 150 MB, and needs 90 for itself.
ROOM = 32 * 2**20


class Memory:
    """Pictures by hash; those not asked for the longest make room. For one thread."""

    def __init__(self, changes: Changes, room: int = ROOM) -> None:
        self._changes = changes
        self._room = room
        self._version: int | None = None
        self._pictures: OrderedDict[str, Picture] = OrderedDict()
        self._size = 0

    def version(self) -> int | None:
        """The database's state, for `put`; what was kept of another state is forgotten."""
        version = self._changes.version()
        if version is None or version != self._version:
            self._pictures.clear()
            self._size, self._version = 0, version
        return version

    def get(self, sha256: str) -> Picture | None:
        """A picture that is still as it was sent."""
        self.version()
        picture = self._pictures.get(sha256)
        if picture is not None:
            self._pictures.move_to_end(sha256)
        return picture

    def put(self, pictures: Mapping[str, Picture], version: int | None) -> None:
        """Keep pictures that were read no earlier than the database had this state."""
        if version is None or version != self._version:
            return
        for sha256, picture in pictures.items():
            if sha256 not in self._pictures:
                self._pictures[sha256] = picture
                self._size += len(picture.bytes)
        while self._size > self._room:
            _, oldest = self._pictures.popitem(last=False)
            self._size -= len(oldest.bytes)

"""Texts that wait, compressed, on disk: links are rewritten when it is known what there is."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile


@dataclass(frozen=True, slots=True)
class PendingText:
    """A text that was answered, and its place in the spool."""

    key: str
    file: str
    path: str
    """The path of the page that it is; empty where it is none."""
    media_type: str
    start: int
    length: int


class Spool:
    """An unnamed file, which is gone when the process is."""

    def __init__(self, folder: Path) -> None:
        self._file = TemporaryFile(dir=folder)  # noqa: SIM115 (it outlives this method)
        self._waiting: list[PendingText] = []

    def add(self, key: str, file: str, path: str, media_type: str, body: bytes) -> None:
        """Keep a text until it is read once."""
        data = zlib.compress(body, 1)
        start = self._file.tell()
        self._file.write(data)
        self._waiting.append(PendingText(key, file, path, media_type, start, len(data)))

    def __len__(self) -> int:
        return len(self._waiting)

    def read(self) -> Iterator[tuple[PendingText, str]]:
        """Every text, as it came."""
        for each in self._waiting:
            self._file.seek(each.start)
            yield each, zlib.decompress(self._file.read(each.length)).decode("utf-8")

    def close(self) -> None:
        self._file.close()

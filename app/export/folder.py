"""The folder of an export: new files, files of earlier exports, and files to remove.

Only changed files are written, each atomically. A journal lists every file before the manifest
does: after an export that was killed, the next one knows its files. Files that no export wrote are
never touched.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

from app.errors import InputError, MicroscopeError
from app.export.manifest import MANIFEST, SUMS, is_ours, sums

JOURNAL = ".export-journal"
PART = ".export-part"


ExportProgress = Callable[[str, int, int], None]
"""Reports a step of an export, how much of it is done, and of how much; 0 is unknown."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in the manifest."""

    sha256: str
    bytes: int


UNKNOWN = Entry("-", -1)


class Folder:
    """The folder of one export, from before its first file until after its last."""

    def __init__(self, root: Path, kind: str) -> None:
        """Raises `InputError` if the folder holds files that no export wrote."""
        self.root = root
        self.old = _open(root, kind)
        self.new: dict[str, Entry] = {}
        self.changed: set[str] = set()
        self._lock = Lock()
        self._journal = (root / JOURNAL).open("a", encoding="utf-8")
        self._note(self.old)

    def known(self, name: str) -> str | None:
        """The hash of a file that is there from an earlier export."""
        entry = self.old.get(name)
        return entry.sha256 if entry and self._is_there(name, entry) else None

    def keep(self, name: str) -> None:
        """Keep a file of an earlier export."""
        with self._lock:
            self.new[name] = self.old[name]

    def write(self, name: str, data: bytes) -> None:
        """Write a file unless it has the same content already."""
        entry = Entry(sha256(data).hexdigest(), len(data))
        with self._lock:
            self.new[name] = entry
        if self.old.get(name) == entry and self._is_there(name, entry):
            return
        path = self._place(name)
        part = path.with_name(f"{path.name}{PART}")
        part.write_bytes(data)
        self._replace(name, part, entry)

    def adopt(self, name: str, part: Path) -> None:
        """Move a finished partial file to its name."""
        digest = sha256()
        with part.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
        entry = Entry(digest.hexdigest(), part.stat().st_size)
        self.new[name] = entry
        if self.old.get(name) == entry and self._is_there(name, entry):
            part.unlink()
        else:
            self._replace(name, part, entry)

    def finish(self, facts: Mapping[str, Any]) -> None:
        """Remove files of earlier exports, then write the manifest and the sums."""
        gone = self.old.keys() - self.new.keys()
        for name in sorted(gone):
            self._remove(name)
        files = {name: self.new[name] for name in sorted(self.new)}
        if gone or self.changed or not self._has_same(facts):
            listed = {name: {"sha256": e.sha256, "bytes": e.bytes} for name, e in files.items()}
            text = json.dumps({**facts, "files": listed}, ensure_ascii=False, indent=1)
            self._put(MANIFEST, f"{text}\n")
        manifest = sha256((self.root / MANIFEST).read_bytes()).hexdigest()
        hashes = {name: entry.sha256 for name, entry in files.items()} | {MANIFEST: manifest}
        self._put(SUMS, sums(hashes))
        self.close()
        (self.root / JOURNAL).unlink()

    def close(self) -> None:
        self._journal.close()

    def _has_same(self, facts: Mapping[str, Any]) -> bool:
        """Whether the manifest has the same facts, apart from its date."""
        try:
            stored = json.loads((self.root / MANIFEST).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return False
        plain = json.loads(json.dumps(dict(facts)))
        return {**stored, "made": "", "files": 0} == {**plain, "made": "", "files": 0}

    def _put(self, name: str, text: str) -> None:
        path, data = self.root / name, text.encode()
        if path.exists() and path.read_bytes() == data:
            return
        part = path.with_name(f"{name}{PART}")
        part.write_bytes(data)
        part.replace(path)

    def _place(self, name: str) -> Path:
        path = self.root / name
        if not path.resolve().is_relative_to(self.root.resolve()):
            raise MicroscopeError(f"{name} would lie outside {self.root}; nothing was written.")
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _is_there(self, name: str, entry: Entry) -> bool:
        try:
            return (self.root / name).stat().st_size == entry.bytes
        except OSError:
            return False

    def _remove(self, name: str) -> None:
        path = self.root / name
        path.unlink(missing_ok=True)
        path.with_name(f"{path.name}{PART}").unlink(missing_ok=True)
        for parent in path.parents:
            if parent == self.root or not parent.is_dir() or any(parent.iterdir()):
                break
            parent.rmdir()

    def _replace(self, name: str, part: Path, entry: Entry) -> None:
        """Rename a file to its place; the journal has its hash only afterwards."""
        with self._lock:
            self.changed.add(name)
            self._note({name: UNKNOWN})
        part.replace(self._place(name))
        with self._lock:
            self._note({name: entry})

    def _note(self, entries: Mapping[str, Entry]) -> None:
        lines = (f"{entry.sha256} {entry.bytes} {name}\n" for name, entry in entries.items())
        self._journal.writelines(lines)
        self._journal.flush()


def _open(root: Path, kind: str) -> dict[str, Entry]:
    """The files of earlier exports; refuses a folder with other files."""
    if root.exists() and not root.is_dir():
        raise InputError(f"{root} is a file: name a folder with --out.")
    try:
        root.mkdir(parents=True, exist_ok=True)
        names = {path.name for path in root.iterdir()}
    except OSError as error:
        raise InputError(f"The folder {root} cannot be used ({error.strerror}).") from None
    if not names:
        return {}
    manifest = _manifest(root)
    if JOURNAL not in names and not is_ours(manifest, kind):
        raise InputError(
            f"The folder {root} is not empty, and what is in it is no copy that was made with "
            f"--format {kind}: name an empty folder, or one that does not exist yet."
        )
    files = {name: Entry(**entry) for name, entry in manifest.get("files", {}).items()}
    files |= _journal(root)
    return {name: entry for name, entry in files.items() if _is_inside(name)}


def _is_inside(name: str) -> bool:
    """Whether a name stays below the folder; a manifest may have been edited."""
    return not name.startswith("/") and not {"", ".", ".."} & set(name.split("/"))


def _manifest(root: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((root / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def _journal(root: Path) -> dict[str, Entry]:
    """The files of an export that was killed; the last line may be incomplete."""
    try:
        lines = (root / JOURNAL).read_text(encoding="utf-8", errors="replace").split("\n")[:-1]
    except OSError:
        return {}
    parts = (line.split(" ", 2) for line in lines)
    return {each[2]: Entry(each[0], int(each[1])) for each in parts if len(each) == 3}

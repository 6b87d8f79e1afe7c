"""How far a scan is, on disk, so that one that was killed goes on where it was."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch

from app.errors import MicroscopeError
from precompute.missing import Wanted

# A state weighs some 80 MB for all layers and a thousand classes.
SECONDS = 20.0


class Checkpoint:
    """A folder for one scan: its state, and beside it whatever files it needs until it ends.

    Args:
        root: where scans keep theirs.
        identity: everything that the result depends on, but for the units that are wanted;
            another identity is another scan.
    """

    def __init__(self, root: Path, identity: object) -> None:
        text = json.dumps(identity, sort_keys=True)
        self.folder = root / hashlib.sha256(text.encode()).hexdigest()[:16]
        with told(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        self._state = self.folder / "state.pt"
        self._units = self.folder / "units.json"
        self._saved = time.monotonic()

    def units(self, wanted: Wanted) -> Wanted:
        """The units of the scan that was begun here, if all that are wanted are among them; else
        what was begun is forgotten, and these are begun with.

        A scan that was killed while its results were being stored is then finished as it was
        begun, though some of its units need nothing more: units are compared with one another.
        """
        begun = self._begun()
        if all(set(units) <= set(begun.get(layer, ())) for layer, units in wanted.items()):
            return begun
        with told(self.folder):
            self._state.unlink(missing_ok=True)
            begin = {layer: list(units) for layer, units in wanted.items()}
            self._units.write_text(json.dumps(begin))
        return wanted

    def _begun(self) -> Wanted:
        try:
            kept: dict[str, list[int]] = json.loads(self._units.read_text())
        except (OSError, ValueError):
            return {}
        return {layer: tuple(units) for layer, units in kept.items()}

    def load(self) -> dict[str, Any] | None:
        """The state as it was saved last; None where there is none that can be read."""
        try:
            found: dict[str, Any] = torch.load(self._state, weights_only=True)
        except (OSError, RuntimeError, EOFError, UnpicklingError):
            return None
        return found

    @property
    def is_due(self) -> bool:
        """Whether the last save is so long ago that much would be lost."""
        return time.monotonic() - self._saved > SECONDS

    def save(self, state: dict[str, Any]) -> None:
        """Puts a state in place of the last, at once or not at all."""
        half = self._state.with_suffix(".new")
        with told(self.folder), removed_on_failure(half):
            torch.save(state, half)
            half.replace(self._state)
        self._saved = time.monotonic()

    def remove(self) -> None:
        """Forgets the scan, when its results are stored."""
        shutil.rmtree(self.folder, ignore_errors=True)
        with suppress(OSError):  # another scan's may lie beside it
            self.folder.parent.rmdir()


@contextmanager
def removed_on_failure(file: Path) -> Iterator[None]:
    """Leaves no half file on a disk that is full: the database may be on it, and has to note how
    the run ended."""
    try:
        yield
    except BaseException:
        file.unlink(missing_ok=True)
        raise


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """Says in words that a scan cannot keep what it needs.

    Raises:
        MicroscopeError: where, why, and what to do. PyTorch tells of a full disk as RuntimeError.
    """
    try:
        yield
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise MicroscopeError(
            f"The scan cannot keep what it needs until it ends in {folder} ({reason}): make room "
            "there or let it be written, and run this again; it goes on from what it kept."
        ) from error


def scratch_for(database: str) -> Path:
    """Where scans into a database keep what they need until they end: beside an SQLite file, else
    in the system's folder for temporary files (`TMPDIR`)."""
    from app.db.engine import database_url

    url = database_url(database)
    if url.get_backend_name() == "sqlite" and url.database:
        return Path(url.database).absolute().with_name(Path(url.database).name + "-scan")
    return Path(tempfile.gettempdir()) / "microscope-scan"

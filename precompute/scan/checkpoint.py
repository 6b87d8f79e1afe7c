"""The state of a scan on disk, so that a killed scan resumes where it was."""

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
    """A folder for one scan: its state, and the files that it needs until it ends.

    Args:
        root: the folder of all scans.
        identity: everything that the result depends on, except the units; another identity is
            another scan.
    """

    def __init__(self, root: Path, identity: object) -> None:
        text = json.dumps(identity, sort_keys=True)
        self.folder = root / hashlib.sha256(text.encode()).hexdigest()[:16]
        with disk_errors_explained(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        self._state = self.folder / "state.pt"
        self._units = self.folder / "units.json"
        self._saved = time.monotonic()

    def units(self, wanted: Wanted) -> Wanted:
        """The units of the saved scan, if they include all wanted ones; else starts over.

        A scan that was killed while its results were stored is finished for all of its units,
        although some are stored already: units are compared with one another.
        """
        saved = self._saved_units()
        if all(set(units) <= set(saved.get(layer, ())) for layer, units in wanted.items()):
            return saved
        with disk_errors_explained(self.folder):
            self._state.unlink(missing_ok=True)
            lists = {layer: list(units) for layer, units in wanted.items()}
            self._units.write_text(json.dumps(lists))
        return wanted

    def _saved_units(self) -> Wanted:
        try:
            lists: dict[str, list[int]] = json.loads(self._units.read_text())
        except (OSError, ValueError):
            return {}
        return {layer: tuple(units) for layer, units in lists.items()}

    def load(self) -> dict[str, Any] | None:
        """The last saved state; None if there is none that can be read."""
        try:
            state: dict[str, Any] = torch.load(self._state, weights_only=True)
        except (OSError, RuntimeError, EOFError, UnpicklingError):
            return None
        return state

    @property
    def is_due(self) -> bool:
        """Whether the last save is more than `SECONDS` ago."""
        return time.monotonic() - self._saved > SECONDS

    def save(self, state: dict[str, Any]) -> None:
        """Replace the saved state atomically."""
        half = self._state.with_suffix(".new")
        with disk_errors_explained(self.folder), removed_on_failure(half):
            torch.save(state, half)
            half.replace(self._state)
        self._saved = time.monotonic()

    def remove(self) -> None:
        """Remove the folder, once the results are stored."""
        shutil.rmtree(self.folder, ignore_errors=True)
        with suppress(OSError):  # other scans may have folders beside it
            self.folder.parent.rmdir()


@contextmanager
def removed_on_failure(file: Path) -> Iterator[None]:
    """Remove a partial file on a full disk: the database may need the room to record the end."""
    try:
        yield
    except BaseException:
        file.unlink(missing_ok=True)
        raise


@contextmanager
def disk_errors_explained(folder: Path) -> Iterator[None]:
    """Turn disk errors into a sentence; PyTorch raises RuntimeError for a full disk.

    Raises:
        MicroscopeError: where, why, and what to do.
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
    """The folder of a database's scans: beside an SQLite file, else in `TMPDIR`."""
    from app.db.engine import database_url

    url = database_url(database)
    if url.get_backend_name() == "sqlite" and url.database:
        return Path(url.database).absolute().with_name(Path(url.database).name + "-scan")
    return Path(tempfile.gettempdir()) / "microscope-scan"

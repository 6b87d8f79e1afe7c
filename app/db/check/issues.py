"""What `check` says: faults, each with what mends it. No SQL, and nothing that changes a database.

A remedy is a command where one exists; what no command can make again comes from a backup.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Of many places with the same fault the first are named; all are counted.
NAMED = 10

BACKUP = "put back the last backup (docs/operations.md, Back up and restore)"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong, in how many places, and how it is mended."""

    kind: str
    """A word for programs, such as `picture-bytes`; docs/operations.md has the list."""
    says: str
    """What is wrong, as a sentence without its end."""
    count: int
    places: tuple[str, ...]
    """The first places where it is wrong."""
    mend: tuple[str, ...]
    """Commands to run in this order; or one sentence where no command helps."""


@dataclass(frozen=True, slots=True)
class Remedies:
    """The commands that mend this database."""

    place: str
    """The database as a command names it; its password is left out."""
    recorded: tuple[str, ...]
    """The commands of the runs that filled it, the newest first, each once."""

    @property
    def prune(self) -> tuple[str, ...]:
        return (self._on("microscope prune"),)

    @property
    def refresh(self) -> tuple[str, ...]:
        return (self._on("microscope refresh"),)

    @property
    def drop_broken(self) -> tuple[str, ...]:
        """Remove what is broken; nothing has to be made again."""
        return (self._on("microscope prune --broken"),)

    @property
    def make_again(self) -> tuple[str, ...]:
        """Remove what is broken, then make it again as it was made."""
        return (*self.drop_broken, *self.run_again)

    @property
    def run_again(self) -> tuple[str, ...]:
        """What filled the database, oldest first: it makes what is missing."""
        if not self.recorded:
            return ("run `microscope precompute` for it again",)
        return tuple(self.command(each) for each in reversed(self.recorded))

    def command(self, recorded: str) -> str:
        """A command that was recorded, without `--force`, which would make all of it again."""
        words = [word for word in shlex.split(recorded) if word != "--force"]
        return self._on(shlex.join(words))

    def _on(self, command: str) -> str:
        return f"{command} --database {shlex.quote(self.place)}"


def fault(
    kind: str, says: str, places: Sequence[str] | Iterable[str], mend: tuple[str, ...]
) -> Iterable[Fault]:
    """A fault of these places; nothing where there are none."""
    found = tuple(places)
    if found:
        yield Fault(kind, says, len(found), found[:NAMED], mend)

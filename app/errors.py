"""Everything that can go wrong in words for the person in front of it.

    MicroscopeError
    ├── InputError            what was asked for cannot be done; refused before work starts
    │   ├── NotFound          no such model, layer, unit or picture
    │   ├── Conflict          something else is stored under that name
    │   │   ├── ModelConflict
    │   │   └── DatasetConflict
    │   └── AddressTaken      another program listens there
    └── StoreError            the database cannot serve or keep what it should
        ├── DatabaseMissing
        ├── DatabaseUnusable  not a database, unmigrated, or of a newer version
        ├── DatabaseReadOnly
        ├── DatabaseBusy      another writer holds it for a moment
        ├── DatabaseTaken     a precompute fills it, or a command has it to itself
        ├── DatabaseFull
        ├── DatabaseSlow      a reading took longer than it may
        └── DatabaseGone      a server that does not answer, a file that broke

`public` is what strangers are told: where the database is, is none of their business.
`status` is the answer over HTTP, `exit_code` the command line's: 2 for input that is refused
before work starts, 1 for work that failed. A message says what was wrong, where, and what to do.
"""

# A name says what happened ("NotFound"); the suffix "Error" would add nothing.
# ruff: noqa: N818

from __future__ import annotations


class MicroscopeError(Exception):
    """The root: whatever is raised below it is shown as one sentence, without a traceback."""

    status = 500
    exit_code = 1
    title = "Something went wrong"

    @property
    def message(self) -> str:
        return str(self)

    @property
    def public(self) -> str:
        """The message, without what only who runs the server should read."""
        return self.message


class InputError(MicroscopeError):
    """What was asked for cannot be done as it stands."""

    status = 400
    exit_code = 2
    title = "That cannot be done"


class NotFound(InputError):
    """There is nothing under this name."""

    status = 404
    title = "Not found"


class Conflict(InputError):
    """Something else is stored under the same public name."""

    status = 409
    title = "The name is taken"


class ModelConflict(Conflict):
    """The slug belongs to a network with other weights."""


class DatasetConflict(Conflict):
    """The slug belongs to a data set with another list of images."""


class AddressTaken(InputError):
    """The server's address is in use, or not this machine's."""

    exit_code = 1


class StoreError(MicroscopeError):
    """The database cannot serve or keep what it should."""

    status = 503
    title = "The database is not available"

    @property
    def public(self) -> str:
        return "The database cannot be read at the moment: try again in some seconds."


class DatabaseMissing(StoreError):
    """There is no database where one was expected."""

    exit_code = 2


class DatabaseUnusable(StoreError):
    """Not a database, not ours, not migrated, or made by a newer version."""

    exit_code = 2


class DatabaseReadOnly(StoreError):
    """The database, or the place it should be made in, cannot be written."""


class DatabaseBusy(StoreError):
    """Another writer holds the database."""


class DatabaseTaken(StoreError):
    """Another precompute fills the database, or a command has it to itself."""


class DatabaseFull(StoreError):
    """There is no space left to store in."""


class DatabaseSlow(StoreError):
    """A reading took longer than it may."""

    @property
    def public(self) -> str:
        return "The answer took too long to find: ask for less at once, or try again later."


class DatabaseGone(StoreError):
    """The database does not answer, or broke."""

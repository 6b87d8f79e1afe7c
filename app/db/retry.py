"""Waiting for a database server that is gone, and going on when it answers again.

For programs that run for hours. Every call that is made through a `Retry` is one transaction
and safe to make again. An SQLite file does not come back: nothing here waits for one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from app.db.lock import Lock
from app.errors import DatabaseBusy, DatabaseGone

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")

# A server that starts refuses at once; one that was cut off takes `connect_timeout` to be tried.
PAUSE_SECONDS = 1.0


class Retry(Protocol):
    """Makes a call, perhaps more than once."""

    def __call__(self, call: Callable[[], Result]) -> Result:
        """The call's result."""
        ...


def once(call: Callable[[], Result]) -> Result:
    """No patience: what fails has failed."""
    return call()


class RetryPolicy:
    """Makes a call again while the server is gone, under a lock that may be lost with it.

    Args:
        lock: of the run; a call is made only while it is held.
        seconds: how long one call is waited for at most.
        say: is told, in a sentence, that it waits, and that it goes on.
    """

    def __init__(self, lock: Lock, seconds: float, say: Callable[[str], None]) -> None:
        self._lock, self._seconds, self._say = lock, seconds, say

    def __call__(self, call: Callable[[], Result]) -> Result:
        """The call's result.

        Raises `DatabaseGone` when the time is up, `DatabaseTaken` where another run has begun
        meanwhile, and whatever else the call raises at once.
        """
        begun = 0.0
        while True:
            try:
                self._lock.confirm()
                found = call()
            except (DatabaseGone, DatabaseBusy) as error:
                begun = begun or self._told(error)
                self._pause(begun, error)
            else:
                if begun:
                    self._say(f"It answers again, after {time.monotonic() - begun:.0f} s.")
                return found

    def _told(self, error: DatabaseGone | DatabaseBusy) -> float:
        """Now, when the waiting begins; who looks on is told."""
        if self._seconds > 0:
            self._say(f"{_fact(error)}. It is waited for, {self._seconds:.0f} s at most.")
        return time.monotonic()

    def _pause(self, begun: float, error: DatabaseGone | DatabaseBusy) -> None:
        if time.monotonic() - begun >= self._seconds:
            raise DatabaseGone(
                f"{_fact(error)}, for {self._seconds:.0f} s. What is finished is stored: see that "
                "the database runs, then the same command again goes on from there."
            ) from error
        time.sleep(PAUSE_SECONDS)


def _fact(error: Exception) -> str:
    """What was wrong, without what to do."""
    return str(error).split(". ")[0].rstrip(".")


class HasPatience(Protocol):
    """What a patient method's object has."""

    patience: Retry


Owner = TypeVar("Owner", bound=HasPatience)


def patient(
    method: Callable[Concatenate[Owner, Arguments], Result],
) -> Callable[Concatenate[Owner, Arguments], Result]:
    """A method that is called with its object's patience, as often as that takes.

    What can be gone through only once is kept for the second time.
    """

    @wraps(method)
    def patiently(owner: Owner, /, *given: Arguments.args, **named: Arguments.kwargs) -> Result:
        kept: Any = tuple(map(_kept, given))
        more: Any = {name: _kept(value) for name, value in named.items()}
        return owner.patience(partial(method, owner, *kept, **more))

    return patiently


def _kept(value: Any) -> Any:
    return list(value) if isinstance(value, Iterator) else value

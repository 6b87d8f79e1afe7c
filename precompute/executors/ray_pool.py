"""The workers of a cluster: hired as there is room, replaced when they are lost.

Each is a Ray actor that is never restarted: what becomes of its work is the engine's affair, and a
new one is hired in its place, on whatever node has room.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import ray
from ray.exceptions import RayError

from app import __version__
from precompute.executors.ray_cluster import ClusterError, Share, require_room, room
from precompute.executors.ray_scheduler import Piece
from precompute.executors.ray_worker import Greeting, Parcelled, Worker
from precompute.executors.task import reason_of

# How often nodes that came or went are looked for.
LOOK_SECONDS = 5.0
# A worker that cannot begin is tried again after so long, and so many times before the first did.
PAUSE_SECONDS = 5.0
# PyTorch is loaded within seconds, from a slow disk within a minute.
SILENT_SECONDS = 60.0
BEGINNINGS = 3
WHOLE, EACH = "whole", "each"
"""Ray's names for the two ways to work: one item at a time with all threads, or many with one."""


@dataclass(eq=False)
class Member:
    """A worker as the driver knows it."""

    actor: Any
    hello: Any
    """The promise of its greeting."""
    greeting: Greeting | None = None
    under_way: dict[Any, Piece[Any, Any]] = field(default_factory=dict)
    """By the promise of its answer."""
    sees_files: bool = True
    """Whether its machine sees the folders that this one sees, as far as is known."""

    @property
    def name(self) -> str:
        """For a person: its process and machine."""
        greeting = self.greeting
        return f"worker {greeting.pid} on {greeting.host}" if greeting else "a worker"


class Crew:
    """The workers of one run.

    Args:
        network: lies in the cluster's memory.
        device: where they compute.
        share: what each takes.
        say: is told what a person should know.
    """

    def __init__(
        self, network: Parcelled, device: str, share: Share, say: Callable[[str], None]
    ) -> None:
        self.share, self.members = share, list[Member]()
        self._network, self._device, self._say = network, device, say
        self._looked = self._paused = -float("inf")
        self._beginnings, self._has_begun = 0, False
        self._waits_until = time.monotonic() + SILENT_SECONDS
        groups = {WHOLE: 1, EACH: share.cpus}
        self._kind = ray.remote(concurrency_groups=groups)(Worker)
        require_room(share)

    @property
    def ready(self) -> list[Member]:
        """Those that have said that they can work."""
        return [member for member in self.members if member.greeting]

    def slots(self, threads: int | None) -> int:
        """How many items a worker does at a time."""
        return 1 if threads is None else self.share.cpus

    def fill(self) -> None:
        """Hires as many as there is room for, now and then."""
        now = time.monotonic()
        if not self.ready and now > self._waits_until:
            self._waits_until = now + SILENT_SECONDS
            self._say("No worker is ready: the cluster's cores or GPUs may be taken by others.")
        if now < self._paused or now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        for _ in range(len(self.members), room(self.share)):
            self._hire()

    def greeted(self, member: Member) -> None:
        """Takes a worker's greeting.

        Raises:
            ClusterError: none can begin, or it has another version of this program.
        """
        try:
            greeting: Greeting = ray.get(member.hello)
        except RayError as error:
            self._could_not_begin(member, error)
            return
        if greeting.version != __version__:
            raise ClusterError(
                f"{greeting.host} has version {greeting.version} of inception-microscope, this "
                f"machine has {__version__}: install the same everywhere."
            )
        member.greeting, self._has_begun = greeting, True

    def dismiss(self, member: Member) -> None:
        """Lets a worker go that is lost; another takes its place at once."""
        self.members.remove(member)
        ray.kill(member.actor)
        self._looked = -float("inf")

    def promises(self) -> Iterator[Any]:
        """Everything that is waited for."""
        for member in self.members:
            yield from member.under_way if member.greeting else (member.hello,)

    def _hire(self) -> None:
        actor = self._kind.options(
            num_cpus=self.share.cpus, num_gpus=self.share.gpus, max_restarts=0, max_task_retries=0
        ).remote(self._network, self._device, self.share.cpus)
        self.members.append(Member(actor, actor.greet.remote()))

    def _could_not_begin(self, member: Member, error: RayError) -> None:
        self.dismiss(member)
        self._beginnings += 1
        self._paused = time.monotonic() + PAUSE_SECONDS
        cause = getattr(error, "cause", None) or error
        if not self._has_begun and self._beginnings >= BEGINNINGS:
            raise ClusterError(
                f"No worker could begin; the last: {_last_line(str(cause))}. Each node needs "
                "inception-microscope[precompute,ray] of the same version as here."
            ) from error
        self._say(f"A worker could not begin ({reason_of(cause)}); another is started.")


def _last_line(text: str) -> str:
    """Of a remote traceback what it was about."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it did not say why"

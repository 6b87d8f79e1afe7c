"""The first pass: every image once, every unit's sums, extremes and candidates.

Batches are cut by the images' numbers and added up in order, so that the result depends neither on
how many are seen at a time, nor on where a pass was interrupted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from precompute import engine
from precompute.examples.classes import Labels
from precompute.examples.maxima import Maxima
from precompute.examples.reading import Batch, Read
from precompute.examples.scanner import Scanner
from precompute.examples.seen import Sampling, Seen, see
from precompute.examples.statistics import Account
from precompute.network import Inception
from precompute.network.precision import in_dtype


@dataclass
class Pass:
    """The first pass, as far as it is."""

    accounts: dict[str, Account]
    readable: Tensor
    """`[images]`: which were read."""
    skipped: list[str] = field(default_factory=list)
    batches: int = 0
    """How many are done."""

    def state(self) -> dict[str, object]:
        """As it is kept on disk."""
        accounts = {layer: account.state() for layer, account in self.accounts.items()}
        rest = {"readable": self.readable, "skipped": self.skipped, "batches": self.batches}
        return {"accounts": accounts, **rest}

    def restore(self, state: dict[str, object]) -> None:
        """Goes on from a kept state."""
        kept = state["accounts"]
        assert isinstance(kept, dict)
        for layer, account in self.accounts.items():
            account.restore(kept[layer])
        self.readable, self.skipped = state["readable"], state["skipped"]  # type: ignore[assignment]
        self.batches = state["batches"]  # type: ignore[assignment]


def first_pass(scanner: Scanner, maxima: Maxima, labels: Labels) -> Pass:
    """Sees all images that were not seen before it was interrupted."""
    state = begun(scanner, maxima, labels)
    batches = scanner.reader.batches(range(len(scanner.dataset.items)))
    network = in_dtype(scanner.network, scanner.asked.dtype)
    scanner.watch.begin("examples", len(scanner.dataset.items))

    def look(batch: Batch) -> tuple[Read, dict[str, Seen]]:
        read = scanner.reader.read(batch)
        return read, seen_of(scanner, network, batch, read)

    for batch, (read, seen) in engine.run(look, batches[state.batches :], scanner.workers):
        take_in(state, maxima, labels, read, seen)
        scanner.watch.reach(batch[-1] + 1)
        if scanner.checkpoint.is_due:
            keep(scanner, maxima, state)
    keep(scanner, maxima, state)
    return state


def begun(scanner: Scanner, maxima: Maxima, labels: Labels) -> Pass:
    """The pass where it was interrupted, or before its first image."""
    unread = torch.zeros(len(scanner.dataset.items), dtype=torch.bool)
    state = Pass(empty_accounts(scanner, labels), unread)
    if not maxima.is_new and (kept := scanner.checkpoint.load()):
        state.restore(kept)
    return state


def empty_accounts(scanner: Scanner, labels: Labels) -> dict[str, Account]:
    """Each layer's account before its first image."""
    asked = scanner.asked
    return {
        layer: Account.empty(len(units), asked.candidates, len(labels.names))
        for layer, units in asked.units.items()
    }


@torch.no_grad()
def seen_of(scanner: Scanner, network: Inception, batch: Batch, read: Read) -> dict[str, Seen]:
    """What a batch says of each layer; nothing where none of it could be read."""
    if not read.numbers:
        return {}
    asked, device = scanner.asked, network.mean.device
    found = network(read.pictures.to(device), list(asked.units), pre_relu=True)
    every = asked.dtype == "float32"
    return {
        layer: see(
            wanted(maps[: len(read.numbers)], scanner.channels[layer]),
            Sampling(f"{layer} {batch[0]}", every),
        )
        for layer, maps in found.items()
    }


def wanted(maps: Tensor, channels: Tensor) -> Tensor:
    """The channels that are asked for; all of them without a copy."""
    if len(channels) == maps.shape[1]:
        return maps
    return maps[:, channels.to(maps.device)]


def take_in(
    state: Pass, maxima: Maxima, labels: Labels, read: Read, seen: Mapping[str, Seen]
) -> None:
    """Adds a batch to the sums."""
    numbers = torch.tensor(read.numbers, dtype=torch.int64)
    state.readable[numbers] = True
    state.skipped += read.skipped
    for layer, found in seen.items():
        state.accounts[layer].add(found, numbers, labels.of_image[numbers])
        maxima.put(layer, numbers, found.largest)
    state.batches += 1


def keep(scanner: Scanner, maxima: Maxima, state: Pass) -> None:
    """Writes down how far the pass is: the table first, on which the state relies."""
    maxima.flush()
    scanner.checkpoint.save(state.state())

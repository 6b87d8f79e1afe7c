"""The first pass: every image once, every unit's sums, extremes and candidates.

Batches are cut by the images' numbers and added up in order, so that the result depends neither on
how many are seen at a time, nor on where a pass was interrupted.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from precompute.images.decode import BATCH, batches
from precompute.scan.class_selectivity import Labels
from precompute.scan.interface import Scanner
from precompute.scan.maxima_table import Maxima
from precompute.scan.moments import Account
from precompute.scan.scan_task import Look, Looked


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
    count = len(scanner.dataset.items)
    scanner.watch.begin("examples", count)
    left = batches(scanner.dataset, range(state.batches * BATCH, count))
    for done in scanner.engine_in_use.run(Look(scanner.asked, scanner.view), left):
        for _, looked in done.results:
            take_in(state, maxima, labels, looked)
        state.skipped += [f"{failure.name}: {failure.reason}" for failure in done.failures]
        state.batches += 1
        scanner.watch.reach(done.item.numbers[-1] + 1)
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


def take_in(state: Pass, maxima: Maxima, labels: Labels, looked: Looked) -> None:
    """Adds what a batch says to the sums."""
    numbers = torch.tensor(looked.numbers, dtype=torch.int64)
    state.readable[numbers] = True
    state.skipped += looked.skipped
    for layer, found in looked.seen.items():
        state.accounts[layer].add(found, numbers, labels.of_image[numbers])
        maxima.put(layer, numbers, found.largest)


def keep(scanner: Scanner, maxima: Maxima, state: Pass) -> None:
    """Writes down how far the pass is: the table first, on which the state relies."""
    maxima.flush()
    scanner.checkpoint.save(state.state())

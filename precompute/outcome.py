"""What a run did: what a person is told in the end."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """What a run did."""

    rendered: int = 0
    scanned: int = 0
    skipped: tuple[str, ...] = ()
    """Images that could not be read, as `path: reason`."""
    stored: int = 0
    """Pictures and scanned units that were there before and were left alone."""
    other_recipe: int = 0
    """How many of the pictures left alone were made by another recipe."""

    def plus(self, other: Outcome) -> Outcome:
        """Both together."""
        return Outcome(
            self.rendered + other.rendered, self.scanned + other.scanned,
            self.skipped + other.skipped, self.stored + other.stored,
            self.other_recipe + other.other_recipe,
        )  # fmt: skip

"""The outcome of a stage, and of a run as the sum of its stages."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import MicroscopeError

# Of many failures the first few are named.
NAMED = 20


@dataclass(frozen=True)
class Outcome:
    """What was done, left alone, skipped, and what failed."""

    rendered: int = 0
    scanned: int = 0
    skipped: tuple[str, ...] = ()
    """Images that could not be read, as `path: reason`."""
    stored: int = 0
    """Pictures and scanned units that were stored before and left alone."""
    other_recipe: int = 0
    """How many of these pictures were made by another recipe."""
    failed: tuple[str, ...] = ()
    """Units that could not be rendered, as `technique layer:unit: reason`."""
    others: tuple[str, ...] = ()
    """What was done besides rendering and scanning, as `tuned 16 units`."""

    def plus(self, other: Outcome) -> Outcome:
        return Outcome(
            self.rendered + other.rendered, self.scanned + other.scanned,
            self.skipped + other.skipped, self.stored + other.stored,
            self.other_recipe + other.other_recipe, self.failed + other.failed,
            self.others + other.others,
        )  # fmt: skip

    def require_all(self) -> None:
        """Raise `UnitsFailedError` if some units failed."""
        if self.failed:
            raise UnitsFailedError(self)


class UnitsFailedError(MicroscopeError):
    """Some units failed in every attempt; all others are stored."""

    title = "Some units failed"

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        failed = outcome.failed
        named = "; ".join(failed[:NAMED])
        more = f"; and {len(failed) - NAMED:,} more" if len(failed) > NAMED else ""
        super().__init__(
            f"{len(failed):,} of the units could not be rendered, everything else is stored: "
            f"{named}{more}. The same command again tries only these."
        )

"""The summary at the end of a run, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from app.db.driver_errors import place_of
from app.db.engine import database_url
from app.text import many
from precompute.request import Request
from precompute.stages.outcome import Outcome

NAMED = 20  # images; the record of the run names all


def sentences(outcome: Outcome, request: Request) -> Iterator[str]:
    """The end of `microscope precompute`: done, left alone, skipped, and what to do next."""
    yield "; ".join(
        (
            f"Rendered {many(outcome.rendered, 'picture')}",
            f"found examples or effects of {many(outcome.scanned, 'unit')}",
            *outcome.others,
            f"{many(outcome.stored, 'was', 'were')} stored already.",
        )
    )
    if outcome.other_recipe:
        yield (
            f"{many(outcome.other_recipe, 'stored picture was', 'stored pictures were')} made by "
            "another recipe (steps, size or version); --force makes anew what is stored."
        )
    yield from skipped(outcome.skipped)
    place = place_of(database_url(request.database))  # without its password
    database = "" if request.database == "microscope.db" else f" --database {place}"
    yield f"See them with: microscope serve{database}"


def skipped(images: tuple[str, ...]) -> Iterator[str]:
    """The number of images that could not be read, and the first ones."""
    if not images:
        return
    verb = "could not be read and"
    yield f"{many(len(images), f'image {verb} was', f'images {verb} were')} skipped:"
    yield from (f"  {printable(image)}" for image in images[:NAMED])
    if len(images) > NAMED:
        yield f"  … and {len(images) - NAMED:,} more; `microscope status` counts them."


def printable(text: str) -> str:
    """A name on one line, with control characters escaped."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)

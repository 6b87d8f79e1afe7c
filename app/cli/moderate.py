"""`microscope hide`, `unhide` and `prune`: what a maintainer takes out of a database."""

from __future__ import annotations

import re
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.options import Database, option, plain
from app.config import read_settings
from app.errors import InputError
from app.text import many

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from app.db.check.repair import Removed
    from app.db.maintenance.prune import Leftovers

# As many digits tell all pictures of a database apart; fewer may be a slip.
SHORTEST = 8
LONGEST_REASON = 10_000

# A hash, or its beginning, alone or in the address of a picture.
HASH = re.compile(r"(?:\S*/img/)?([0-9a-fA-F]+)(?:\.[a-z]+)?(?:[?#]\S*)?")

Pictures = Annotated[
    list[str] | None,
    typer.Argument(
        help="SHA-256 of pictures, their first eight digits or more, or pictures' addresses.",
        metavar="SHA256",
    ),
]
Reason = Annotated[str, option("reason", "Why; it is kept beside the hash.")]
Listing = Annotated[bool, option("list", "Show what is hidden, and change nothing.", "--list")]
DryRun = Annotated[bool, option("dry_run", "Count only, and remove nothing.", "--dry-run")]
Broken = Annotated[
    bool,
    option(
        "broken",
        "Instead, remove what is broken, so that precompute makes it again.",
        "--broken",
    ),
]
Vacuum = Annotated[
    bool,
    option("vacuum", "Also give an SQLite file's free space back.", "--vacuum"),
]


def hide(
    pictures: Pictures = None,
    reason: Reason = "",
    database: Database = None,
    listing: Listing = False,
) -> None:
    """Hide pictures everywhere: on pages, in JSON, and at their own addresses."""
    from app.db.maintenance import hidden_images

    if listing:
        _list(database)
        return
    if len(reason) > LONGEST_REASON or "\0" in reason:
        raise InputError(f"The reason can be {LONGEST_REASON:,} characters long, without NUL.")
    hashes = _hashes(pictures, database)
    engine = _writable(database)
    hidden_images.hide(engine, dict.fromkeys(hashes, reason))
    _renew_and_close(engine)
    for sha256 in hashes:
        typer.echo(f"Hidden: {sha256}")


def unhide(pictures: Pictures = None, database: Database = None) -> None:
    """Show hidden pictures again."""
    from app.db.engine import open_for_reading
    from app.db.maintenance import hidden_images

    hashes = _hashes(pictures, database)
    reader = open_for_reading(read_settings(database=database).database)
    known = {view.sha256 for view in hidden_images.listed(reader)}
    reader.dispose()
    if strange := [sha256 for sha256 in hashes if sha256 not in known]:
        raise InputError(f"{strange[0]} is not hidden; `microscope hide --list` shows what is.")
    engine = _writable(database)
    hidden_images.unhide(engine, hashes)
    _renew_and_close(engine)
    for sha256 in hashes:
        typer.echo(f"Shown again: {sha256}")


def prune(
    database: Database = None,
    dry_run: DryRun = False,
    vacuum: Vacuum = False,
    broken: Broken = False,
) -> None:
    """Remove what nothing refers to: pictures, recipes, images of data sets, empty sheets."""
    if broken:
        if dry_run or vacuum:
            raise InputError(
                "--broken is used alone; `microscope check` says what it would remove."
            )
        _prune_broken(database)
        return
    from app.db.engine import open_for_reading
    from app.db.lock import VACUUM, held
    from app.db.maintenance import prune as store

    place = read_settings(database=database).database
    reader = open_for_reading(place)
    leftovers = store.leftovers(reader)
    if vacuum:
        store.require_file(reader)
    reader.dispose()
    if dry_run:
        typer.echo(f"Nothing refers to {_describe(leftovers)}. Nothing was removed.")
        return
    # Alone where it holds the file for longer than a run waits.
    with held(place, VACUUM) if vacuum else nullcontext():
        _remove_leftovers(database, vacuum)


def _remove_leftovers(database: str | None, vacuum: bool) -> None:
    from app.db.maintenance import prune as store

    engine = _writable(database)
    try:
        typer.echo(f"Removed {_describe(store.prune(engine))}.")
        if vacuum:
            store.vacuum(engine)
            typer.echo("The file's free space was given back.")
    finally:
        engine.dispose()


def _prune_broken(database: str | None) -> None:
    """Alone: a run would end without what was stored when it began."""
    from app.cli.progress import progress_bar
    from app.db.check.repair import remove_broken
    from app.db.lock import PRUNE_BROKEN, held

    engine = _writable(database)
    try:
        place = read_settings(database=database).database
        with held(place, PRUNE_BROKEN), progress_bar() as progress:
            removed = remove_broken(engine, progress)
    finally:
        engine.dispose()
    typer.echo(_describe_removed(removed))


def _describe_removed(removed: Removed) -> str:
    if not any((removed.images, removed.rendered, removed.scans, removed.rows)):
        return "Nothing is broken that could be removed."
    parts = (
        many(removed.images, "broken picture"),
        many(removed.rendered, "rendering"),
        many(removed.rows, "other row"),
    )
    again = many(removed.scans, "unit is", "units are")
    return (
        f"Removed {', '.join(parts)}; {again} to be scanned again. "
        "`microscope check` names the commands that make them again."
    )


def _renew_and_close(engine: Engine) -> None:
    """Make anew what is derived from pictures; pages show single pictures until it is."""
    from app.db.derived.refresh import refresh_all

    refresh_all(engine)
    engine.dispose()


def _writable(database: str | None) -> Engine:
    """The database for writing; one that does not exist is not made."""
    from app.db.engine import open_for_reading, open_for_writing

    place = read_settings(database=database).database
    open_for_reading(place).dispose()
    return open_for_writing(place)


def _list(database: str | None) -> None:
    from app.db.engine import open_for_reading
    from app.db.maintenance import hidden_images

    engine = open_for_reading(read_settings(database=database).database)
    found = hidden_images.listed(engine)
    engine.dispose()
    if not found:
        typer.echo("Nothing is hidden.")
    for view in found:
        stored = "" if view.is_stored else "  (not stored)"
        reason = f"  {plain(view.reason)}" if view.reason else ""
        typer.echo(f"{view.sha256}  {view.created:%Y-%m-%d}{stored}{reason}")


def _hashes(pictures: list[str] | None, database: str | None) -> list[str]:
    """The whole hashes of the pictures named, each once."""
    from app.db.engine import open_for_reading

    if not pictures:
        raise InputError("Name a picture by its SHA-256 or its address; see --help.")
    engine = open_for_reading(read_settings(database=database).database)
    try:
        return list(dict.fromkeys(_whole_hash(engine, picture) for picture in pictures))
    finally:
        engine.dispose()


def _whole_hash(engine: Engine, picture: str) -> str:
    from app.db.maintenance import hidden_images

    match = HASH.fullmatch(picture.strip())
    digits = match[1].lower() if match else ""
    if not SHORTEST <= len(digits) <= 64:
        raise InputError(
            f"{plain(picture, 100)} is no picture: give its SHA-256, at least the first {SHORTEST} "
            "hexadecimal digits, or the address of the picture."
        )
    if len(digits) == 64:
        return digits
    found = hidden_images.beginning(engine, digits)
    if not found:
        raise InputError(
            f"No stored picture's SHA-256 begins with {digits}; to hide one that is not stored, "
            "give all 64 digits."
        )
    if len(found) > 1:
        raise InputError(f"Several pictures begin with {digits}: {', '.join(found)}, …")
    return found[0]


def _describe(leftovers: Leftovers) -> str:
    parts = (
        f"{many(leftovers.images, 'picture')} ({many(leftovers.bytes, 'byte')})",
        many(leftovers.recipes, "recipe"),
        many(leftovers.dataset_images, "image of a data set", "images of data sets"),
    )
    return f"{', '.join(parts)} and {many(leftovers.sheets, 'sheet')}"

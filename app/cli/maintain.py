"""`microscope copy`, `check`, `abandon` and `backup`: a whole database moved, looked over, kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.options import Database, option, plain
from app.config import read_settings
from app.text import many

if TYPE_CHECKING:
    from app.db.check.issues import Fault
    from app.db.check.report import Report

Source = Annotated[str, option("copy_from", "The database to copy: a file or a URL.", "--from")]
Target = Annotated[
    str,
    option("copy_to", "Where to: a file that need not exist, or an empty database's URL.", "--to"),
]

BackupFile = Annotated[
    Path, option("backup_to", "The file to make; there must be none of that name.", "--to")
]
Runs = Annotated[
    list[int], typer.Argument(help="Numbers of runs, as `microscope check` tells them.")
]
AsJson = Annotated[bool, option("check_json", "Print what was found as JSON.", "--json")]
Quick = Annotated[
    bool, option("check_quick", "Leave out the pictures' bytes, which take longest.", "--quick")
]


def copy(source: Source, target: Target) -> None:
    """Copy a database to another place or engine; stopped anywhere, it goes on when run again."""
    from app.cli.progress import progress_bar
    from app.db.copy.transfer import copy_database
    from app.db.driver_errors import place_of
    from app.db.engine import database_url

    with progress_bar() as progress:
        done = copy_database(source, target, progress)
    typer.echo(
        f"{place_of(database_url(target))} is equal to its source: {many(done.rows, 'row')}, "
        f"{many(done.pictures, 'of them a picture', 'of them pictures')}, "
        f"compared by counts and hashes; {many(done.added, 'row was', 'rows were')} copied now."
    )


def backup(to: BackupFile, database: Database = None) -> None:
    """Keep what a database holds at this moment in one file, while others write to it."""
    from app.cli.progress import progress_bar
    from app.db.maintenance.backup import back_up

    place = read_settings(database=database).database
    with progress_bar() as progress:
        size = back_up(place, to, progress)
    typer.echo(f"{to} holds all of it: {size:,} bytes. It is a database like any other.")


def abandon(runs: Runs, database: Database = None) -> None:
    """Give up what runs were asked for: what is missing of it is not missed any more."""
    from app.db.engine import open_for_reading, open_for_writing
    from app.db.maintenance.abandon import abandon as give_up

    place = read_settings(database=database).database
    open_for_reading(place).dispose()  # one that does not exist is not made
    engine = open_for_writing(place)
    try:
        for run in give_up(engine, runs):
            typer.echo(f"Run {run.id} of {plain(run.model)} is given up: {plain(run.command)}")
    finally:
        engine.dispose()


def check(database: Database = None, as_json: AsJson = False, quick: Quick = False) -> None:
    """Look a database over: what is wrong with it, and the commands that mend it."""
    from app.cli.progress import progress_bar
    from app.db.check import report as store
    from app.db.engine import open_for_reading

    engine = open_for_reading(read_settings(database=database).database)
    try:
        with progress_bar() as progress:
            report = store.check(engine, progress, quick)
    finally:
        engine.dispose()
    typer.echo(_as_json(report) if as_json else "\n".join(_lines(report)))
    if report.faults:
        raise typer.Exit(1)


def _as_json(report: Report) -> str:
    return json.dumps({"is_well": not report.faults, **asdict(report)}, indent=2)


def _lines(report: Report) -> Iterator[str]:
    """A report for a person."""
    looked = (
        many(report.pictures, "picture") if report.pictures else "everything but pictures' bytes"
    )
    kinds = many(len(report.faults), "kind of fault", "kinds of fault")
    verdict = kinds if report.faults else "all is well"
    yield f"{plain(report.place)}: {looked} looked over, {verdict}."
    for model in report.running:
        yield f"A run works on {plain(model)}: what it was asked for was not looked for."
    for fault in report.faults:
        yield from _lines_of(fault)
    if any(fault.kind == "missing" for fault in report.faults):
        yield "\nWhat nobody wants any more: `microscope abandon`, with the number of its run."


def _lines_of(fault: Fault) -> Iterator[str]:
    yield f"\n{plain(fault.says, 400)} ({fault.kind}, {fault.count:,}):"
    for place in fault.places:
        yield f"  {plain(place)}"
    if fault.count > len(fault.places) > 0:
        yield f"  and {fault.count - len(fault.places):,} more"
    for command in fault.mend:
        yield f"  → {plain(command, 10_000)}"

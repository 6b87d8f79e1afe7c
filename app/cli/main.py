"""The `microscope` command.

Other packages add commands through the entry points `microscope.commands`, each a function
`register(app)`. A failure is one sentence on stderr.
"""

from __future__ import annotations

import logging
import os
import sys
from datetime import UTC, datetime
from importlib.metadata import entry_points
from typing import Annotated

import typer

from app import __version__
from app.cli import export, labels, maintain, moderate
from app.cli.options import (
    Database,
    Host,
    Log,
    LogLevel,
    Metrics,
    Port,
    RootPath,
    Workers,
    option,
)
from app.config import PREFIX, read_settings
from app.errors import MicroscopeError

log = logging.getLogger(__name__)

UNWELL = 3  # exit code of `status` when the last run died or failed
INTERRUPTED = 130  # 128 plus the number of SIGINT, as in shells

# Rich tracebacks show every local variable: too much for a log, and sometimes a password.
app = typer.Typer(
    name="microscope",
    help="An explorer of InceptionV1: what excites every channel, in pictures and photographs.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
]


@app.callback()
def microscope(version: Version = False) -> None:
    """An explorer of InceptionV1: what excites every channel, in pictures and photographs."""


@app.command()
def serve(
    database: Database = None,
    host: Host = None,
    port: Port = None,
    root_path: RootPath = None,
    workers: Workers = None,
    log: Log = None,
    log_level: LogLevel = None,
    metrics: Metrics = None,
) -> None:
    """Serve the pages of a database."""
    from app.db.driver_errors import place_of
    from app.db.engine import database_url
    from app.web.server import Server  # other commands start without a web framework
    from app.web.telemetry.logs import configure_logging

    settings = read_settings(
        database=database,
        host=host,
        port=port,
        root_path=root_path,
        workers=workers,
        log=log,
        log_level=log_level,
        metrics=metrics,
    )
    server = Server(settings)
    configure_logging(settings.log, settings.log_level)
    place = place_of(database_url(settings.database))  # without its password
    typer.echo(f"Serving {place} on {server.address} (Ctrl-C stops)")
    server.run()


@app.command()
def status(
    database: Database = None,
    as_json: Annotated[bool, option("status_json", "As JSON, for programs.", "--json")] = False,
) -> None:
    """Show what is stored, and what runs; ends with 3 where the last run died or failed."""
    from rich.console import Console

    from app.cli import status as report
    from app.db.engine import open_for_reading

    engine = open_for_reading(read_settings(database=database).database)
    state, now = report.gather(engine), datetime.now(UTC)
    engine.dispose()
    if as_json:
        typer.echo(report.status_json(state, now))
    else:
        report.show(Console(), state)
    if not state.is_well(now):
        raise typer.Exit(UNWELL)


@app.command()
def migrate(database: Database = None) -> None:
    """Make a database, or bring it to this version's schema."""
    from app.db.driver_errors import place_of
    from app.db.upgrade import renewed

    engine = renewed(read_settings(database=database).database)
    typer.echo(f"The database {place_of(engine.url)} is ready.")
    engine.dispose()


@app.command()
def refresh(database: Database = None) -> None:
    """Rebuild what lists show, where it is missing or out of date."""
    from app.db.derived.refresh import refresh_all
    from app.db.upgrade import renewed

    engine = renewed(read_settings(database=database).database)
    try:
        for model, made in refresh_all(engine).items():
            typer.echo(f"{model}: {made:,} rebuilt." if made else f"{model}: up to date.")
    finally:
        engine.dispose()


app.add_typer(labels.labels, name="labels")
app.command()(moderate.hide)
app.command()(moderate.unhide)
app.command()(moderate.prune)
app.command()(maintain.copy)
app.command()(maintain.check)
app.command()(maintain.abandon)
app.command()(maintain.backup)
app.command()(export.export)


def join_commands(target: typer.Typer) -> None:
    """Add the commands of other packages; one that cannot be imported is left out.

    Their modules import heavy packages (torch) only inside their commands.
    """
    for point in entry_points(group="microscope.commands"):
        try:
            point.load()(target)
        except Exception as error:
            log.warning("The commands of %s are not available: %s", point.name, error)


def main() -> None:
    """Run the command line, and end with its exit code: 0, 1, 2, or 130 when interrupted."""
    join_commands(app)
    sys.exit(run(app))


def run(target: typer.Typer, arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code; failures are printed as one sentence."""
    try:
        code = target(arguments, standalone_mode=False)
    except MicroscopeError as error:
        return _print_error(error.message, error.exit_code)
    except typer.TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # the help is all there is to say
            typer.echo(error.format_message(), err=True)
            return error.exit_code
        return _print_error(_usage(error), error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except Exception as error:
        # A bug: one line for the user, the traceback on request.
        log.debug("Unexpected error", exc_info=True)
        if os.environ.get(f"{PREFIX}TRACEBACK"):
            raise
        return _print_error(f"{_bug(error)} {PREFIX}TRACEBACK=1 shows where it arose.", 1)
    return code if isinstance(code, int) else 0


def _usage(error: typer.TyperException) -> str:
    """What is wrong with the command line, and where its options are explained."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "microscope"
    message = error.format_message()
    end = "" if message.endswith((".", "?")) else "."
    return f"{message}{end} See `{command} --help`."


def _bug(error: Exception) -> str:
    text = (str(error).splitlines() or [""])[0]
    return f"something unforeseen went wrong ({type(error).__name__}: {text[:200]})."


def _print_error(message: str, code: int) -> int:
    typer.echo(f"Error: {' '.join(message.split())}", err=True)
    return code

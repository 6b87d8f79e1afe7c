"""`microscope labels`: what maintainers call units, imported from a file, listed and exported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.options import Database, option, plain
from app.config import read_settings
from app.errors import InputError
from app.text import many

if TYPE_CHECKING:
    from app.db.views import LabelView

# A file with more mistakes has one that repeats.
MOST = 50

labels = typer.Typer(
    help="What you call units: import a file of labels, list them, export them.",
    no_args_is_help=True,
)

File = Annotated[Path, typer.Argument(help="A file as docs/labels.md describes it.")]
ModelName = Annotated[str | None, typer.Argument(help="A model's slug; all models without it.")]
DryRun = Annotated[bool, option("dry_run", "Check the file, and store nothing.", "--dry-run")]


@labels.command("import")
def import_(file: File, database: Database = None, dry_run: DryRun = False) -> None:
    """Store a file's labels, in place of all that the models it names had."""
    from app.cli import labels_file
    from app.db.engine import open_for_reading, open_for_writing
    from app.db.search import find_units
    from app.db.writer.labels import replace_labels

    place = read_settings(database=database).database
    text = _content(file)
    reader = open_for_reading(place)  # a labels file never makes a database
    found = labels_file.read(text, find_units.places(reader))
    reader.dispose()
    _refuse(file, found.problems)
    if dry_run:
        for model, records in found.labels.items():
            typer.echo(f"{model}: {many(len(records), 'label')}, all well. Nothing was stored.")
        return
    engine = open_for_writing(place)
    before = replace_labels(engine, found.labels)
    engine.dispose()
    for model, records in found.labels.items():
        typer.echo(f"{model}: {many(len(records), 'label')} stored, in place of {before[model]:,}.")


def _content(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{file} is not UTF-8 text: save it as UTF-8.") from None
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from None


def _refuse(file: Path, problems: list[str]) -> None:
    """Every problem on a line of its own, then the failure itself."""
    if not problems:
        return
    for problem in problems[:MOST]:
        typer.echo(plain(problem, 500), err=True)
    if len(problems) > MOST:
        typer.echo(f"and {len(problems) - MOST:,} more", err=True)
    number = many(len(problems), "problem")
    raise InputError(f"{file} has {number}; nothing was stored. docs/labels.md tells the format.")


@labels.command("list")
def list_(model: ModelName = None, database: Database = None) -> None:
    """Show the labels, a line for each."""
    from app.cli.labels_file import units_of

    for slug, layer, view in _stored(model, database):
        units = units_of(layer, view)
        family = f" ({plain(view.family, 80)})" if view.family else ""
        typer.echo(f"{slug}  {units}  {plain(view.label)}{family}")


@labels.command()
def export(model: ModelName = None, database: Database = None) -> None:
    """Print the labels as a file that can be imported."""
    from app.cli import labels_file

    typer.echo(labels_file.write(_stored(model, database)), nl=False)


def _stored(model: str | None, database: str | None) -> list[tuple[str, str, LabelView]]:
    """The labels of a model, or of all, each with its model and its layer."""
    from app.db.engine import open_for_reading
    from app.db.queries import catalog, lookup

    engine = open_for_reading(read_settings(database=database).database)
    slugs = (
        [catalog.model(engine, model).slug] if model else [m.slug for m in catalog.models(engine)]
    )
    found = [
        (slug, layer, view) for slug in slugs for layer, view in lookup.model_labels(engine, slug)
    ]
    engine.dispose()
    return found

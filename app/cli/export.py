"""`microscope export`: the explorer as files that need no server, or its tables as Parquet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.options import Database, option
from app.config import read_settings
from app.errors import InputError
from app.text import many

if TYPE_CHECKING:
    from app.export.folder import ExportProgress, Folder

FORMATS = ("site", "parquet")
VIEWS = ("default", "all")


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """The options of the command."""

    database: str
    out: Path
    model: str = ""
    layers: str = ""
    format: str = "site"
    views: str = "default"
    site: str = ""
    images: bool = False


def export(
    out: Annotated[Path, option("export_out", "The folder of the copy; made, or renewed.")],
    database: Database = None,
    model: Annotated[
        str, option("export_model", "Only these models, by slug, commas between.")
    ] = "",
    layers: Annotated[str, option("export_layers", "Only these layers, commas between.")] = "",
    format: Annotated[
        str, option("export_format", "site: pages as files; parquet: tables.")
    ] = "site",
    views: Annotated[
        str,
        option("export_views", "default: a unit's page as it is at first; all: each choice too."),
    ] = "default",
    site: Annotated[
        str, option("export_site", "Where the copy will be published, for citations and previews.")
    ] = "",
    images: Annotated[
        bool, option("export_images", "With parquet: the pictures too, as files.")
    ] = False,
) -> None:
    """Copy the explorer into files that need no server, or its tables into Parquet."""
    from app.cli.progress import progress_bar

    name = read_settings(database=database).database
    options = ExportOptions(name, out, model, layers, format, views, site, images)
    with progress_bar() as progress:
        folder = run_export(options, progress)
    typer.echo(_summary(folder))


def run_export(options: ExportOptions, progress: ExportProgress) -> Folder:
    """Raises `InputError` for options that cannot be combined, before anything is written."""
    from app.export.site.build import SiteOrder, export_site
    from app.export.tables.parquet import TablesOrder, export_tables

    _check(options)
    models, layers = _names(options.model), _names(options.layers)
    if options.format == "parquet":
        tables = TablesOrder(options.database, options.out, models, layers, options.images)
        return export_tables(tables, progress)
    has_all_views, site = options.views == "all", options.site.rstrip("/")
    order = SiteOrder(options.database, options.out, models, layers, has_all_views, site)
    return export_site(order, progress)


def _summary(folder: Folder) -> str:
    size = sum(entry.bytes for entry in folder.new.values()) / 1e6
    written, removed = len(folder.changed), len(folder.old.keys() - folder.new.keys())
    return (
        f"{folder.root}: {many(len(folder.new), 'file')}, {size:,.1f} MB; "
        f"{written:,} written, {removed:,} removed."
    )


def _check(options: ExportOptions) -> None:
    choices = (("format", options.format, FORMATS), ("views", options.views, VIEWS))
    for name, value, known in choices:
        if value not in known:
            raise InputError(f"--{name} cannot be {value!r}: it is {' or '.join(known)}.")
    if options.site and not re.fullmatch(r"https?://[^/?#\s]+(/[^?#\s]*)?", options.site):
        raise InputError(
            f"--site cannot be {options.site!r}: it is the address at which the copy will be "
            "published, such as https://example.org/microscope."
        )
    other = {"site": ("--images", options.images), "parquet": ("--site", options.site)}
    name, given = other[options.format]
    if given:
        raise InputError(f"{name} means nothing with --format {options.format}.")


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split(",") if name.strip())

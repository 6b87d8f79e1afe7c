"""`microscope export`: what was asked for, checked, done, and told in a few lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from app.cli.progress import progress_bar
from app.errors import InputError
from app.export.folder import Folder
from app.export.site.build import SiteOrder, export_site
from app.export.tables.parquet import TablesOrder, export_tables
from app.text import many

FORMATS = ("site", "parquet")
VIEWS = ("default", "all")


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """The options as they were given."""

    database: str
    out: Path
    model: str = ""
    layers: str = ""
    format: str = "site"
    views: str = "default"
    site: str = ""
    images: bool = False


def export(wish: ExportOptions, console: Console) -> Folder:
    """Do what was asked; raises `InputError` before anything is written where it cannot be."""
    _check(wish)
    models, layers = _names(wish.model), _names(wish.layers)
    with progress_bar(console) as progress:
        if wish.format == "parquet":
            order = TablesOrder(wish.database, wish.out, models, layers, wish.images)
            return export_tables(order, progress)
        has_all = wish.views == "all"
        site = wish.site.rstrip("/")
        return export_site(
            SiteOrder(wish.database, wish.out, models, layers, has_all, site), progress
        )


def summary(folder: Folder) -> str:
    """What an export did, in a sentence."""
    size = sum(entry.bytes for entry in folder.new.values()) / 1e6
    written, removed = len(folder.changed), len(folder.old.keys() - folder.new.keys())
    return (
        f"{folder.root}: {many(len(folder.new), 'file')}, {size:,.1f} MB; "
        f"{written:,} written, {removed:,} removed."
    )


def _check(wish: ExportOptions) -> None:
    for name, value, known in (("format", wish.format, FORMATS), ("views", wish.views, VIEWS)):
        if value not in known:
            raise InputError(f"--{name} cannot be {value!r}: it is {' or '.join(known)}.")
    if wish.site and not re.fullmatch(r"https?://[^/?#\s]+(/[^?#\s]*)?", wish.site):
        raise InputError(
            f"--site cannot be {wish.site!r}: it is the address at which the copy will be "
            "published, such as https://example.org/microscope."
        )
    other = {"site": ("--images", wish.images), "parquet": ("--site", wish.site)}
    option, given = other[wish.format]
    if given:
        raise InputError(f"{option} means nothing with --format {wish.format}.")


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split(",") if name.strip())

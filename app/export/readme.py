"""The README.md of an export: what it is, and how it is served or read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.export.tables.schema import columns_table

SITE = """\
# Inception Microscope: a static copy

A copy of the explorer of {models}{layers}: pages, pictures and data as plain files.

## Serving it

Any file server can, under any path: every link in it is relative.

    python3 -m http.server --directory . 8000

Then open http://localhost:8000/. `index.html` can also be opened from the disk; keys then do not
lead to neighbors, since browsers load no modules from it.

## What it cannot do

- Search and the random unit need JavaScript. Search knows addresses, classes and labels.
  Statistics, excluded words and comparisons need the server.
- Of the choices of a list, each is kept alone: sorted, or by technique, but not both at once.
- The JSON API does not answer. Each page's data stands beside it, `mixed4c.json` beside
  `mixed4c/index.html`; its addresses are relative to that file, or null where the copy has none.
- Private data sets and hidden pictures are not in it.

## Checking it

    sha256sum --check --quiet SHA256SUMS

`manifest.json` says what was copied, when, and with which program.
"""

TABLES = """\
# Inception Microscope: tables

What the explorer knows of {models}{layers}, as Parquet files (compressed with zstd). Rows are
joined by `model`, `layer` and `unit`, pictures by their SHA-256, recipes by theirs. {pictures}
Private data sets and hidden pictures are left out.

{columns}
## Checking it

    sha256sum --check --quiet SHA256SUMS
"""
WITH = "The pictures are in `images/`, each named by its hash."
WITHOUT = "The pictures themselves are not here."


def site_readme(models: Sequence[str], layers: Sequence[str]) -> str:
    """Of a copy of the pages."""
    return SITE.format(models=_named(models), layers=_of(layers))


def tables_readme(models: Sequence[str], layers: Sequence[str], has_images: bool) -> str:
    """Of the tables."""
    return TABLES.format(
        models=_named(models),
        layers=_of(layers),
        pictures=WITH if has_images else WITHOUT,
        columns=columns_table(),
    )


def _named(models: Sequence[str]) -> str:
    """Titles as plain text: they are other people's, and this is Markdown."""
    return ", ".join(re.sub(r"[^\w .,:()-]+", " ", name).strip() for name in models) or "no model"


def _of(layers: Sequence[str]) -> str:
    return f" (only {', '.join(layers)})" if layers else ""

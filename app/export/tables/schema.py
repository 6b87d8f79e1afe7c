"""The tables of a Parquet export in words: for its README and for docs/export.md."""

from __future__ import annotations

from app.db.bulk.tables import ExportTable, tables

TYPES = {
    "text": "string",
    "integer": "int64",
    "number": "double",
    "truth": "bool",
    "moment": "timestamp (UTC)",
    "texts": "list of string",
    "integers": "list of int64",
    "numbers": "list of double",
}


def columns_table() -> str:
    """All tables and columns in Markdown."""
    return "\n".join(map(_section, tables()))


def _section(table: ExportTable) -> str:
    lines = [f"### {table.name}.parquet", "", table.help, ""]
    lines += ["| column | type | meaning |", "|---|---|---|"]
    lines += [f"| `{each.name}` | {TYPES[each.type]} | {each.help} |" for each in table.columns]
    return "\n".join(lines) + "\n"

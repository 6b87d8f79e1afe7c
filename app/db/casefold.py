"""Names compared as people type them: without regard to case, accents and other marks.

SQLite calls `fold` itself, row by row; PostgreSQL has functions that do the same. Used by `search`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

# Combining Diacritical Marks: what a letter's canonical decomposition leaves behind it.
MARKS = re.compile("[\u0300-\u036f]")


def fold(text: str | None) -> str | None:
    """The text in small letters without marks; most names are ASCII, which has none."""
    if text is None or text.isascii():
        return text.lower() if text else text
    return MARKS.sub("", unicodedata.normalize("NFD", text)).lower()


class folded(FunctionElement[str]):  # noqa: N801, SQL functions are written small
    """`fold`, as an expression over a column."""

    type = String()
    inherit_cache = True
    name = "folded"


@compiles(folded)
def _as_function(element: folded, compiler: SQLCompiler, **options: Any) -> str:
    return f"folded({compiler.process(element.clauses, **options)})"


@compiles(folded, "postgresql")
def _as_postgresql(element: folded, compiler: SQLCompiler, **options: Any) -> str:
    inner = compiler.process(element.clauses, **options)
    return f"lower(regexp_replace(normalize({inner}, NFD), '[\u0300-\u036f]', '', 'g'))"

"""How to cite a page, as BibTeX."""

from __future__ import annotations

import re

ESCAPED = {letter: f"\\{letter}" for letter in "&%$#_{}"} | {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def bibtex(key: str, title: str, address: str, year: int, note: str) -> str:
    """An entry for what stands at an address; title and note are escaped."""
    fields = {
        "title": f"{{{escaped(title)}}}",
        "howpublished": rf"\url{{{address}}}",
        "year": str(year),
        "note": escaped(note),
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"@misc{{{_key(key)},\n{lines}}}"


def escaped(text: str) -> str:
    """A text as TeX sets it; line breaks become spaces."""
    return "".join(ESCAPED.get(letter, letter) for letter in " ".join(text.split()))


def _key(text: str) -> str:
    return re.sub(r"[^a-z0-9-]+", "-", text.lower()).strip("-")

"""What a reader takes along from a unit's page: its address, a frame for another page, a citation.

Pure functions; addresses are absolute.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from html import escape

from app import __version__

# Wide enough for the picture and three examples in a row.
FRAME = 'width="480" height="720"'

# What BibTeX or TeX would take for something else.
SPECIAL = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    **{letter: f"\\{letter}" for letter in "{}$&%#_"},
}


@dataclass(frozen=True, slots=True)
class SharePanel:
    """Three texts to copy."""

    link: str
    frame: str
    citation: str


@dataclass(frozen=True, slots=True)
class Cited:
    """What a citation names."""

    name: str
    """The unit with its layer: mixed4c:447."""
    title: str
    """The same in words, with its model."""
    model: str
    weights: str
    """SHA-256 of the file."""
    link: str


def share(cited: Cited, framed: str, today: date) -> SharePanel:
    """The texts; `framed` is the address that a frame shows."""
    return SharePanel(cited.link, frame(framed, cited.title), citation(cited, today))


def frame(address: str, title: str) -> str:
    """The HTML that shows a part of the page on another."""
    source, name = escape(address), escape(title)
    return f'<iframe src="{source}" title="{name}" {FRAME} loading="lazy"></iframe>'


def citation(cited: Cited, today: date) -> str:
    """A BibTeX entry; the hash says which weights it is about, whatever becomes of the address."""
    fields = {
        "title": f"{{{_tex(cited.title)}}}",
        "howpublished": f"Inception Microscope {_tex(__version__)}",
        "year": str(today.year),
        "url": _address(cited.link),
        "urldate": today.isoformat(),
        "note": f"Unit {_tex(cited.name)} of {_tex(cited.model)}, "
        f"weights with SHA-256 {_tex(cited.weights)}; accessed {today.isoformat()}",
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items()]
    key = re.sub(r"[^A-Za-z0-9]+", "-", f"microscope-{cited.weights[:8]}-{cited.name}").strip("-")
    return "\n".join([f"@misc{{{key},", *lines, "}"])


def _tex(text: str) -> str:
    return "".join(SPECIAL.get(letter, letter) for letter in " ".join(text.split()))


def _address(link: str) -> str:
    """An address inside `url = {…}`: braces would end it."""
    return link.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")

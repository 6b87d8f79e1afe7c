"""What the address of a unit's page chooses, and the links made from it.

The choices are how things are drawn, the units of a running comparison, and which panels a frame
on another site shows. The links share, cite and compare the unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from app import __version__
from app.db.views.evidence import NeighbourView, UnitDetail
from app.web.pages.formatting import COUNTS, SHOW, chosen, unit_name, unless_first
from app.web.panels import EMBEDDED
from app.web.urls import UnitName, Urls, unit_parts, unit_spec

# As many as stand side by side.
MOST = 4


@dataclass(frozen=True, slots=True)
class ViewState:
    """What is shown: one of `SHOW`, one of `COUNTS`, and beside which units."""

    show: str
    counts: str
    beside: tuple[UnitName, ...] = ()
    """The units of a running comparison, to which this one may be added."""
    panels: tuple[str, ...] | None = None
    """Those that a frame shows; None on the page itself."""

    @property
    def is_embedded(self) -> bool:
        return self.panels is not None

    def state(self, **changed: str) -> dict[str, str]:
        """What an address says of it, for `Urls.unit`; defaults are empty."""
        found = {
            "show": unless_first(self.show, SHOW),
            "counts": unless_first(self.counts, COUNTS),
            "beside": written(self.beside),
        }
        return found | changed


def view(show: str, counts: str, beside: str, embed: str, panels: str) -> ViewState:
    """What an address asks for; what does not exist is the default."""
    framed = tuple(filter(None, panels.split(","))) or EMBEDDED
    is_embedded = embed not in ("", "0")
    return ViewState(
        chosen(show, SHOW), chosen(counts, COUNTS), read(beside), framed if is_embedded else None
    )


def shown(view: ViewState, there: Sequence[str]) -> tuple[str, ...]:
    """Which of the panels that are there are shown: all, or those of the frame."""
    if view.panels is None:
        return tuple(there)
    wanted = tuple(name for name in there if name in view.panels)
    return wanted or tuple(name for name in there if name in EMBEDDED)


def written(units: Iterable[UnitName]) -> str:
    """Units as one value of an address; a comma in a name is quoted."""
    return ",".join(map(unit_spec, units))


def read(text: str) -> tuple[UnitName, ...]:
    """The units in such a value; what is none is left out, and so are more than can stand."""
    parts = (unit_parts(spec) for spec in text.split(","))
    found = [(p[0], p[1], int(p[2])) for p in parts if p and p[0] and _is_index(p[2])]
    return tuple(dict.fromkeys(found))[:MOST]


def _is_index(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


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


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison that may be looked at."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Comparisons:
    """What a unit can be compared with."""

    running: Comparison | None
    """The one that goes on, with this unit added to it."""
    similar: tuple[Comparison, ...]
    """Each similar unit, the most first; where there are several, the first few together."""
    begun: str
    """The path of a comparison of this unit alone, to which others are added there."""


def comparisons(
    urls: Urls, here: UnitName, unit: UnitDetail, beside: tuple[UnitName, ...]
) -> Comparisons:
    """The comparisons that a unit's page leads to."""
    near = _similar(here, unit)
    found = [Comparison(unit_name(*other[1:]), urls.compare([here, other])) for other in near]
    if len(near) >= MOST - 1:
        together = f"the {MOST - 1} most similar together"
        found.append(Comparison(together, urls.compare([here, *near[: MOST - 1]])))
    return Comparisons(_running(urls, here, beside), tuple(found), urls.compare([here]))


def _similar(here: UnitName, unit: UnitDetail) -> list[UnitName]:
    """Of the first data set, the most similar first, of whatever layer."""
    first = [each for each in unit.neighbours if each.dataset == unit.neighbours[0].dataset]
    ordered = sorted(first, key=_most_similar)
    return [(here[0], each.layer, each.index) for each in ordered[:8]]


def _most_similar(each: NeighbourView) -> float:
    return -each.correlation


def _running(urls: Urls, here: UnitName, beside: tuple[UnitName, ...]) -> Comparison | None:
    others = [unit for unit in beside if unit != here]
    if not others:
        return None
    kept = others[: MOST - 1]
    names = ", ".join(unit_name(*unit[1:]) for unit in kept)
    return Comparison(names, urls.compare([*kept, here]))

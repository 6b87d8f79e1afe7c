"""What a reader has chosen on a unit's page, as it stands in the address, and back.

Besides how things are drawn: the units of a running comparison, and for a frame on another site
which panels it shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.web.pages.choices import COUNTS, SHOW, chosen, unless_first
from app.web.panels import EMBEDDED
from app.web.urls import UnitName, unit_parts, unit_spec

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

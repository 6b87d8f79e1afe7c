"""Numbers, dates and techniques in words, the same on every page."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.db.views.evidence import StatisticsView, UnitDetail
from app.statistics import STATISTICS
from app.text import many
from app.unit_names import LOGITS

PRIVATE = (
    "The pictures of this data set are private and are not stored here: of each image only its "
    "label, the place, and how strongly it excites the unit are known."
)

KINDS = {"top": "Top examples", "minimum": "Minimum examples"}


def number(value: float) -> str:
    """Three significant digits, as long as that needs no exponent: 1,234 · 12.3 · 0.0123."""
    size, sign = abs(value), "−" if value < 0 else ""
    if size >= 100:
        return f"{sign}{size:,.0f}"
    if size >= 10:
        return f"{sign}{size:.1f}"
    if size >= 1:
        return f"{sign}{size:.2f}"
    return f"{sign}{size:.3g}"


def percent(share: float) -> str:
    """A share, 0..1, in per cent: 12.3 %; a thin space would break in some fonts."""
    return f"{number(100 * share)}\u00a0%" if 0 < share < 1 else f"{100 * share:.0f}\u00a0%"


def axis(value: float) -> str:
    """A round number at an axis: 0 · 0.5 · −20 · 10,000."""
    sign = "−" if value < 0 else ""
    return f"{sign}{abs(value):,.10g}"


def signed(value: float) -> str:
    """A number with its sign: +0.82 · −3.10."""
    return f"+{number(value)}" if value > 0 else number(value)


def correlation(value: float) -> str:
    """A number between −1 and 1 with its sign: +0.80 · −0.05."""
    return f"{value:+.2f}".replace("-", "−")


def short(value: float) -> str:
    """A count where there is little room: 500 · 20k · 3M · 2G."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def count(value: int) -> str:
    """With thousands apart: 5,808."""
    return f"{value:,}"


def lasting(seconds: float) -> str:
    """How long something took, as people say it: 35 seconds · 1 minute · 2 hours 5 minutes."""
    minutes = round(seconds / 60)
    if seconds < 59.5:
        return many(round(seconds), "second")
    if minutes < 60:
        return many(minutes, "minute")
    rest = f" {many(minutes % 60, 'minute')}" if minutes % 60 else ""
    return many(minutes // 60, "hour") + rest


def options(command: str) -> list[str]:
    """A command cut before its options: that is where a line of it may end."""
    return re.split(r" (?=--[a-z])", command)


def day(moment: datetime) -> str:
    """As people write it: 7 March 2026."""
    return f"{moment.day} {moment:%B %Y}"


def moment(when: datetime) -> str:
    """As `<time datetime>` has it, which knows no millionths of a second."""
    return when.isoformat(timespec="seconds")


def kind(name: str) -> str:
    """The heading of a kind of examples."""
    return KINDS.get(name, f"{name.capitalize()} examples")


def branch(name: str) -> str:
    """The name of a branch as it is written: 3×3."""
    return re.sub(r"(?<=\d)x(?=\d)", "×", name)


def picture_of(layer: str, unit: int, *what: str) -> str:
    """The alternative text of a rendered picture; `what` tells it from the unit's others."""
    return f"unit {unit} of {layer}: {_listed('feature visualization', *what)}"


def layer_picture_of(layer: str, *what: str) -> str:
    """The alternative text of a picture of a whole layer."""
    return f"layer {layer}: {_listed(*what)}"


def _listed(*what: str) -> str:
    return ", ".join(filter(None, what))


def clipped(name: str, most: int = 100) -> str:
    """A name that came from outside, where it must not be long."""
    return name if len(name) <= most else f"{name[:most].rstrip()}…"


def unit_name(layer: str, unit: int) -> str:
    """The short name that papers use: mixed4c:447."""
    return f"{layer}:{unit}"


FILTERS: dict[str, Callable[..., Any]] = {
    "number": number,
    "percent": percent,
    "axis": axis,
    "signed": signed,
    "short": short,
    "correlation": correlation,
    "count": count,
    "lasting": lasting,
    "options": options,
    "day": day,
    "moment": moment,
    "branch": branch,
    "kind": kind,
}

# Shares of positions: above the first a unit is on nearly everywhere, above the second often.
OFTEN, SOMETIMES = 0.5, 0.1


@dataclass(frozen=True, slots=True)
class UnitDescription:
    """A sentence; where it ends with a class, the class's name is `label`."""

    text: str
    label: str | None = None

    @property
    def plain(self) -> str:
        """The whole sentence as text."""
        return f"{self.text} {clipped(self.label)}." if self.label else f"{self.text}."


def nature(layer: str, unit: UnitDetail) -> UnitDescription | None:
    """What the first data set with statistics says of the unit; None where none says anything."""
    if not unit.statistics:
        return None
    told = unit.statistics[0]
    if layer == LOGITS:
        return _of_class(told)
    found = _activity(told)
    label = told.class_means[0].label if told.class_means else None
    if label is None or told.summary.is_dead:
        return UnitDescription(found)
    return UnitDescription(f"{found}, and on average most in those labelled", label)


def _of_class(told: StatisticsView) -> UnitDescription | None:
    if not told.class_means:
        return None
    among = (
        f"Among {count(told.images)} images its logit is highest, on average, for those labelled"
    )
    return UnitDescription(among, told.class_means[0].label)


def _activity(told: StatisticsView) -> str:
    density, images = told.summary.density, count(told.images)
    if told.summary.is_dead:
        return f"Never active: above 0 in none of {images} images"
    how = "Rarely active" if told.summary.is_rare else _how_often(density)
    share = percent(told.summary.image_density)
    return f"{how}: above 0 at {percent(density)} of positions, in {share} of {images} images"


def _how_often(density: float) -> str:
    if density > OFTEN:
        return "Active nearly everywhere"
    return "Often active" if density > SOMETIMES else "Active in few places"


# The first of each is the default, which addresses leave out.
SHOW = {"crop": "What the unit sees", "whole": "Whole image", "heat": "Heat map"}
HINTS = {
    "crop": "Each image is cut to what the cell with the highest or lowest value sees; the rest is "
    "faded, and a very small field is framed.",
    "whole": "The ring marks the cell with the highest or lowest value.",
    "heat": "The unit's map lies over each image: lighter is stronger, blue is below 0.",
}
COUNTS = {"linear": "Linear", "log": "Logarithmic"}
SORT = {
    "index": "Index",
    **{name: each.words for name, each in STATISTICS.items()},
    "similarity": "Similarity",
}
ORDER = {"desc": "Highest first", "asc": "Lowest first"}
SIZE = {"m": "Medium", "s": "Small", "l": "Large"}
DEAD = {"show": "Show dead units", "hide": "Hide dead units"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several links, of which one is where the reader is."""

    name: str
    path: str
    is_current: bool


def chosen(value: str, options: Mapping[str, str]) -> str:
    """The option that an address names, or the first."""
    return value if value in options else next(iter(options))


def unless_first(value: str, options: Mapping[str, str]) -> str:
    """An option as it stands in an address: empty for the first, which is the default."""
    return "" if value == next(iter(options)) else value


def choices(
    options: Mapping[str, str], current: str, path: Callable[[str], str]
) -> tuple[Choice, ...]:
    """A link for each option; `path` makes the address of one, empty where there is none."""
    return tuple(
        Choice(name, address, value == current)
        for value, name in options.items()
        if (address := path(unless_first(value, options)))
    )

"""The words of a tour: why each of its units is remarkable, in one sentence with its number.

Pure functions from the store's views. A name that somebody else chose stands apart in a sentence,
so that a page can set it apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.db.views.overview import HighlightView
from app.web.pages.formatting import correlation, number, percent, signed


@dataclass(frozen=True, slots=True)
class TourReason:
    """A kind of remarkable unit in words; `{value}` and `{name}` stand for what a unit has."""

    heading: str
    sentence: str
    written: Callable[[float], str] = number
    """How the number is written."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence about a name; without one it is all `before`."""

    before: str
    name: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class TourStop:
    """A stop of a tour, told."""

    view: HighlightView
    heading: str
    sentence: Sentence


def _whole(value: float) -> str:
    return f"{value:.0f}"


WHY = {
    "detail": TourReason(
        "The smallest detail",
        "A cell of its map sees only {value} × {value} pixels of the image at a time.",
        _whole,
    ),
    "busy": TourReason(
        "Hardly ever silent",
        "It is above 0 at {value} of all positions in all images: few units are so often.",
        percent,
    ),
    "selective": TourReason(
        "Hard to please",
        "Only {value} of the images bring it above 0 anywhere: few units are so choosy.",
        percent,
    ),
    "class": TourReason(
        "Almost a class of its own",
        "{value} of the images that excite it most are of one class, {name}.",
        percent,
    ),
    "supports": TourReason(
        "An argument for",
        "Where the network takes an image for {name}, it adds {value} to that answer on average: "
        "few units argue as much for any class.",
        signed,
    ),
    "opposes": TourReason(
        "An argument against",
        "To the answer {name} it adds {value} on average: few units argue as much against a class.",
        signed,
    ),
    "twin": TourReason(
        "A twin in another layer",
        "It goes up and down with {name} from image to image: their correlation is {value}.",
        correlation,
    ),
    "dark": TourReason(
        "More dark than light",
        "Its lowest value lies {value} times as far below 0 as its highest lies above: what "
        "suppresses it does so more strongly than anything excites it.",
    ),
    "answer": TourReason(
        "A sure answer",
        "On one of the images the score for {name} reaches {value}: few classes are ever "
        "answered so surely.",
    ),
    "dead": TourReason(
        "A dead unit",
        "It is above 0 at no position of any image, so that nothing after it ever hears of it. "
        "Such units are called dead.",
    ),
    "beyond": TourReason(
        "Beyond any image",
        "The picture made for it excites it {value} times as much as the strongest of the images.",
    ),
    "many": TourReason(
        "Many sides",
        "No class makes up more than {value} of the images that excite it most.",
        percent,
    ),
    "strong": TourReason(
        "Strong for its layer",
        "Its strongest image brings it to {value} times what is usual in its layer.",
    ),
    "lonely": TourReason(
        "Like no other",
        "Even the unit most like it goes its own way: their correlation is only {value}.",
        correlation,
    ),
    "peaked": TourReason(
        "Quiet, then loud",
        "Its values lie close together, and a few far above them: their skew is {value}.",
        signed,
    ),
    "sparse": TourReason(
        "Rarely there",
        "It is above 0 at only {value} of all positions in all images.",
        percent,
    ),
    "leaning": TourReason(
        "Loud where nobody hears",
        "Its extremes lie below 0, where the ReLU cuts them off: the skew of its values is "
        "{value}.",
        signed,
    ),
}


def stops(views: Iterable[HighlightView]) -> tuple[TourStop, ...]:
    """The stops of a tour in words; a kind that has none is left out."""
    return tuple(
        TourStop(view, WHY[view.kind].heading, _sentence(view))
        for view in views
        if view.kind in WHY
    )


def _sentence(view: HighlightView) -> Sentence:
    why = WHY[view.kind]
    value = "" if view.value is None else why.written(view.value)
    before, _, after = why.sentence.partition("{name}")
    name = (view.detail or "another") if after else ""
    return Sentence(before.replace("{value}", value), name, after.replace("{value}", value))

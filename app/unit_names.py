"""Addresses of units as people bring them: from papers, from programs, from other sites.

`4c:447`, `mixed4c_3x3/12`, `mixed4c_3x3_pre_relu/conv:12`, a pasted address of OpenAI Microscope's,
of the weight explorer of Distill's Circuits, or of a page like ours. Syntax alone: which layers
there are is `places`' to know.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

# The layer whose units are the classes.
LOGITS = "logits"


class NameOrigin(StrEnum):
    """Where an address is from, which tells what training of the network it means."""

    TYPED = "typed"
    HERE = "a page like ours"
    MICROSCOPE = "OpenAI Microscope"
    EXPLORER = "the weight explorer of Distill's Circuits"
    TENSOR = "Lucid"


# What these call InceptionV1 is one training, whose variant has this name here.
LITERATURE = "inceptionv1"
OF_LITERATURE = (NameOrigin.MICROSCOPE, NameOrigin.EXPLORER, NameOrigin.TENSOR)


@dataclass(frozen=True, slots=True)
class Address:
    """A layer, or a branch of it, as it was named; with an index, a unit."""

    text: str
    name: str
    """Empty where a whole model is meant."""
    unit: int | None = None
    model: str = ""
    """Empty where it does not say."""
    source: NameOrigin = NameOrigin.TYPED


PASTED = r"https?://\S+|\S*/models/\S+|(?:[\w-]+\.)+[a-z]{2,}/\S+"

_MICROSCOPE = re.compile(
    r"(?:https?://)?(?:www\.)?microscope\.openai\.com/models/([^/?#]+)(?:/([^/?#]+)(?:/(\d+))?)?"
    r"/?(?:[?#].*)?",
    re.I,
)
_EXPLORER = re.compile(
    r"(?:https?://)?storage\.googleapis\.com/(?:distill-circuits/)?inceptionv1-weight-explorer/"
    r"(\w+)_(\d+)(?:\.html)?(?:[?#].*)?",
    re.I,
)
_HERE = re.compile(r"(?:[^?#]*)/models/([^/?#]+)(?:/([^/?#]+)(?:/(\d+))?)?(?:\.json)?/?(?:[?#].*)?")
_TENSOR = re.compile(r"(?:import/)?(\w+?)_pre_relu(?:[/_]conv)?(?:[:/](\d+))?", re.ASCII)
_PATH = re.compile(r"([\w.-]+)/(\w+)/(\d+)")
_UNIT = re.compile(r"([A-Za-z]*\d?\w*(?:/\w+)?)[:/](\d+)?", re.ASCII)
_SPACED = re.compile(r"((?:mixed|conv|inception_?)?\d\w*|conv2d\d|logits)\s+(\d+)", re.ASCII | re.I)

# A slug of Microscope's is a tensor's name, which ends with its port.
PORT = "_0"


def pasted(text: str) -> Address | None:
    """The address of a page elsewhere, or of one like ours; None where it is neither."""
    if found := _MICROSCOPE.fullmatch(text):
        model, layer, unit = found.groups()
        name = unquote(layer or "").removesuffix(PORT)
        return Address(text, name, _number(unit), unquote(model).lower(), NameOrigin.MICROSCOPE)
    if found := _EXPLORER.fullmatch(text):
        return Address(text, found[1], int(found[2]), LITERATURE, NameOrigin.EXPLORER)
    if found := _HERE.fullmatch(text):
        model, layer, unit = found.groups()
        name = unquote(layer or "").removesuffix(".json")
        return Address(text, name, _number(unit), unquote(model), NameOrigin.HERE)
    return None


def typed(text: str) -> Address | None:
    """An address as one types it: with an index, or with the colon that one would follow."""
    if found := _TENSOR.fullmatch(text):
        return Address(text, found[1], _number(found[2]), LITERATURE, NameOrigin.TENSOR)
    if found := _PATH.fullmatch(text):
        return Address(text, found[2], int(found[3]), found[1], NameOrigin.HERE)
    if found := _UNIT.fullmatch(text):
        return Address(text, found[1], _number(found[2])) if found[1] else None
    return None


def spaced(text: str) -> Address | None:
    """A layer's name and an index with a space between them, as titles have it."""
    found = _SPACED.fullmatch(text)
    return Address(text, found[1], int(found[2])) if found else None


def underscored(text: str) -> Address | None:
    """`mixed3b_379`, as the weight explorer names its pages; `mixed3b_0` is Microscope's layer."""
    name, _, unit = text.rpartition("_")
    if not name or not unit.isascii() or not unit.isdigit():
        return None
    if f"_{unit}" == PORT:
        return Address(text, name)
    return Address(text, name, int(unit))


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)

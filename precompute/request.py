"""A precompute request: layers, units, techniques, data set, recipe; and its lists, parsed.

`validation` refuses what is invalid.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import InputError
from app.techniques import DEFAULT as DEFAULT_TECHNIQUES

if TYPE_CHECKING:
    from precompute.network import Inception

AUTO = "auto"
LOCAL, RAY = "local", "ray"
ENGINES = (LOCAL, RAY)
DTYPES = (AUTO, "bfloat16", "float32")


@dataclass(frozen=True)
class Request:
    """The options of `microscope precompute`."""

    model: str
    weights: Path | None = None
    name: str | None = None
    classes: Path | None = None
    dataset: str | None = None
    dataset_name: str | None = None
    licence: str | None = None
    """A note of the data set's terms."""
    private: bool = False
    """The data set's pictures never enter the database."""
    database: str = "microscope.db"
    layers: tuple[str, ...] = ()
    """Empty: all, `logits` included."""
    units: str | None = None
    """`0-31,40`; none: all."""
    techniques: tuple[str, ...] = DEFAULT_TECHNIQUES
    """Names of stages, done in this order."""
    steps: int | None = None
    """None: what suits the layer."""
    size: int | None = None
    """None: what suits the layer."""
    photograph: Path | None = None
    """Where deepdream starts from too, besides noise."""
    seeds: int = 1
    top: int = 24
    images: int | None = None
    """Scan a fair sample of this many; none: all."""
    device: str = "cpu"
    dtype: str = AUTO
    """`auto`: bfloat16 where the device computes in it, else float32."""
    force: bool = False
    patience: int = 600
    """Seconds for which a database server that is gone is waited for."""
    engine: str = LOCAL
    """Where the work is done: in this process, or by Ray's workers."""
    address: str | None = None
    """The Ray cluster to join; None: one of this machine, for as long as the run takes."""
    gpus: float | None = None
    """Share of a GPU for each of Ray's workers; None: one where `device` is cuda, else none."""
    cpus: int | None = None
    """Cores for each of Ray's workers; None: as many as this process would use."""

    @property
    def gpus_each(self) -> float:
        """Share of a GPU for each of Ray's workers."""
        return self.gpus if self.gpus is not None else float(self.device.startswith("cuda"))

    def as_json(self) -> dict[str, Any]:
        """What differs from the defaults, for the record: without the database's address, which
        may hold a password."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            field.name: _json(values[field.name])
            for field in fields(self)
            if field.name != "database" and values[field.name] != field.default
        }


def _json(value: Any) -> Any:
    """A value as JSON has it; a path's bytes that are no text are spelled out."""
    if isinstance(value, tuple):
        return [_json(each) for each in value]
    if isinstance(value, str | Path):
        return os.fsencode(value).decode("utf-8", "backslashreplace")
    return value


def choose(network: Inception, request: Request) -> dict[str, tuple[int, ...]]:
    """The requested units by layer, in the network's order.

    Raises:
        InputError: a layer or a unit that the network does not have.
    """
    names = [network.layer(name).name for name in request.layers]
    chosen = [layer for layer in network.layers if layer.name in names or not names]
    return {layer.name: _units(request.units, layer.name, layer.channels) for layer in chosen}


def _units(text: str | None, layer: str, channels: int) -> tuple[int, ...]:
    if text is None:
        return tuple(range(channels))
    units = parse_units(text)
    if units[-1] >= channels:
        raise InputError(
            f"--units: {layer} has no unit {units[-1]}; its units are 0 to {channels - 1}."
        )
    return units


def parse_units(text: str) -> tuple[int, ...]:
    """`"0-3,40"` → `(0, 1, 2, 3, 40)`: ascending, each once.

    Raises:
        InputError: it is not a list of numbers and ranges.
    """
    units: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,6})\s*(?:-\s*(\d{1,6})\s*)?", part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if first > last:
            raise InputError(f"--units {text!r}: write numbers and ranges, such as 0-31,40.")
        units.update(range(first, last + 1))
    return tuple(sorted(units))


def split(option: str, text: str | None) -> tuple[str, ...]:
    """A comma-separated option as its parts, each once, in order; nothing where it is not given.

    Raises:
        InputError: it is given, but names nothing: a variable of the shell that is not set must
            not start the whole network.
    """
    parts: Sequence[str] = (text or "").split(",")
    named = tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))
    if text is not None and not named:
        raise InputError(f"{option} is given, but names nothing; leave it out for all of them.")
    return named

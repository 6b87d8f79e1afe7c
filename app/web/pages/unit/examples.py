"""Dataset examples as a unit's page shows them: cut to what the unit sees, whole, or with heat.

Pure functions from the store's views to typed contexts; they know no addresses and no store.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from app.db.views import LayerHead
from app.db.views.evidence import ExampleView, ScanView, UnitDetail
from app.drawing.crops import Crop as Crop
from app.drawing.crops import crop as crop
from app.web.panels import BY_KIND, of_data_set

INTERVAL = "interval-"


@dataclass(frozen=True, slots=True)
class Where:
    """The unit whose examples are shown: what places rings, and addresses heat maps."""

    model: str
    layer: LayerHead
    unit: int


@dataclass(frozen=True, slots=True)
class ShownExample:
    """An example with how it is shown."""

    view: ExampleView
    alt: str
    crop: Crop | None
    """The part that is shown; None where the whole image is."""
    is_heated: bool
    """Whether the unit's map lies over it."""


@dataclass(frozen=True, slots=True)
class ExamplePanel:
    """The examples of one kind from one data set."""

    kind: str
    scan: ScanView | None
    dataset: str
    examples: tuple[ShownExample, ...]
    panel: str
    """The panel that shows them."""
    id: str
    """The panel's own, if several data sets have one."""

    @property
    def is_private(self) -> bool:
        """Whether there are no pictures since none may be stored."""
        return self.scan is not None and self.scan.private


def example_lists(unit: UnitDetail, show: str) -> tuple[ExamplePanel, ...]:
    """The examples by kind and data set, each list by rank: `top`, `minimum`, then other kinds.

    Those of intervals are left to the panel of the range.
    """
    scans = {scan.dataset: scan for scan in unit.scans}
    first = next(iter(scans), None)
    listed = (each for each in unit.examples if not each.kind.startswith(INTERVAL))
    ordered = sorted(listed, key=_place)
    return tuple(
        _list(kind, scans.get(dataset), dataset, shown(examples, show), first)
        for (_, kind, dataset), examples in groupby(ordered, key=lambda each: _place(each)[:3])
    )


def shown(examples: Iterable[ExampleView], show: str) -> tuple[ShownExample, ...]:
    """Examples as the reader wants to see them: `crop`, `whole` or `heat`."""
    return tuple(_shown(example, show) for example in examples)


def can_choose(examples: Iterable[ExampleView]) -> bool:
    """Whether there is more than one way to show any of them."""
    return any(each.image and (_crop(each) or each.has_heat) for each in examples)


def _crop(example: ExampleView) -> Crop | None:
    if example.image is None or example.box is None:
        return None
    return crop(example.image, example.box)


def _shown(example: ExampleView, show: str) -> ShownExample:
    part = _crop(example) if show == "crop" else None
    is_heated = show == "heat" and example.has_heat
    name = f"example {example.rank}" + (f": {example.label}" if example.label else "")
    if part:
        name = f"{name}, the part that the unit sees"
    return ShownExample(example, f"{name}, heat map" if is_heated else name, part, is_heated)


def _list(
    kind: str,
    scan: ScanView | None,
    dataset: str,
    found: tuple[ShownExample, ...],
    first: str | None,
) -> ExamplePanel:
    panel = BY_KIND.get(kind, kind)
    return ExamplePanel(kind, scan, dataset, found, panel, of_data_set(panel, dataset, first))


def _place(example: ExampleView) -> tuple[int, str, str, int]:
    order = {"top": 0, "minimum": 1}.get(example.kind, 2)
    return (order, example.kind, example.dataset, example.rank)

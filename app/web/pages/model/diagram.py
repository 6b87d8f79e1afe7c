"""A network as a drawing: its layers from the image down to the classes, modules with branches.

Pure geometry from the stored layers, in units of the drawing's own: a template writes it down as
SVG, a piece for each layer; the pieces join where they stand above each other. Widths of boxes are
proportional to channels, by one scale for the whole network.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.db.views import BranchView, LayerView
from app.web.pages import formatting
from app.web.pages.model.layer_notes import step

WIDTH = 480
MIDDLE = WIDTH / 2

# How much of the drawing the widest layer takes, and of its column the widest branch.
FILLED, COLUMN_FILLED = 0.9, 0.86

# From the top of a module: the steps before the convolutions, these, their names, all together.
FIRST, SECOND, NAME, TOGETHER, MODULE = 22, 52, 90, 116, 144
# From the top of a layer that is a single step: this, its name, its end.
STEP, STEP_NAME, PLAIN = 10, 50, 76
# From the top of what stands above a layer: an image, or a pooling; its name, its end.
IMAGE, POOLING, ABOVE_NAME, ABOVE = 30, 8, 46, 64

BOX, SMALL_WIDTH, SMALL = 18, 30, 12


@dataclass(frozen=True, slots=True)
class DiagramBox:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def centre(self) -> float:
        return self.x + self.width / 2

    @property
    def path(self) -> str:
        """Its outline, as SVG writes it."""
        return f"M{self.x:g} {self.y:g}h{self.width:g}v{self.height:g}h-{self.width:g}z"


@dataclass(frozen=True, slots=True)
class DiagramBranch:
    """A branch of a module: what comes first, its last step, and its part of the whole."""

    view: BranchView
    name: str
    """What a link to it is called."""
    label: str
    """Its last step, and how many channels this makes."""
    area: DiagramBox
    """Where it can be pressed."""
    first: DiagramBox | None
    """The step before the last: a convolution to fewer channels, or a pooling."""
    first_label: str
    box: DiagramBox
    part: DiagramBox
    line: str
    """From the layer above through the steps to its part of the whole."""


@dataclass(frozen=True, slots=True)
class Above:
    """What happens before a layer: an image, or a pooling, which narrows."""

    label: str
    shape: str
    line: str
    y: float = ABOVE_NAME
    height: int = ABOVE


@dataclass(frozen=True, slots=True)
class DiagramPart:
    """A layer: a module of branches, or a single step, for which there is a `box`."""

    above: Above | None
    branches: tuple[DiagramBranch, ...]
    box: DiagramBox | None
    label: str
    """The single step in words."""
    line: str
    """Into the single step, and out of the layer."""
    area: DiagramBox = DiagramBox(WIDTH / 4, STEP - 6, WIDTH / 2, PLAIN - STEP)
    """Where the single step can be pressed."""
    y: float = STEP_NAME
    branch_y: float = NAME
    """Where the names stand."""
    width: int = WIDTH

    @property
    def top(self) -> int:
        """Where the layer itself begins, below what is above it."""
        return self.above.height if self.above else 0

    @property
    def height(self) -> int:
        return self.top + (MODULE if self.branches else PLAIN)


def network(layers: Sequence[LayerView], input_size: int) -> tuple[DiagramPart, ...]:
    """A piece for each layer, in the order of the forward pass."""
    scale = _scale(layers)
    around = pairwise([None, *layers])
    return tuple(
        _piece(previous, layer, input_size, scale, is_last=layer is layers[-1])
        for previous, layer in around
        if layer is not None
    )


def _scale(layers: Sequence[LayerView]) -> float:
    """Units of the drawing for one channel."""
    fits = [FILLED * WIDTH / layer.channels for layer in layers if layer.channels]
    fits += [
        COLUMN_FILLED * WIDTH / len(layer.branches) / max(branch.stop - branch.start, 1)
        for layer in layers
        for branch in layer.branches
    ]
    return min(fits, default=1.0)


def _piece(
    previous: LayerView | None, layer: LayerView, input_size: int, scale: float, is_last: bool
) -> DiagramPart:
    branches = tuple(_branches(layer, scale))
    box = None if branches else _centred(MIDDLE, STEP, layer.channels * scale, BOX)
    label = f"{step(previous, layer)} · {formatting.count(layer.channels)}"
    into = "" if branches else _upright(0, STEP)
    out = _upright(TOGETHER + SMALL, MODULE) if branches else _upright(STEP_NAME + 6, PLAIN)
    line = into if is_last else into + out
    return DiagramPart(_above(previous, layer, input_size), branches, box, label, line)


def _above(previous: LayerView | None, layer: LayerView, input_size: int) -> Above | None:
    out = _upright(ABOVE_NAME + 6, ABOVE)
    if previous is None:
        shape = _centred(MIDDLE, 1, IMAGE, IMAGE).path
        return Above(f"image, {_square(input_size)} px", shape, out)
    if layer.map_size >= previous.map_size:
        return None
    half = SMALL_WIDTH / 2 + 3
    shape = f"M{MIDDLE - half:g} {POOLING}h{2 * half:g}l-{half / 2:g} {SMALL}h-{half:g}z"
    label = f"pooling, {_square(previous.map_size)} → {_square(layer.map_size)}"
    return Above(label, shape, _upright(0, POOLING) + out)


def _branches(layer: LayerView, scale: float) -> Iterator[DiagramBranch]:
    left = MIDDLE - scale * layer.channels / 2
    column = WIDTH / max(len(layer.branches), 1)
    for place, view in enumerate(layer.branches):
        wide = scale * (view.stop - view.start)
        part = _rounded(left + scale * view.start, TOGETHER, wide, SMALL)
        area = _rounded(place * column, FIRST - 8, column, NAME - FIRST + 20)
        yield _branch(layer.name, view, area, part)


def _branch(layer: str, view: BranchView, area: DiagramBox, part: DiagramBox) -> DiagramBranch:
    label, first = formatting.branch(view.name), _first(view.name)
    size, last = formatting.count(view.stop - view.start), "1×1" if view.name == "pool" else label
    before = _centred(area.centre, FIRST, SMALL_WIDTH, SMALL) if first else None
    box = _centred(area.centre, SECOND, part.width, BOX)
    return DiagramBranch(
        view,
        f"{layer}, {label} branch, units {view.start}–{view.stop - 1}",
        f"{last} · {size}",
        area,
        before,
        first,
        box,
        part,
        _line(area.centre, before, part),
    )


def _first(branch: str) -> str:
    """What a branch does before its last step; empty where that is its only one."""
    if branch == "pool":
        return "pool"
    return "1×1" if branch != "1x1" and "x" in branch else ""


def _line(centre: float, first: DiagramBox | None, part: DiagramBox) -> str:
    """Down to the first step, to the last, and from below its name to the part of the whole."""
    to_last = f"M{centre:g} {FIRST + SMALL}V{SECOND}" if first else ""
    into = _curve(MIDDLE, 0, centre, FIRST if first else SECOND)
    return into + to_last + _curve(centre, NAME + 6, part.centre, TOGETHER)


def _upright(y: float, to_y: float) -> str:
    return f"M{MIDDLE:g} {y:g}V{to_y:g}"


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    """A line that leaves and arrives upright; it bends near its end where it is long."""
    bend = min((to_y - y) / 2, 16)
    if y == 0:
        return f"M{x:g} {y:g}C{x:g} {bend:g} {to_x:g} {bend / 2:g} {to_x:g} {2 * bend:g}V{to_y:g}"
    return f"M{x:g} {y:g}C{x:g} {to_y - 8:g} {to_x:g} {y + 4:g} {to_x:g} {to_y:g}"


def _centred(centre: float, y: float, width: float, height: float) -> DiagramBox:
    return _rounded(centre - width / 2, y, width, height)


def _rounded(x: float, y: float, width: float, height: float) -> DiagramBox:
    return DiagramBox(round(x, 1), y, round(max(width, 1.0), 1), height)


def _square(side: int) -> str:
    return f"{side} × {side}"

"""What data sets say about a unit, as its page shows it: a range, a histogram, classes, effects,
similar units; one set of panels for each data set.

Pure functions from the store's views to typed contexts; they know no addresses and no store.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from app.db.records import ClassRecord
from app.db.views import LayerHead, RecipeView, VisualizationView
from app.db.views.evidence import (
    EffectView,
    Evidence,
    EvidenceRow,
    ExampleView,
    NeighbourView,
    ScanView,
    StatisticsView,
    UnitDetail,
)
from app.drawing.charts import Chart, chart
from app.drawing.crops import Crop as Crop
from app.drawing.crops import crop as crop
from app.techniques import MAIN
from app.web.pages.formatting import COUNTS, unless_first
from app.web.panels import BY_KIND


@dataclass(frozen=True, slots=True)
class IntervalExamples:
    """A part of the range, with the images that lie in it."""

    low: float
    high: float
    images: int
    share: float
    """Of all images, 0..1."""
    examples: tuple[ShownExample, ...]


@dataclass(frozen=True, slots=True)
class NamedValue:
    """A name with a number, and the length of its bar, 0..100."""

    name: str
    value: float
    length: float


@dataclass(frozen=True, slots=True)
class AttributedClass:
    """A class that the unit argues for or against."""

    view: EffectView
    length: float


@dataclass(frozen=True, slots=True)
class Distribution:
    """What the unit does over all images."""

    statistics: StatisticsView
    is_sampled: bool
    """Whether the histogram has only some positions of each map."""
    is_private: bool
    range: tuple[IntervalExamples, ...]
    """From the highest."""
    chart: Chart | None
    counts: str
    """How its counts are drawn, as addresses say it: empty for the default."""
    means: tuple[NamedValue, ...]
    shares: tuple[NamedValue, ...]


@dataclass(frozen=True, slots=True)
class ClassAttribution:
    """The classes that the unit argues for and against, the most first."""

    supports: tuple[AttributedClass, ...]
    opposes: tuple[AttributedClass, ...]
    recipe: RecipeView | None

    @property
    def images(self) -> str:
        """How many images' gradients were averaged, as a number or a range of numbers."""
        found = sorted({each.view.images for each in (*self.supports, *self.opposes)})
        return "–".join(f"{each:,}" for each in dict.fromkeys((found[0], found[-1])))


@dataclass(frozen=True, slots=True)
class SimilarUnits:
    """Units that are active on the same images, of the same layer and of others."""

    within: tuple[NeighbourView, ...]
    elsewhere: tuple[NeighbourView, ...]


@dataclass(frozen=True, slots=True)
class DatasetPanels:
    """All panels of one data set; those without data are None."""

    title: str
    suffix: str
    """What tells its panels from those of another data set; empty where there is one."""
    dataset: str
    mark: str
    """What its panels' ids end with: nothing for the first."""
    spread: Distribution | None
    effects: ClassAttribution | None
    similar: SimilarUnits | None


@dataclass(frozen=True, slots=True)
class KindRows:
    """What is stored of a kind without a type of its own, for one data set if it has any."""

    id: str
    """The panel's, where several data sets have one."""
    suffix: str
    """What tells the panel from that of another data set; empty where there is one."""
    rows: tuple[Evidence, ...]


def kind_rows(unit: UnitDetail, kind: str, panel: str) -> tuple[KindRows, ...]:
    """The rows of a kind by data set, or all at once where they belong to none."""
    titles = {scan.dataset: scan.title for scan in unit.scans}
    found: dict[str, list[Evidence]] = {}
    for row in unit.evidence[kind]:
        found.setdefault((isinstance(row, EvidenceRow) and row.dataset) or "", []).append(row)
    first = next(iter(found), None)
    return tuple(
        KindRows(
            of_data_set(panel, slug, first),
            titles.get(slug, slug) if len(found) > 1 else "",
            tuple(rows),
        )
        for slug, rows in found.items()
    )


def findings(
    layer: LayerHead, unit: UnitDetail, show: str, counts: str
) -> tuple[DatasetPanels, ...]:
    """What each data set says, in the order in which they were scanned."""
    scans = {scan.dataset: scan for scan in unit.scans}
    slugs = _datasets(unit)
    titles = {slug: scans[slug].title if slug in scans else slug for slug in slugs}
    return tuple(
        DatasetPanels(
            title=titles[slug],
            suffix=titles[slug] if len(slugs) > 1 else "",
            dataset=slug,
            mark=of_data_set("", slug, slugs[0]),
            spread=_spread(layer, unit, scans.get(slug), slug, show, counts),
            effects=effects_in(unit, slug),
            similar=_similar(unit, slug),
        )
        for slug in slugs
    )


def ranges(
    statistics: StatisticsView, examples: Iterable[ExampleView], show: str
) -> tuple[IntervalExamples, ...]:
    """The intervals from the highest to the lowest, each with its examples.

    Of a unit that is never above (or below) 0 those are left out that have no width.
    """
    found: dict[str, list[ExampleView]] = {}
    for example in examples:
        if example.dataset == statistics.dataset:
            found.setdefault(example.kind, []).append(example)
    listed = tuple(
        IntervalExamples(
            interval.low,
            interval.high,
            interval.images,
            interval.images / max(statistics.images, 1),
            shown(found.get(f"{INTERVAL}{number}", ()), show),
        )
        for number, interval in enumerate(statistics.intervals)
        if interval.images or interval.high > interval.low
    )
    return listed[::-1]


def rows(classes: Sequence[ClassRecord]) -> tuple[NamedValue, ...]:
    """Classes with bars; the longest is of the largest value."""
    largest = max((abs(each.value) for each in classes), default=0.0)
    return tuple(
        NamedValue(each.label, each.value, bar_length(each.value, largest)) for each in classes
    )


def _datasets(unit: UnitDetail) -> tuple[str, ...]:
    """The data sets that say anything beyond examples."""
    with_findings = {each.dataset for each in unit.statistics}
    with_findings |= {each.dataset for each in unit.neighbours}
    with_findings |= {each.dataset for each in unit.effects}
    rows = [each for found in unit.evidence.values() for each in found]
    with_findings |= {each.dataset or "" for each in rows if isinstance(each, EvidenceRow)} - {""}
    order = dict.fromkeys([*(scan.dataset for scan in unit.scans), *sorted(with_findings)])
    return tuple(slug for slug in order if slug in with_findings)


def _spread(
    layer: LayerHead, unit: UnitDetail, scan: ScanView | None, dataset: str, show: str, counts: str
) -> Distribution | None:
    found = next((each for each in unit.statistics if each.dataset == dataset), None)
    if found is None:
        return None
    return Distribution(
        statistics=found,
        is_sampled=found.histogram.positions < layer.map_size**2,
        is_private=scan is not None and scan.private,
        range=ranges(found, unit.examples, show),
        chart=chart(found.histogram, counts, marks(unit)),
        counts=unless_first(counts, COUNTS),
        means=rows(found.class_means),
        shares=rows(found.class_shares),
    )


def marks(unit: UnitDetail) -> tuple[tuple[str, float], ...]:
    """What the unit's own picture reaches, if it has one."""
    own = next((view for view in unit.visualizations if view.technique in MAIN), None)
    return () if own is None else _numbers(own)


def _numbers(view: VisualizationView) -> tuple[tuple[str, float], ...]:
    """Its mean and its largest cell; of a class both are the logit."""
    if view.activation == view.maximum:
        return (("picture", view.maximum),)
    return (("picture: activation", view.activation), ("picture: maximum", view.maximum))


def effects_in(unit: UnitDetail, dataset: str, most: int | None = None) -> ClassAttribution | None:
    """The effects by one data set; of each list at most so many, if so many are named."""
    own = [each for each in unit.effects if each.dataset == dataset]
    if not own:
        return None
    largest = max(abs(each.value) for each in own)
    drawn = [AttributedClass(each, bar_length(each.value, largest)) for each in own]
    return ClassAttribution(
        tuple(each for each in drawn if each.view.rank > 0)[:most],
        tuple(each for each in drawn if each.view.rank < 0)[:most],
        unit.effect_recipes.get(dataset),
    )


def _similar(unit: UnitDetail, dataset: str) -> SimilarUnits | None:
    own = [each for each in unit.neighbours if each.dataset == dataset]
    within = tuple(each for each in own if each.within)
    elsewhere = tuple(each for each in own if not each.within)
    return SimilarUnits(within, elsewhere) if own else None


def bar_length(value: float, largest: float) -> float:
    """Of a bar, 0..100; the longest is of the largest value."""
    return round(100 * abs(value) / largest, 1) if largest else 0.0


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


def of_data_set(panel: str, dataset: str, first: str | None) -> str:
    """The id of a panel where several data sets have one: that of the first is the panel's name."""
    return panel if dataset == first or first is None else f"{panel}-{dataset}"

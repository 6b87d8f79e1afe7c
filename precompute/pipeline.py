"""Precompute, from a request to a filled database: the stages in order, and the single writer.

A batch is committed in one transaction when it is finished; killed anywhere, the next run plans
again from what is stored.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from app.errors import MicroscopeError
from app.store.engine import open_for_writing
from app.store.ledger import stored_scans, stored_visualizations
from app.store.records import ImageRecord, RecipeRecord
from app.store.write import Writer
from app.version import VERSION
from precompute import engine, publish
from precompute.examples.dataset import Dataset
from precompute.examples.scan import Found, scan
from precompute.examples.view import quiet
from precompute.plan import Batch, Scans
from precompute.progress import Reporter, Silent
from precompute.render.render import Picture, render
from precompute.render.technique import TECHNIQUES, Technique
from precompute.request import EXAMPLES, Request
from precompute.work import Work

# How often a run says in the database that it is alive.
BEAT_SECONDS = 2.0


@dataclass(frozen=True)
class Outcome:
    """What a run did."""

    rendered: int = 0
    scanned: int = 0
    skipped: tuple[str, ...] = ()
    """Images that could not be read, as `path: reason`."""
    stored: int = 0
    """Pictures and scanned units that were there before and were left alone."""
    other_recipe: int = 0
    """How many of the pictures left alone were made by another recipe."""

    def plus(self, other: Outcome) -> Outcome:
        """Both together."""
        return Outcome(
            self.rendered + other.rendered, self.scanned + other.scanned,
            self.skipped + other.skipped, self.stored + other.stored,
            self.other_recipe + other.other_recipe,
        )  # fmt: skip


def run(work: Work, reporter: Reporter | None = None) -> Outcome:
    """Does what is wanted and not yet stored.

    Raises:
        MicroscopeError: the database refuses, is full or is gone; what was stored stays good.
    """
    with recorded(work.request) as record:
        record.outcome = fill(work, record, reporter)
    return record.outcome


@dataclass
class Record:
    """A run's entry in the database, while the run goes on."""

    writer: Writer
    number: int
    outcome: Outcome = Outcome()


@contextlib.contextmanager
def recorded(request: Request) -> Iterator[Record]:
    """Opens the database and notes a run's beginning, and at the end how it ended.

    Whoever serves the pages meanwhile can begin inside: they show that a run goes on.
    """
    database = open_for_writing(request.database)
    try:
        writer = Writer(database)
        number = writer.start_run(request.name or request.model, request.command_line(), VERSION)
        record = Record(writer, number)
        try:
            yield record
        except BaseException as error:
            state = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
            # The database may be what failed; the first error is the one to tell.
            with contextlib.suppress(MicroscopeError):
                writer.end_run(number, state, message=str(error))
            raise
        writer.end_run(number, "finished", skipped=record.outcome.skipped)
    finally:
        database.dispose()


def fill(work: Work, record: Record, reporter: Reporter | None = None) -> Outcome:
    """The stages, inside a run that is recorded."""
    record.writer.put_model(work.model, rename=work.request.classes is not None)
    if work.dataset is not None:
        record.writer.put_dataset(publish.dataset_record(work.dataset))
    return _Run(work, record.writer, record.number, reporter or Silent()).stages()


class _Run:
    """One run of the stages: the single writer, and the heartbeat."""

    def __init__(self, work: Work, writer: Writer, number: int, reporter: Reporter) -> None:
        self.work, self.writer, self.number, self.reporter = work, writer, number, reporter
        self._stage, self._total, self._beaten, self._done = "", 0, 0.0, 0.0

    def stages(self) -> Outcome:
        total = Outcome()
        for stage in self.work.request.stages:
            done = self._examples() if stage == EXAMPLES else self._render(TECHNIQUES[stage])
            total = total.plus(done)
        return total

    def _render(self, technique: Technique) -> Outcome:
        """Renders batch after batch, each committed when it is finished."""
        slug, force = self.work.model.slug, self.work.request.force
        stored = stored_visualizations(self.writer.engine, slug, technique.name)
        plan = self.work.plan_renders(technique, stored)
        if plan.batches:
            self._begin(technique.name, plan.pictures)
        self._done, finished = 0.0, 0
        for batch, pictures in engine.run(partial(self._render_batch, technique), plan.batches):
            recipe = RecipeRecord.from_body(self.work.recipe(technique, batch.layer).body())
            records = publish.visualization_records(batch, technique.name, recipe, pictures)
            self.writer.put_visualizations(slug, records, replace=force)
            finished += len(pictures)
            self._done = float(finished)  # steps add up to it only nearly
            self._reach(self._done)
        left_alone = (0, 0) if force else (plan.stored, plan.other_recipe)
        return Outcome(plan.pictures, 0, (), *left_alone)

    def _render_batch(self, technique: Technique, batch: Batch) -> list[Picture]:
        recipe = self.work.recipe(technique, batch.layer)
        share = len(batch.units) * recipe.members / recipe.optimiser.steps
        return render(
            self.work.network, recipe, batch.layer, batch.units, batch.seed,
            self.work.start(technique), tick=partial(self._advance, share),
        )  # fmt: skip

    def _examples(self) -> Outcome:
        assert self.work.dataset is not None
        stored = stored_scans(self.writer.engine, self.work.model.slug, self.work.dataset.slug)
        scans = self.work.plan_scans(stored)
        skipped = self._scan(scans)
        left_alone = 0 if self.work.request.force else scans.stored
        return Outcome(0, scans.count, skipped, left_alone)

    def _advance(self, share: float) -> None:
        self._done += share
        self._reach(min(self._done, self._total - 1))

    def _scan(self, scans: Scans) -> tuple[str, ...]:
        """One pass for all units that lack examples, then each layer's in one transaction."""
        dataset = self.work.dataset
        if not scans.units or dataset is None:
            return ()
        self._begin("examples", len(dataset.items))
        found = scan(
            self.work.network, dataset, scans.units, self.work.request.top,
            progress=lambda done, total: self._reach(done),
        )  # fmt: skip
        if not found.images:
            raise MicroscopeError(
                f"None of the {len(dataset.items)} images of {dataset.slug} can be read; the "
                f"first: {found.skipped[0]}."
            )
        with quiet():
            self._store_examples(dataset, scans, found)
        return found.skipped

    def _store_examples(self, dataset: Dataset, scans: Scans, found: Found) -> None:
        top, view = self.work.request.top, self.work.view
        recipe = publish.scan_recipe(view, top)
        kept: set[int] = set()
        self._begin("storing examples", scans.count)
        stored = 0
        for layer, units in scans.units.items():
            shown = sorted(set(found.top[layer].image.flatten().tolist()) - kept)
            records = ((i, publish.view_record(dataset, i, view)) for i in shown)
            views: dict[str, ImageRecord] = {
                dataset.items[i].path: record for i, record in records if record is not None
            }
            self.writer.put_examples(
                self.work.model.slug, dataset.slug, recipe,
                publish.example_records(dataset, layer, units, found),
                publish.scan_records(layer, units, top, found), views,
            )  # fmt: skip
            kept.update(shown)
            stored += len(units)
            self._reach(stored)

    def _begin(self, stage: str, total: int) -> None:
        self._stage, self._total, self._beaten = stage, total, 0.0
        self.reporter.stage(stage, total)
        self._reach(0)

    def _reach(self, done: float) -> None:
        """Tells the person at once, and the database every few seconds."""
        self.reporter.reach(done)
        if time.monotonic() - self._beaten > BEAT_SECONDS or done >= self._total:
            self.writer.beat(self.number, self._stage, int(done), self._total)
            self._beaten = time.monotonic()

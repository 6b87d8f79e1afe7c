"""Precompute, from a request to a filled database: the stages in order, and the single writer.

A batch is committed in one transaction when it is finished; killed anywhere, the next run plans
again from what is stored.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import typer

from app import __version__
from app.db.derived.refresh import refresh
from app.db.derived.sprites import outdated_sheets, renew_sheet
from app.db.engine import is_server, open_for_writing
from app.db.lock import Lock, held
from app.db.queries.run_status import stored_visualizations
from app.db.records import RecipeRecord
from app.db.retry import Retry, RetryPolicy, once
from app.db.writer.writer import Writer
from app.errors import MicroscopeError
from precompute import store_records
from precompute.cli.reporter import Reporter, Silent
from precompute.executors.factory import engine_for
from precompute.executors.local import Local
from precompute.executors.task import Done, Engine
from precompute.missing import Batch
from precompute.prepare import Work
from precompute.render.render import Picture
from precompute.render.render_task import Rendering
from precompute.render.technique import TECHNIQUES, Technique
from precompute.request import Request
from precompute.result import Outcome
from precompute.scan.interface import Watch
from precompute.stages.class_attribution import gather_effects
from precompute.stages.examples import gather_examples

# How often a run says in the database that it is alive.
BEAT_SECONDS = 2.0


def run(work: Work, reporter: Reporter | None = None) -> Outcome:
    """Does what is wanted and not yet stored.

    Raises:
        MicroscopeError: the database refuses, is full or is gone, or some units failed; what was
            stored stays good.
    """
    told = reporter or Silent()
    with (
        engine_for(work.request, work.network, work.device, told.say) as engine,
        recorded(work.request) as record,
    ):
        fill(work, record, told, engine)
    return record.outcome


@dataclass
class Record:
    """A run's entry in the database, while the run goes on."""

    writer: Writer
    number: int
    outcome: Outcome = field(default_factory=Outcome)


@contextlib.contextmanager
def recorded(request: Request) -> Iterator[Record]:
    """Locks and opens the database and notes a run's beginning, and at the end how it ended.

    Whoever serves the pages meanwhile can begin inside: they show that a run goes on.

    Raises:
        DatabaseTaken: another run fills the database.
    """
    with held(request.database) as lock:
        database = open_for_writing(request.database)
        try:
            writer = Writer(database, _patience(request, lock))
            writer.end_lost_runs()
            slug = request.name or request.model
            number = writer.start_run(slug, request.command_line(), __version__)
            with _ended(Record(writer, number)) as record:
                yield record
        finally:
            database.dispose()


@contextlib.contextmanager
def _ended(record: Record) -> Iterator[Record]:
    """Notes how a run ends, whatever ends it."""
    try:
        yield record
    except BaseException as error:
        state = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
        # Do not retry: the database may be the cause. The original error is raised again.
        with contextlib.suppress(MicroscopeError):
            left_out = record.outcome.skipped
            Writer(record.writer.engine).end_run(record.number, state, str(error), left_out)
        raise
    record.writer.end_run(record.number, "finished", skipped=record.outcome.skipped)


def _patience(request: Request, lock: Lock) -> Retry:
    """A server that is gone comes back, and is waited for; a file is not."""
    if not is_server(request.database):
        return once
    return RetryPolicy(lock, request.patience, partial(typer.echo, err=True))


def fill(
    work: Work,
    record: Record,
    reporter: Reporter | None = None,
    engine: Engine | None = None,
) -> Outcome:
    """The stages, inside a run that is recorded.

    Raises:
        UnitsFailedError: at the end, when everything else is stored.
    """
    record.writer.put_model(work.model, rename=work.request.classes is not None)
    if work.dataset is not None:
        record.writer.put_dataset(store_records.dataset_record(work.dataset))
    own = engine or Local(work.network)
    run = _Run(work, record.writer, record.number, reporter or Silent(), own)
    record.outcome = run.stages()
    record.outcome.require_all()
    return record.outcome


class _Run:
    """One run of the stages: the single writer, and the heartbeat."""

    def __init__(
        self, work: Work, writer: Writer, number: int, reporter: Reporter, engine: Engine
    ) -> None:
        self.work, self.writer, self.number, self.reporter = work, writer, number, reporter
        self.engine = engine
        self._stage, self._total, self._beaten, self._done = "", 0, 0.0, 0.0

    def stages(self) -> Outcome:
        total = Outcome()
        for stage in self.work.request.stages:
            total = total.plus(self._stage_of(stage))
            self._renew_lists()
        return total

    def _stage_of(self, name: str) -> Outcome:
        watch = Watch(self._begin, self._reach)
        match name:
            case "examples":
                return gather_examples(self.work, self.writer, watch, self.engine)
            case "effects":
                return gather_effects(self.work, self.writer, watch, self.engine)
        return self._render(TECHNIQUES[name])

    def _renew_lists(self) -> None:
        """Makes anew what lists show, where it is out of date, also after a run that was killed.

        Sheets of thumbnails take the longest and are told one by one; the rest is quick.
        """
        slug, patience = self.work.model.slug, self.writer.patience
        found = patience(partial(outdated_sheets, self.writer.engine, slug))
        if found:
            self._begin("thumbnails", len(found))
        for done, place in enumerate(found, start=1):
            patience(partial(renew_sheet, self.writer, slug, place))
            self._reach(done)
        patience(partial(refresh, self.writer, slug))

    def _render(self, technique: Technique) -> Outcome:
        """Renders batch after batch, each committed when it is finished."""
        slug = self.work.model.slug
        reading = partial(stored_visualizations, self.writer.engine, slug, technique.name)
        stored = self.writer.patience(reading)
        plan, finished, failed = self.work.plan_renders(technique, stored), 0, list[str]()
        if plan.batches:
            self._begin(technique.name, plan.pictures)
        self._done, rendering = 0.0, self.work.rendering(technique)
        for done in self.engine.run(rendering, plan.batches, self._advance):
            finished += self._keep(rendering, done)
            failed += [f"{failure.name}: {failure.reason}" for failure in done.failures]
            self._done = float(finished)  # steps add up to it only nearly
            self._reach(self._done)
        left_alone = (0, 0) if self.work.request.force else (plan.stored, plan.other_recipe)
        return Outcome(finished, 0, (), *left_alone, tuple(failed))

    def _keep(self, rendering: Rendering, done: Done[Batch, list[Picture]]) -> int:
        """Stores what came of a batch, and says how many pictures that is."""
        for batch, pictures in done.results:
            recipe = RecipeRecord.from_body(rendering.recipes[batch.layer].body())
            records = store_records.visualization_records(
                batch, rendering.technique, recipe, pictures
            )
            slug, force = self.work.model.slug, self.work.request.force
            self.writer.put_visualizations(slug, records, replace=force)
        return sum(len(pictures) for _, pictures in done.results)

    def _advance(self, share: float) -> None:
        self._done += share
        self._reach(min(self._done, self._total - 1))

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

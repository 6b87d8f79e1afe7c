"""The pipeline, from a prepared request to a filled database: stages in order, a single writer.

Each finished batch is committed in one transaction. A run that was killed resumes by planning
again: what is wanted minus what is stored.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import typer

from app import __version__
from app.db.derived.refresh import refresh
from app.db.derived.sprites import outdated_sheets, renew_sheet
from app.db.engine import is_server, open_for_writing
from app.db.lock import Lock, held
from app.db.retry import Retry, RetryPolicy, once
from app.db.writer.writer import Writer
from app.errors import MicroscopeError
from precompute import store_records
from precompute.executors.factory import engine_for
from precompute.executors.local import Local
from precompute.executors.task import Engine
from precompute.request import Request
from precompute.scan.context import Silent, StageProgress
from precompute.stages.outcome import Outcome
from precompute.stages.registry import AnyStage, requested_stages
from precompute.stages.stage import Store
from precompute.work import Work

HEARTBEAT_SECONDS = 2.0


class Reporter(StageProgress, Protocol):
    """Reports the progress of a run to the user."""

    def message(self, text: str) -> None:
        """Show a sentence."""


def run(work: Work, reporter: Reporter | None = None) -> Outcome:
    """Do what is wanted and not yet stored.

    Raises:
        MicroscopeError: the database refuses, is full or is gone, or some units failed; what was
            stored stays good.
    """
    reporter = reporter or Silent()
    with (
        engine_for(work.request, work.network, work.device, reporter.message) as executor,
        record_run(work.request) as record,
    ):
        return fill(work, record, reporter, executor)


@dataclass
class RunRecord:
    """The record of a run in the database, while the run goes on."""

    writer: Writer
    number: int
    outcome: Outcome = field(default_factory=Outcome)


@contextlib.contextmanager
def record_run(request: Request) -> Iterator[RunRecord]:
    """Lock and open the database, and record the beginning and the end of a run.

    Inside the block a server can show the pages, which say that the run goes on.

    Raises:
        DatabaseTaken: another run has the lock.
    """
    with held(request.database) as lock:
        database = open_for_writing(request.database)
        try:
            writer = Writer(database, _retry(request, lock))
            writer.end_lost_runs()
            slug = request.name or request.model
            number = writer.start_run(slug, request.as_json(), __version__)
            with _end_recorded(RunRecord(writer, number)) as record:
                yield record
        finally:
            database.dispose()


@contextlib.contextmanager
def _end_recorded(record: RunRecord) -> Iterator[RunRecord]:
    try:
        yield record
    except BaseException as error:
        state = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
        # Do not retry: the database may be the cause. The original error is raised again.
        with contextlib.suppress(MicroscopeError):
            skipped = record.outcome.skipped
            Writer(record.writer.engine).end_run(record.number, state, str(error), skipped)
        raise
    record.writer.end_run(record.number, "finished", skipped=record.outcome.skipped)


def _retry(request: Request, lock: Lock) -> Retry:
    """Wait for a database server that is gone; a file does not come back."""
    if not is_server(request.database):
        return once
    return RetryPolicy(lock, request.patience, partial(typer.echo, err=True))


def fill(
    work: Work,
    record: RunRecord,
    reporter: Reporter | None = None,
    executor: Engine | None = None,
) -> Outcome:
    """Run the stages of a recorded run.

    Raises:
        UnitsFailedError: at the end, when everything else is stored.
    """
    writer, executor = record.writer, executor or Local(work.network)
    writer.put_model(work.model, rename=work.request.classes is not None)
    if work.dataset is not None:
        writer.put_dataset(store_records.dataset_record(work.dataset))
    progress, outcome = _RunProgress(record, reporter or Silent()), Outcome()
    for stage in requested_stages(work.request):
        outcome = outcome.plus(_run_stage(stage, work, writer, progress, executor))
        _refresh_derived(work.model.slug, writer, progress)
    record.outcome = outcome
    outcome.require_all()
    return outcome


def _run_stage(
    stage: AnyStage, work: Work, writer: Writer, progress: StageProgress, executor: Engine
) -> Outcome:
    """Do what is missing of a stage; what is stored is left alone, and counted."""
    plan = stage.plan(work, Store(writer.engine, writer.patience))
    left_alone = Outcome(stored=plan.stored, other_recipe=plan.other_recipe)
    outcome = Outcome() if work.request.force else left_alone
    if plan.count:
        outcome = outcome.plus(stage.run(work, plan, writer, progress, executor))
    return outcome


def _refresh_derived(model: str, writer: Writer, progress: StageProgress) -> None:
    """Refresh what is derived from stored rows, where it is out of date, also by a killed run.

    Thumbnail sheets take the longest and count as a stage; the rest is quick.
    """
    sheets = writer.patience(partial(outdated_sheets, writer.engine, model))
    if sheets:
        progress.begin("thumbnails", len(sheets))
    for done, sheet in enumerate(sheets, start=1):
        writer.patience(partial(renew_sheet, writer, model, sheet))
        progress.update(done)
    writer.patience(partial(refresh, writer, model))


class _RunProgress:
    """Passes progress to the user at once, and to the database every few seconds."""

    def __init__(self, record: RunRecord, reporter: Reporter) -> None:
        self._record, self._reporter = record, reporter
        self._stage, self._total, self._last_beat = "", 0, 0.0

    def begin(self, stage: str, total: int) -> None:
        self._stage, self._total, self._last_beat = stage, total, 0.0
        self._reporter.begin(stage, total)
        self.update(0)

    def update(self, done: float) -> None:
        self._reporter.update(done)
        if time.monotonic() - self._last_beat > HEARTBEAT_SECONDS or done >= self._total:
            self._record.writer.beat(self._record.number, self._stage, int(done), self._total)
            self._last_beat = time.monotonic()

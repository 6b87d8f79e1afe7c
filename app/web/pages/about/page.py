"""`/about`: what this data is: computed from what, how, when, and how to cite and repeat it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from app.db.queries import catalog, counts, image_ranges, recipe_usage, run_status
from app.db.transactions import Source
from app.db.views import DatasetView, ModelView, RunView
from app.db.views.overview import SourceView
from app.web.dependencies import AppStateDep, Origin
from app.web.pages.about.bibliography import SOURCES, Reference
from app.web.pages.about.citation import bibtex
from app.web.pages.about.contents import CoverageTable, RecipeGroup, recipe_groups, table
from app.web.pages.templates import Shell, card, page

TEXT = "What was computed here: from which weights and images, by which recipes, and when."

# As many as a page can bear; older ones are counted.
RUNS = 40

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run, with what became of it in words."""

    view: RunView
    state: str
    seconds: float
    """From its beginning to the last that was heard of it."""


@dataclass(frozen=True, slots=True)
class ModelProvenance:
    """All that is known of how a model's data came about."""

    model: ModelView
    latest: RunView | None
    table: CoverageTable
    datasets: tuple[DatasetView, ...]
    """Those that it was shown."""
    recipes: tuple[RecipeGroup, ...]
    runs: tuple[RunSummary, ...]
    """The latest first."""
    commands: tuple[str, ...]
    """What to type to get the same, in this order."""
    labels: tuple[SourceView, ...]
    citation: str
    """BibTeX."""


@dataclass(frozen=True, slots=True)
class AboutPage:
    """What `about.html` shows."""

    shell: Shell
    accounts: tuple[ModelProvenance, ...]
    """The models, in the order in which they were stored."""
    hidden: int
    """How many pictures the maintainer hides."""
    sources: tuple[Reference, ...] = SOURCES


@router.get("/about")
def about(app_state: AppStateDep, origin: Origin) -> HTMLResponse:
    urls, links = app_state.urls, app_state.urls.at(origin)
    with app_state.snapshot() as db:
        datasets = {view.slug: view for view in run_status.datasets(db)}
        shell = Shell(
            "About this data",
            run=run_status.live_run(db),
            data=urls.api_models(),
            card=card(links, links.about(), "About this data", TEXT),
        )
        accounts = tuple(
            _account(db, model, datasets, links.model(model.slug)) for model in catalog.models(db)
        )
        context = AboutPage(shell, accounts, counts.hidden(db))
    return page(app_state, "about.html", context)


def _account(
    db: Source, model: ModelView, datasets: Mapping[str, DatasetView], address: str
) -> ModelProvenance:
    channels = counts.channels(db, model.slug)
    made = image_ranges.stretches(db, model.slug)
    uses = recipe_usage.recipe_uses(db, model.slug, made)
    texts = recipe_usage.recipe_texts(db, {use.recipe for use in uses})
    runs = run_status.runs(db, model.slug, RUNS)
    latest = run_status.latest_run(db, model.slug)
    return ModelProvenance(
        model,
        latest,
        table(channels, counts.picture_counts(db, model.slug, made), uses, datasets),
        tuple(view for slug, view in datasets.items() if slug in {use.dataset for use in uses}),
        recipe_groups(tuple(channels), uses, texts, datasets),
        tuple(told(run) for run in runs),
        commands(runs),
        counts.label_sources(db, model.slug),
        cited(model, latest, address),
    )


def told(run: RunView, now: datetime | None = None) -> RunSummary:
    """A run in words; one that is not heard of any more was killed."""
    is_lost = run.state == "running" and not run.is_alive(now)
    lasted = (run.heartbeat - run.started).total_seconds()
    return RunSummary(run, "ended without a word" if is_lost else run.state, lasted)


def commands(runs: Sequence[RunView]) -> tuple[str, ...]:
    """What was typed for all that is stored, the first first; each once."""
    worked = (run.command for run in reversed(runs) if run.total or run.state == "finished")
    return tuple(dict.fromkeys(worked))


def cited(model: ModelView, latest: RunView | None, address: str) -> str:
    """A model's BibTeX."""
    version = f", computed with Inception Microscope {latest.version}" if latest else ""
    return bibtex(
        f"inception-microscope-{model.slug}",
        f"Inception Microscope: {model.title}",
        address,
        (latest.started if latest else model.created).year,
        f"Feature visualizations and dataset examples of every unit; weights with SHA-256 "
        f"{model.weights_sha256}{version}",
    )

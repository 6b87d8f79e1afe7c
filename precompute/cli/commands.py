"""The commands `microscope precompute`, `weights` and `demo`.

They are registered through an entry point. Nothing heavy is imported until a command runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.config import read_settings
from app.techniques import DEFAULT
from precompute.cli.demo import demo
from precompute.cli.options import option, require_torch
from precompute.cli.signals import interruptible
from precompute.cli.weights import weights
from precompute.request import AUTO, LOCAL, Request, split
from precompute.stages.registry import technique_names

if TYPE_CHECKING:
    from precompute.stages.outcome import Outcome


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(precompute)
    app.command()(demo)
    app.add_typer(weights, name="weights")


def precompute(
    model: Annotated[
        str,
        option("model", "The variant: inceptionv1, googlenet-bvlc, googlenet-torchvision or toy."),
    ],
    weights: Annotated[
        Path | None, option("weights", "A weights file, instead of the cache's.")
    ] = None,
    name: Annotated[
        str | None, option("name", "The model's public name; default the variant's.")
    ] = None,
    classes: Annotated[
        Path | None, option("classes", "A text file with the classes' names, one a line.")
    ] = None,
    dataset: Annotated[
        str | None,
        option("dataset", "A folder of images, a name in the cache's images/, or `drawn`."),
    ] = None,
    dataset_name: Annotated[
        str | None, option("dataset-name", "The data set's public name; default its folder's.")
    ] = None,
    licence: Annotated[
        str | None, option("licence", "A note of the data set's terms, shown with its images.")
    ] = None,
    private: Annotated[
        bool,
        option(
            "private",
            "Keep the data set's pictures out of the database: only positions, "
            "statistics and labels go in.",
        ),
    ] = False,
    database: Annotated[
        str | None, option("database", "A file path or an SQLAlchemy URL; default microscope.db.")
    ] = None,
    layers: Annotated[
        str | None, option("layers", "Layers, separated by commas; default all, with logits.")
    ] = None,
    units: Annotated[str | None, option("units", "Units, such as 0-31,40; default all.")] = None,
    techniques: Annotated[
        str,
        option(
            "techniques", f"Of {', '.join(technique_names())}; done in the order given; or `all`."
        ),
    ] = ",".join(DEFAULT),
    steps: Annotated[
        int | None, option("steps", "Steps of the optimiser; default what suits the layer.")
    ] = None,
    size: Annotated[
        int | None, option("size", "Pixels along a picture's side; default what suits the layer.")
    ] = None,
    photograph: Annotated[
        Path | None, option("photograph", "An image that deepdream starts from too.")
    ] = None,
    seeds: Annotated[int, option("seeds", "Pictures of each unit.")] = 1,
    top: Annotated[int, option("top", "Dataset examples of each unit.")] = 24,
    images: Annotated[
        int | None, option("images", "Scan a fair sample of this many images; default all.")
    ] = None,
    device: Annotated[str, option("device", "cpu, cuda, cuda:1 or mps.")] = "cpu",
    dtype: Annotated[
        str,
        option(
            "dtype",
            "What renders: bfloat16 (a third faster) or float32; auto is the first "
            "where the device has it.",
        ),
    ] = AUTO,
    dry_run: Annotated[bool, option("dry-run", "Say what would be done, and do nothing.")] = False,
    force: Annotated[bool, option("force", "Make again what is stored already.")] = False,
    patience: Annotated[
        int, option("patience", "Seconds to wait for a PostgreSQL that is gone, each time.")
    ] = 600,
    engine: Annotated[
        str, option("engine", "Where the work is done: local, or by the workers of ray.")
    ] = LOCAL,
    address: Annotated[
        str | None,
        option("address", "The Ray cluster to join: auto or HOST:PORT; default one of its own."),
    ] = None,
    gpus: Annotated[
        float | None, option("gpus", "The share of a GPU that each of Ray's workers takes.")
    ] = None,
    cpus: Annotated[
        int | None, option("cpus", "The cores that each of Ray's workers takes.")
    ] = None,
) -> None:
    """Render feature visualizations and find dataset examples; done already is left alone."""
    require_torch()
    place = read_settings(database=database).database
    request = Request(
        model, weights, name, classes, dataset, dataset_name, licence, private, place,
        split("--layers", layers), units,
        technique_names() if techniques == "all" else split("--techniques", techniques),
        steps, size, photograph, seeds, top, images, device, dtype, force,
        patience, engine, address, gpus, cpus,
    )  # fmt: skip
    if dry_run:
        _print_estimate(request)
    else:
        _run(request)


def _run(request: Request) -> None:
    with interruptible():
        from app.cli.progress import run_reporter
        from app.db.lock import require_free
        from precompute.pipeline import run
        from precompute.prepare import prepare
        from precompute.stages.outcome import UnitsFailedError
        from precompute.validation import check

        check(request)
        require_free(request.database)  # before minutes go into reading a data set
        work = prepare(request)
        try:
            with run_reporter() as reporter:
                outcome = run(work, reporter)
        except UnitsFailedError as failed:
            _print_summary(failed.outcome, request)
            raise
    _print_summary(outcome, request)


def _print_summary(outcome: Outcome, request: Request) -> None:
    from precompute.cli.summary import sentences

    for sentence in sentences(outcome, request):
        typer.echo(sentence)


def _print_estimate(request: Request) -> None:
    from precompute.cli.estimate import estimate
    from precompute.prepare import prepare

    for sentence in estimate(prepare(request)).sentences():
        typer.echo(sentence)

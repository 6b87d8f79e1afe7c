"""`microscope demo`: precompute a sample and serve it while it fills.

It takes a real InceptionV1 where the cache holds one, else the toy network that comes with the
package, and says which, and how to get the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from app.config import PREFIX, Settings, read_settings
from precompute.cli.options import option, require_torch
from precompute.cli.signals import interruptible
from precompute.executors.cpu_sharing import share_cores
from precompute.request import Request

if TYPE_CHECKING:
    from app.web.server import Server
    from precompute.pipeline import RunRecord
    from precompute.stages.outcome import Outcome

# Two cores compute either sample in under three minutes. Examples go first: photographs are on
# every page within the first half minute, and pictures then appear beside them.
TOY = Request(
    "toy",
    dataset="drawn",
    units="0-15",
    techniques=("examples", "channel", "logit"),
    size=128,
    top=12,
)
REAL = replace(TOY, model="googlenet-bvlc", units="0-7", size=None, images=1000)
REAL_VARIANTS = ("inceptionv1", "googlenet-bvlc", "googlenet-torchvision")


def demo(
    database: Annotated[
        str | None, option("database", "Where the demo is kept; default demo.db.")
    ] = None,
    host: Annotated[str | None, option("host", "The address to listen on.")] = None,
    port: Annotated[int | None, option("port", "The port.")] = None,
    serve: Annotated[
        bool, typer.Option(envvar=f"{PREFIX}SERVE", help="Serve the pages, until Ctrl-C.")
    ] = True,
) -> None:
    """Precompute a small sample and serve it; what is stored already is used again."""
    require_torch()
    share_cores()
    from precompute.pipeline import record_run

    settings = read_settings(database=database or "demo.db", host=host, port=port)
    request = replace(choose(), database=settings.database)
    for sentence in explain(request):
        typer.echo(sentence)
    # Recorded first: a server needs a database, and its pages say that a run goes on. Interrupted
    # also while it stops: the interpreter must not end before the server's thread has.
    with interruptible(), ExitStack() as stopping:
        with record_run(request) as record:
            server = _serve(settings, stopping) if serve else None
            record.outcome = _fill(request, record)
        if server is not None:
            typer.echo(f"Everything is there: {server.address} (Ctrl-C stops)")
            server.wait()


def _serve(settings: Settings, stopping: ExitStack) -> Server:
    """A server beside the work, stopped in order at the end: an interpreter that ends under a
    running event loop can take the process down with it."""
    from app.web.server import Server

    server = Server(settings)
    stopping.callback(server.stop)
    server.start()
    typer.echo(f"Serving on {server.address} (Ctrl-C stops); the pages fill from now on.")
    return server


def choose() -> Request:
    """What the demo precomputes: a sample of a real network where one is in the cache."""
    from precompute.network.published_weights import cached

    for variant in REAL_VARIANTS:
        if cached(variant) is not None:
            return replace(REAL, model=variant, dataset=_images())
    return TOY


def explain(request: Request) -> Iterator[str]:
    """Which network the demo took, and how to get the other."""
    from precompute.network.published_weights import cached, weights_folder

    if request.model == "toy":
        yield (
            "The demo takes the toy network and its drawn images: there are no weights of a real "
            f"InceptionV1 in {weights_folder()}."
        )
        yield "For a real one: microscope weights get googlenet-bvlc, then the demo again."
    else:
        yield (
            f"The demo takes a sample of {request.model}, whose weights are {cached(request.model)}"
            f", over the images {request.dataset!r}."
        )
        yield "For the toy: MICROSCOPE_HOME=/tmp/empty microscope demo --database toy.db"


def _images() -> str:
    """The first folder of the cache's images with an image in it, else the drawn images."""
    from precompute.images.dataset import image_files

    images = Settings().home.expanduser() / "images"
    folders = sorted(path for path in images.glob("*") if path.is_dir())
    return next((path.name for path in folders if any(image_files(path))), "drawn")


def _fill(request: Request, record: RunRecord) -> Outcome:
    from app.cli.progress import run_reporter
    from precompute.cli.summary import skipped
    from precompute.pipeline import fill
    from precompute.prepare import prepare

    work = prepare(request)
    with run_reporter() as reporter:
        outcome = fill(work, record, reporter)
    for sentence in skipped(outcome.skipped):
        typer.echo(sentence)
    return outcome

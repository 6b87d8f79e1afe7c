"""`microscope weights`: where each variant's weights are published, fetching and proving them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

weights = typer.Typer(
    help="The published weights of each variant: list, get, verify.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(help="A variant, as `microscope weights list` names it.")]


@weights.command("list")
def list_() -> None:
    """Show the variants: where each is published, its licence, and whether it is here."""
    from precompute.network.architecture import VARIANTS
    from precompute.network.sources import SOURCES, cached, digest, weights_folder

    console = Console(soft_wrap=True)
    for source in SOURCES.values():
        path = cached(source.variant)
        console.print(f"[bold]{source.variant}[/bold]  {VARIANTS[source.variant].title}")
        console.print(f"  published by {source.publisher}", highlight=False)
        if source.url:
            console.print(f"  {source.url}", highlight=False)
        console.print(f"  licence: {source.licence}", highlight=False)
        if path is None:
            console.print(f"  not in {weights_folder()}: microscope weights get {source.variant}")
        else:
            console.print(f"  here: {path}\n  SHA-256 {digest(path)}", highlight=False)


@weights.command()
def get(name: Name) -> None:
    """Download a variant's weights into the cache, unless they are there."""
    from precompute.network import sources

    columns = (BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=None)
        path = sources.get(
            name, lambda done, total: bar.update(task, completed=done, total=total or None)
        )
    typer.echo(f"{path}\nSHA-256 {sources.digest(path)}")


@weights.command()
def verify(
    name: Name,
    images: Annotated[
        str | None,
        typer.Option(help="A folder whose subfolders are named by class; also measures accuracy."),
    ] = None,
    weights: Annotated[
        Path | None, typer.Option(help="A weights file, instead of the cache's.")
    ] = None,
) -> None:
    """Check that a variant's weights fit, and how often they are right over labelled images."""
    from precompute.cli import require_torch

    require_torch()
    from precompute.engine import fix_threads
    from precompute.network import find, load

    fix_threads()
    found = find(name, weights)
    network = load(name, found.path)
    classes = network.layers[-1].channels
    typer.echo(f"{found.path}\nSHA-256 {found.sha256}\nfits {name}, with {classes:,} classes")
    if images is not None:
        from precompute.examples.accuracy import accuracy
        from precompute.examples.dataset import find_dataset
        from precompute.summary import skipped

        result = accuracy(network, find_dataset(images))
        typer.echo(
            f"top-1 {result.top1:.1%}, top-5 {result.top5:.1%} over {result.images:,} images"
        )
        for sentence in skipped(result.skipped):
            typer.echo(sentence)

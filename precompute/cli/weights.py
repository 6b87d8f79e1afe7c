"""`microscope weights`: where each variant's weights are published, fetching and proving them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.text import many
from precompute.cli.options import option, require_torch

weights = typer.Typer(
    help="The published weights of each variant: list, get, verify.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(help="A variant, as `microscope weights list` names it.")]
Images = Annotated[
    str | None,
    option("images", "A folder whose subfolders are named by class; also measures accuracy."),
]
File = Annotated[Path | None, option("weights", "A weights file, instead of the cache's.")]


@weights.callback()
def needs_torch() -> None:
    """The published weights of each variant: list, get, verify."""
    require_torch()


@weights.command("list")
def list_() -> None:
    """Show the variants: where each is published, its licence, and whether it is here."""
    from rich.console import Console

    from precompute.network.published_weights import SOURCES

    console = Console(soft_wrap=True, highlight=False)
    for variant in SOURCES:
        for line in _lines(variant):
            console.print(line, markup=False)


def _lines(variant: str) -> list[str]:
    from precompute.network.architecture import VARIANTS
    from precompute.network.published_weights import SOURCES, cached, digest, weights_folder

    source, path = SOURCES[variant], cached(variant)
    here = (
        [f"  here: {path}", f"  SHA-256 {digest(path)}"]
        if path
        else [f"  not in {weights_folder()}: microscope weights get {variant}"]
    )
    return [
        f"{variant}: {VARIANTS[variant].title}",
        f"  published by {source.publisher}",
        *([f"  {source.url}"] if source.url else []),
        f"  licence: {source.licence}",
        *here,
    ]


@weights.command()
def get(name: Name) -> None:
    """Download a variant's weights into the cache, unless they are there."""
    from app.cli.progress import download_bar
    from precompute.network import published_weights
    from precompute.network.weights import fitting

    with download_bar() as progress:
        path = published_weights.get(name, progress, check=fitting)
    typer.echo(f"{path}\nSHA-256 {published_weights.digest(path)}")


@weights.command()
def verify(name: Name, images: Images = None, weights: File = None) -> None:
    """Check that a variant's weights fit, and how often they are right over labelled images."""
    from precompute.executors.devices import fix_threads
    from precompute.network import find, load

    fix_threads()
    found = find(name, weights)
    network = load(name, found.path)
    classes = many(network.layers[-1].channels, "class", "classes")
    typer.echo(f"{found.path}\nSHA-256 {found.sha256}\nfits {name}, with {classes}")
    if images is None:
        return
    from precompute.cli.accuracy import accuracy
    from precompute.cli.summary import skipped
    from precompute.images.find_dataset import find_dataset

    result = accuracy(network, find_dataset(images))
    over = many(result.images, "image")
    typer.echo(f"top-1 {result.top1:.1%}, top-5 {result.top5:.1%} over {over}")
    for sentence in skipped(result.skipped):
        typer.echo(sentence)

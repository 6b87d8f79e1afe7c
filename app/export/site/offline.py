"""The files that only a copy has: pages in place of those that need a server, its search index,
the page of an unknown address, and a README.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from app.db.queries import catalog
from app.db.views import ModelView
from app.export.readme import site_readme
from app.export.site.index import SearchIndex
from app.web.dependencies import AppState
from app.web.error_handlers import MESSAGES, FailurePage
from app.web.file_urls import SEARCH_INDEX, FileAddress, FileUrls
from app.web.pages.templates import Shell, render

NOT_FOUND = "404.html"
TITLES = {
    "search": "Search",
    "random": "A random unit",
    "compare": "Compare units",
    "copy": "A static copy",
}

StateOf = Callable[[FileAddress], AppState]
"""The application's state with the addresses of one file."""


@dataclass(frozen=True, slots=True)
class OfflinePage:
    """What `offline.html` shows."""

    shell: Shell
    kind: str
    """One of `TITLES`."""
    title: str
    models: tuple[str, ...]
    """The titles of the models that are in the copy."""
    layers: tuple[str, ...]
    """The only layers that are; empty where all are."""
    has_all_views: bool


def offline_files(
    state_of: StateOf,
    models: Sequence[ModelView],
    layers: tuple[str, ...],
    has_all_views: bool,
) -> Iterator[tuple[str, str]]:
    """The files by name with their text."""
    titles = tuple(model.title for model in models)
    for kind, title in TITLES.items():
        address = FileAddress((kind,), is_page=True)
        page = OfflinePage(Shell(title), kind, title, titles, layers, has_all_views)
        yield address.file, render(state_of(address), "offline.html", page)
    yield SEARCH_INDEX, _index(state_of(FileAddress((), is_page=True)), models)
    yield NOT_FOUND, _not_found(state_of(FileAddress((NOT_FOUND,))))
    yield "README.md", site_readme(titles, layers)
    yield ".nojekyll", ""  # GitHub Pages would try to build a site from it


def _index(state: AppState, models: Sequence[ModelView]) -> str:
    urls = state.urls
    assert isinstance(urls, FileUrls)
    index = SearchIndex(urls)
    with state.snapshot() as db:
        for model in models:
            layers = catalog.layers(db, model.slug)
            index.add_model(
                db, model.slug, [each for each in layers if urls.layer(model.slug, each.name)]
            )
    return index.text()


def _not_found(state: AppState) -> str:
    """Servers show this page at every depth: it links only where links can be absolute."""
    urls = state.urls.at("")
    page = FailurePage(404, *MESSAGES[404], request="")
    has_site = isinstance(urls, FileUrls) and bool(urls.site)
    names = {"page": page, "urls": urls if has_site else None}
    return state.templates.get_template("failure.html").render(names)

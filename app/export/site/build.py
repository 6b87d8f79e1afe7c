"""A static copy of the explorer: asked for page by page, then rewritten into files.

The pages are the application's own answers, so that a copy cannot drift from what is served. Two
walks: first everything is asked for, then every link is rewritten, when it is known what there is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from app.config import Settings
from app.db.privacy import publish
from app.db.queries import catalog
from app.errors import NotFound
from app.export.folder import ExportProgress, Folder
from app.export.manifest import facts
from app.export.site.client import ask, completed
from app.export.site.crawl import Crawl
from app.export.site.extras import Own
from app.export.site.file_names import file_of
from app.export.site.index import INDEX
from app.export.site.link_targets import Links, LinkSource
from app.export.site.offline import ABOUT
from app.export.site.page_additions import Frame
from app.export.site.rewriting import Rewriting
from app.export.site.scope import ExportScope
from app.export.site.sentinel import FoundAddress, Sentinel
from app.main import create_app
from app.web.dependencies import AppState
from app.web.urls import Urls


@dataclass(frozen=True, slots=True)
class SiteOrder:
    """What is to be copied, and where to."""

    database: str
    out: Path
    models: frozenset[str] = frozenset()
    layers: frozenset[str] = frozenset()
    has_all_views: bool = False
    site: str = ""
    """Where the copy will be published; empty where nobody said."""


def export_site(order: SiteOrder, progress: ExportProgress) -> Folder:
    """Make or renew a copy; the folder tells what was written."""
    sentinel = Sentinel()
    settings = Settings(
        database=order.database, root_path=sentinel.prefix, site=sentinel.origin, query_seconds=0
    )
    app = create_app(settings)
    app_state: AppState = app.state.app_state
    publish(app_state.engine)
    return _Site(app, app_state, sentinel, order, progress).export()


class _Site:
    """One export, from the first question to the manifest."""

    def __init__(
        self,
        app: FastAPI,
        app_state: AppState,
        sentinel: Sentinel,
        order: SiteOrder,
        progress: ExportProgress,
    ) -> None:
        self.app, self.app_state, self.sentinel = app, app_state, sentinel
        self.order, self.progress = order, progress
        self.apart = _apart(sentinel, app_state.urls)
        self.scope = ExportScope(
            order.models, order.layers, order.has_all_views, frozenset(self.apart)
        )

    def export(self) -> Folder:
        _require(self.app_state, self.scope)
        with closing(Folder(self.order.out, "site")) as folder:
            crawl = Crawl(
                self.app,
                self.sentinel,
                self.scope,
                folder,
                partial(self.progress, "Requesting"),
            )
            with closing(crawl.spool):
                failure = self._failure()
                completed(crawl.run(self._seeds(failure)))
                links = Links(crawl.files, crawl.aliases, self._scripted(), self.order.site)
                rewriting = self._rewriting(links)
                self._write_texts(crawl, rewriting, folder)
            own = Own(self.app_state, self.sentinel, self.scope, links, rewriting)
            for name, data in own.files(failure):
                folder.write(name, data)
            counts = _counts(links.files.values())
            folder.finish(facts(self.app_state.engine, "site", _told(self.order), counts))
        self.app_state.engine.dispose()
        return folder

    def _failure(self) -> str:
        """The application's page of an address that it does not know."""
        path = f"{self.sentinel.prefix}/{self.sentinel.token}"
        return completed(ask(self.app, path)).body.decode("utf-8")

    def _seeds(self, failure: str) -> list[FoundAddress]:
        """Where the walk begins: the home page, what machines look for, and every module."""
        urls = self.app_state.urls
        scripts = [
            urls.static(name) for name in self.app_state.assets.files if name.endswith(".js")
        ]
        paths = (urls.home(), urls.robots(), urls.llms(), *scripts)
        found = [found for path in paths if (found := self.sentinel.read(path))]
        return [*found, *self.sentinel.find(failure)] if self.order.site else found

    def _scripted(self) -> Mapping[str, str]:
        """The pages that a script of the copy makes, by path."""
        return {path: file for path, file in self.apart.items() if file}

    def _rewriting(self, links: Links) -> Rewriting:
        script = self.sentinel.read(self.app_state.urls.static("offline.js"))
        assert script is not None
        frame = Frame(links.files[script.key], INDEX, f"{ABOUT}/index.html")
        return Rewriting(self.sentinel, links, frame)

    def _write_texts(self, crawl: Crawl, rewriting: Rewriting, folder: Folder) -> None:
        for number, (waiting, text) in enumerate(crawl.spool.read(), start=1):
            source = LinkSource(waiting.file, waiting.path)
            new = rewriting.rewritten(text, waiting.media_type, source)
            folder.write(waiting.file, new.encode())
            self.progress("Writing", number, len(crawl.spool))


def _counts(files: Iterable[str]) -> Mapping[str, int]:
    """How many files there are of each kind."""
    kinds = {"html": "pages", "json": "data"}
    found = Counter(kinds.get(file.rpartition(".")[2], "others") for file in set(files))
    pictures = Counter("pictures" for file in set(files) if file.startswith("img/"))
    return dict(sorted((found + pictures).items()))


def _require(app_state: AppState, scope: ExportScope) -> None:
    """Refuse a model or a layer that is not there, before anything is written."""
    models = {
        each.slug: catalog.layer_names(app_state.engine, each.slug)
        for each in catalog.models(app_state.engine)
    }
    for name in sorted(scope.models - models.keys()):
        raise NotFound(f"There is no model {name!r} here. There are {', '.join(models)}.")
    chosen = [layers for slug, layers in models.items() if not scope.models or slug in scope.models]
    known = {layer for layers in chosen for layer in layers}
    for name in sorted(scope.layers - known):
        raise NotFound(f"There is no layer {name!r} here. There are {', '.join(sorted(known))}.")


def _apart(sentinel: Sentinel, urls: Urls) -> Mapping[str, str]:
    """The paths that only a server can answer, with the copy's own file in their place, if any."""
    own = {urls.search(): "search", urls.random(): "random", urls.compare([]): "compare"}
    paths = {address: file_of(f"/{name}", "", "text/html") for address, name in own.items()}
    paths[urls.suggestions()] = ""
    return {
        found.path: file
        for address, file in paths.items()
        if (found := sentinel.read(address)) is not None
    }


def _told(order: SiteOrder) -> dict[str, object]:
    """The scope, as the manifest tells it."""
    return {
        "models": sorted(order.models),
        "layers": sorted(order.layers),
        "views": "all" if order.has_all_views else "default",
        "site": order.site,
    }

"""A static copy of the explorer: pages rendered by the application, as files with relative links.

The models, layers and units of the copy are read from the database. Their other states, their data
and their pictures are those that the pages are given addresses of. Each file is written as soon as
it is rendered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from fastapi import FastAPI

from app.config import Settings
from app.db.privacy import publish
from app.db.queries import catalog
from app.db.queries.images import stored_images
from app.errors import MicroscopeError, NotFound
from app.export.folder import ExportProgress, Folder
from app.export.manifest import facts
from app.export.site.offline import offline_files
from app.export.site.rendering import rendered
from app.main import create_app
from app.web.dependencies import AppState
from app.web.file_urls import FileAddress, FileUrls, SiteFiles
from app.web.image_loader import BATCH

# What is rendered last: it has addresses of those files alone that pages need.
DATA = ".json"


@dataclass(frozen=True, slots=True)
class SiteOrder:
    """What is to be copied, and where to."""

    database: str
    out: Path
    models: frozenset[str] = frozenset()
    layers: frozenset[str] = frozenset()
    has_all_views: bool = False
    site: str = ""
    """Where the copy will be published; empty if unknown."""


def export_site(order: SiteOrder, progress: ExportProgress) -> Folder:
    """Make or renew a copy; the folder says what was written."""
    app = create_app(Settings(database=order.database, query_seconds=0))
    state: AppState = app.state.app_state
    publish(state.engine)
    units = _units(state, order)
    with closing(Folder(order.out, "site")) as folder:
        export = _Export(app, state, SiteFiles(units, order.has_all_views), order.site, folder)
        export.write_pages(progress)
        models = [each for each in catalog.models(state.engine) if each.slug in units]
        layers = tuple(sorted(order.layers))
        texts = offline_files(export.state_of, models, layers, order.has_all_views)
        for name, text in texts:
            folder.write(name, text.encode())
        folder.finish(facts(state.engine, "site", _scope(order), _counts(export.files.files)))
    state.engine.dispose()
    return folder


class _Export:
    """Writes what the application renders until nothing is left that a page refers to."""

    def __init__(
        self, app: FastAPI, state: AppState, files: SiteFiles, site: str, folder: Folder
    ) -> None:
        self.state, self.files, self.site, self.folder = state, files, site, folder
        self._schema = app.openapi()
        self._pages: list[tuple[str, FileAddress]] = []
        self._data: list[tuple[str, FileAddress]] = []
        self._pictures: list[tuple[str, FileAddress]] = []
        self._done = self._count = 0

    def state_of(self, address: FileAddress) -> AppState:
        """The application's state, with addresses as they stand in one file."""
        urls = FileUrls(
            digest=self.state.assets.digest, files=self.files, source=address, site=self.site
        )
        return replace(self.state, urls=urls)

    def write_pages(self, progress: ExportProgress) -> None:
        self._begin()
        while self._pages:
            self._write(*self._pages.pop(), progress)
            self._sort()
            if len(self._pictures) >= BATCH:
                self._write_pictures()
        self._write_pictures()
        self.files.is_complete = True
        for name, address in self._data:
            self._write(name, address, progress)

    def _begin(self) -> None:
        """Add every model, layer and unit, and what no page refers to."""
        urls = self.state_of(FileAddress((), is_page=True)).urls
        for address in (urls.home, urls.models, urls.robots, urls.llms):
            address()
        for name in self.state.assets.files:
            if name.endswith(".js"):
                urls.static(name)
        for model, layers in self.files.units.items():
            urls.model(model)
            for layer, count in layers.items():
                urls.layer(model, layer)
                urls.units(model, layer, range(count))
        self._sort()

    def _sort(self) -> None:
        """Queue what the last page referred to."""
        for name, address in self.files.take():
            if address.names[:1] == ("img",):
                self._pictures.append((name, address))
                continue
            self._count += 1
            (self._data if name.endswith(DATA) else self._pages).append((name, address))

    def _write(self, name: str, address: FileAddress, progress: ExportProgress) -> None:
        data = self._render(name, address)
        if data is None:
            self.files.drop(name)
        else:
            self.folder.write(name, data)
        self._done += 1
        progress("Writing", self._done, self._count)

    def _render(self, name: str, address: FileAddress) -> bytes | None:
        """None where what a page refers to is damaged, which `microscope check` reports."""
        try:
            return rendered(self.state_of(address), self._schema, address)
        except MicroscopeError as error:
            if isinstance(error, NotFound) and not address.is_page:
                return None
            raise MicroscopeError(f"{name} could not be rendered: {error.message}") from error

    def _write_pictures(self) -> None:
        """Write the pictures that wait, but for those that are there from an earlier export."""
        names = {address.names[1].partition(".")[0]: name for name, address in self._pictures}
        self._pictures.clear()
        known = {sha256 for sha256, name in names.items() if self.folder.known(name) == sha256}
        for sha256 in known:
            self.folder.keep(names.pop(sha256))
        hashes = list(names)
        for start in range(0, len(hashes), BATCH):
            stored = stored_images(self.state.engine, hashes[start : start + BATCH])
            for sha256 in hashes[start : start + BATCH]:
                if sha256 in stored:
                    self.folder.write(names[sha256], stored[sha256].bytes)
                else:  # hidden meanwhile
                    self.files.drop(names[sha256])


def _units(state: AppState, order: SiteOrder) -> dict[str, dict[str, int]]:
    """How many units each layer of the copy has, by model and layer."""
    with state.snapshot() as db:
        models = {
            each.slug: {layer.name: layer.channels for layer in catalog.layers(db, each.slug)}
            for each in catalog.models(db)
        }
    chosen = {slug: models[slug] for slug in _chosen("model", order.models, list(models))}
    known = {name for layers in chosen.values() for name in layers}
    kept = _chosen("layer", order.layers, sorted(known))
    return {
        slug: {name: count for name, count in layers.items() if name in kept}
        for slug, layers in chosen.items()
    }


def _chosen(kind: str, wanted: frozenset[str], names: Sequence[str]) -> list[str]:
    """The names that are wanted; all where none is. Raises `NotFound` for one that is not there."""
    for name in sorted(wanted - set(names)):
        raise NotFound(f"There is no {kind} {name!r} here. There are {', '.join(names)}.")
    return [name for name in names if not wanted or name in wanted]


def _counts(files: Iterable[str]) -> Mapping[str, int]:
    """How many files there are of each kind."""
    kinds = {"html": "pages", "json": "data"}
    names = list(files)
    found = Counter(kinds.get(name.rpartition(".")[2], "others") for name in names)
    pictures = Counter("pictures" for name in names if name.startswith("img/"))
    return dict(sorted((found + pictures).items()))


def _scope(order: SiteOrder) -> dict[str, object]:
    """The scope, as the manifest has it."""
    return {
        "models": sorted(order.models),
        "layers": sorted(order.layers),
        "views": "all" if order.has_all_views else "default",
        "site": order.site,
    }

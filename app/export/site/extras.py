"""What only a copy has: its own pages, its index, the page of what is not there, a README."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.db.queries import catalog
from app.db.views import ImageView
from app.export.readme import site_readme
from app.export.site.index import indices
from app.export.site.link_targets import Links, LinkSource
from app.export.site.offline import TITLES, offline_page
from app.export.site.page_additions import bare, policed
from app.export.site.rewriting import Rewriting
from app.export.site.scope import ExportScope, PagePlace
from app.export.site.sentinel import Sentinel
from app.web.dependencies import AppState

ABSENT = "404.html"


@dataclass(frozen=True, slots=True)
class Own:
    """What is needed to make them."""

    app_state: AppState
    sentinel: Sentinel
    scope: ExportScope
    links: Links
    rewriting: Rewriting

    def files(self, failure: str) -> Iterator[tuple[str, bytes]]:
        """The files by name; `failure` is the application's page of an unknown address."""
        shown = catalog.models(self.app_state.engine)
        models = tuple(each.title for each in shown if self.scope.holds_place(PagePlace(each.slug)))
        layers, views = tuple(sorted(self.scope.layers)), self.scope.has_all_views
        for kind in TITLES:
            html = offline_page(self.app_state, kind, models, layers, views)
            file = f"{kind}/index.html"
            yield file, self.rewriting.page(html, LinkSource(file, f"/{kind}")).encode()
        yield from self._indices().items()
        yield ABSENT, self._absent(failure).encode()
        yield "README.md", site_readme(models, layers).encode()
        yield ".nojekyll", b""  # GitHub Pages would try to build a site from it

    def _indices(self) -> Mapping[str, bytes]:
        urls = self.app_state.urls

        def unit_file(model: str, layer: str, unit: int) -> str | None:
            return self._file(urls.unit(model, layer, unit))

        def picture_file(image: ImageView) -> str | None:
            return self._file(urls.image(image.sha256, image.media_type))

        with self.app_state.snapshot() as db:
            return indices(db, self.scope, unit_file, picture_file)

    def _file(self, address: str) -> str | None:
        found = self.sentinel.read(address)
        return self.links.file(found) if found else None

    def _absent(self, failure: str) -> str:
        """Servers show this page at every depth: it links only where links can be absolute."""
        site = self.links.site
        if site:
            failure = self.sentinel.replace(failure, lambda each: self.links.absolute(each) or site)
        frame = policed if site else bare
        return Rewriting(self.sentinel, self.links, frame).page(failure, LinkSource(ABSENT))

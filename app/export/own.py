"""What only a copy has: its own pages, its index, the page of what is not there, a README."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.export.frame import bare, policed
from app.export.index import indices
from app.export.links import Links, Source
from app.export.offline import TITLES, offline_page
from app.export.readme import site_readme
from app.export.rewriting import Rewriting
from app.export.scope import Place, Scope
from app.export.sentinel import Sentinel
from app.store import read
from app.store.views import ImageView
from app.wiring import House

ABSENT = "404.html"


@dataclass(frozen=True, slots=True)
class Own:
    """What is needed to make them."""

    house: House
    sentinel: Sentinel
    scope: Scope
    links: Links
    rewriting: Rewriting

    def files(self, failure: str) -> Iterator[tuple[str, bytes]]:
        """The files by name; `failure` is the application's page of an unknown address."""
        shown = read.models(self.house.engine)
        models = tuple(each.title for each in shown if self.scope.holds_place(Place(each.slug)))
        layers, views = tuple(sorted(self.scope.layers)), self.scope.has_all_views
        for kind in TITLES:
            html = offline_page(self.house, kind, models, layers, views)
            file = f"{kind}/index.html"
            yield file, self.rewriting.page(html, Source(file, f"/{kind}")).encode()
        yield from self._indices().items()
        yield ABSENT, self._absent(failure).encode()
        yield "README.md", site_readme(models, layers).encode()
        yield ".nojekyll", b""  # GitHub Pages would try to build a site from it

    def _indices(self) -> Mapping[str, bytes]:
        urls = self.house.urls

        def unit_file(model: str, layer: str, unit: int) -> str | None:
            return self._file(urls.unit(model, layer, unit))

        def picture_file(image: ImageView) -> str | None:
            return self._file(urls.image(image.sha256, image.media_type))

        return indices(self.house.engine, self.scope, unit_file, picture_file)

    def _file(self, address: str) -> str | None:
        found = self.sentinel.read(address)
        return self.links.file(found) if found else None

    def _absent(self, failure: str) -> str:
        """Servers show this page at every depth: it links only where links can be absolute."""
        site = self.links.site
        if site:
            failure = self.sentinel.replace(failure, lambda each: self.links.absolute(each) or site)
        frame = policed if site else bare
        return Rewriting(self.sentinel, self.links, frame).page(failure, Source(ABSENT))

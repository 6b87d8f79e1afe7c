"""Public addresses: the only place that builds a path.

Every path begins with the prefix under which a proxy publishes the site. Names are quoted, so
that whatever a model or a layer is called, its address leads back to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlencode

EXTENSIONS = {
    "image/webp": "webp",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/avif": "avif",
    "image/gif": "gif",
}


def extension_of(media_type: str) -> str:
    """The extension that a picture of this type has in its address."""
    return EXTENSIONS.get(media_type, "bin")


@dataclass(frozen=True, slots=True)
class Urls:
    """Addresses below `prefix` (no slash at its end); `digest` names the static files' state."""

    prefix: str = ""
    digest: str = "0"

    def home(self) -> str:
        return self._path("")

    def models(self) -> str:
        return self._path("models")

    def model(self, model: str) -> str:
        return self._path("models", model)

    def layer(self, model: str, layer: str, panel: str = "", **state: str) -> str:
        """A layer's page, at a panel of it; `state` is what a reader chose, empty for defaults."""
        return self._path("models", model, layer) + _query(**state) + _fragment(panel)

    def branch(self, model: str, layer: str, branch: str) -> str:
        return self.layer(model, layer, panel=branch_anchor(branch))

    def unit(self, model: str, layer: str, unit: int, panel: str = "", **state: str) -> str:
        """A unit's page, at a panel of it; `state` is what a reader chose, empty for defaults."""
        path = self._path("models", model, layer, str(unit))
        return path + _query(**state) + _fragment(panel)

    def compare(self, units: Iterable[tuple[str, str, int]]) -> str:
        """Units side by side, each by model, layer and index."""
        named = [("u", f"{quote(model, '')}/{quote(layer, '')}/{n}") for model, layer, n in units]
        text = urlencode(named, safe="/")
        return self._path("compare") + (f"?{text}" if text else "")

    def search(self, query: str = "", after: str = "") -> str:
        return self._path("search") + _query(q=query, after=after)

    def suggestions(self) -> str:
        """The JSON that the search box asks while somebody types."""
        return self._path("search.json")

    def random(self, model: str = "") -> str:
        return self._path("random") + _query(model=model)

    def labels(self, model: str) -> str:
        """All labels of a model, as search finds them."""
        return self.search(f"model:{model} label:*")

    def about(self, panel: str = "") -> str:
        return self._path("about") + _fragment(panel)

    def llms(self) -> str:
        return self._path("llms.txt")

    def data_of(self, page: str) -> str:
        """The JSON of a page, at the page's own address: `.json` is put after the path."""
        path, mark, rest = page.partition("?")
        return f"{path.partition('#')[0]}.json{mark}{rest.partition('#')[0]}"

    def heat(self, model: str, layer: str, unit: int, dataset: str, kind: str, rank: int) -> str:
        return self._path("heat", model, layer, str(unit), dataset, kind, f"{rank}.png")

    def image(self, sha256: str, media_type: str) -> str:
        return self._path("img", f"{sha256}.{extension_of(media_type)}")

    def static(self, name: str) -> str:
        return f"{self._path('static', self.digest)}/{quote(name)}"

    def reference(self) -> str:
        return self._path("docs")

    def openapi(self) -> str:
        return self._path("openapi.json")

    def api_models(self) -> str:
        return self._api("models")

    def api_model(self, model: str) -> str:
        return self._api("models", model)

    def api_layer(self, model: str, layer: str) -> str:
        return self._api("models", model, "layers", layer)

    def api_unit(self, model: str, layer: str, unit: int) -> str:
        return self._api("models", model, "layers", layer, "units", str(unit))

    def _api(self, *names: str) -> str:
        return self._path("api", "v1", *names)

    def _path(self, *names: str) -> str:
        return self.prefix + "".join(f"/{quote(name, safe='')}" for name in names)


def _fragment(panel: str) -> str:
    return f"#{quote(panel, safe='')}" if panel else ""


def _query(**values: str) -> str:
    """The part after the path; what is empty is left out."""
    text = urlencode({name: value for name, value in values.items() if value})
    return f"?{text}" if text else ""


def branch_anchor(branch: str) -> str:
    """The id of a branch's section on its layer's page."""
    return f"branch-{branch}"


def without_port(slug: str) -> str | None:
    """Our name for a slug of OpenAI Microscope's, which ends with the tensor's port: `_0`."""
    return slug.removesuffix("_0") if slug.endswith("_0") and slug != "_0" else None

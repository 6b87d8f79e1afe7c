"""Public addresses: the only place that builds a path.

Every path begins with the prefix under which a proxy publishes the site. Names are quoted, so
that whatever a model or a layer is called, its address leads back to it. The pages of a static
copy are given `FileUrls` instead, which answers relative paths of files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import ClassVar
from urllib.parse import quote, unquote, urlencode

EXTENSIONS = {
    "image/webp": "webp",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/avif": "avif",
    "image/gif": "gif",
}

PLACEHOLDER = r"\{(\w+)\}"

# A value in an address; empty where the address does without it.
Given = str | int | None
# A model, a layer of it, and the index of a unit.
UnitName = tuple[str, str, int]


def extension_of(media_type: str) -> str:
    """The extension that a picture of this type has in its address."""
    return EXTENSIONS.get(media_type, "bin")


@dataclass(frozen=True, slots=True)
class Urls:
    """Addresses below `prefix` (no slash at its end); `digest` names the static files' state."""

    prefix: str = ""
    digest: str = "0"

    is_static: ClassVar[bool] = False
    """Whether the pages are files of a static copy, as those of `FileUrls` are."""

    def at(self, origin: str) -> Urls:
        """The same addresses as absolute ones; `origin` is `https://host`."""
        return replace(self, prefix=f"{origin}{self.prefix}")

    def home(self, panel: str = "", **state: str) -> str:
        return self._page(query=_query(**state), panel=panel)

    def models(self) -> str:
        return self._page("models")

    def model(self, model: str) -> str:
        return self._page("models", model)

    def layer(self, model: str, layer: str, panel: str = "", **state: str) -> str:
        """A layer's page, at a panel of it; `state` is what a reader chose, empty for defaults."""
        return self._page("models", model, layer, query=_query(**state), panel=panel)

    def branch(self, model: str, layer: str, branch: str) -> str:
        return self.layer(model, layer, panel=branch_anchor(branch))

    def unit(self, model: str, layer: str, unit: int, panel: str = "", **state: str) -> str:
        """A unit's page, at a panel of it; `state` is what a reader chose, empty for defaults."""
        # Lists of units and of panels stay readable.
        chosen = urlencode({name: value for name, value in state.items() if value}, safe="/,")
        return self._page("models", model, layer, str(unit), query=chosen, panel=panel)

    def units(self, model: str, layer: str, units: Iterable[int]) -> list[str]:
        """The pages of many units of a layer, whose names are quoted once."""
        home = self.layer(model, layer)
        return [self.below(home, unit) for unit in units]

    def glance(self, model: str, layer: str, unit: int) -> str:
        """The JSON of what shows over a unit's tile: its strongest examples and its numbers."""
        return self._file("models", model, layer, str(unit), "glance.json")

    def below(self, layer: str, unit: int) -> str:
        """The address of a unit, below that of its layer or of the layer's list."""
        return f"{layer}/{unit}"

    def unit_panel(self, model: str, layer: str, unit: int, panel: str) -> str:
        """The JSON of what one panel of a unit's page shows."""
        return self._file("models", model, layer, str(unit), f"{panel}.json")

    def histogram(self, model: str, layer: str, unit: int, **state: str) -> str:
        """A unit's histogram as a drawing of its own."""
        return self._file("models", model, layer, str(unit), "histogram.svg", query=_query(**state))

    def compare(self, units: Iterable[UnitName], **state: str) -> str:
        """Units side by side, each by model, layer and index."""
        named = [("u", unit_spec(unit)) for unit in units]
        chosen = [(name, value) for name, value in state.items() if value]
        return self._page("compare", query=urlencode(named + chosen, safe="/"))

    def search(self, query: str = "", after: str = "") -> str:
        return self._page("search", query=_query(q=query, after=after))

    def search_data(self, query: str = "", after: str = "") -> str:
        """The JSON of a search."""
        return self._file("search.json", query=_query(q=query, after=after))

    def suggestions(self) -> str:
        """The JSON that the search box asks while somebody types."""
        return self.search_data()

    def random(self, model: str = "") -> str:
        return self._page("random", query=_query(model=model))

    def labels(self, model: str) -> str:
        """All labels of a model, as search finds them."""
        return self.search(f"model:{model} label:*")

    def about(self, panel: str = "") -> str:
        return self._page("about", panel=panel)

    def llms(self) -> str:
        return self._file("llms.txt")

    def robots(self) -> str:
        return self._file("robots.txt")

    def models_data(self) -> str:
        """The JSON of the list of models: a page's is at its address, with `.json` after it."""
        return self._file("models.json")

    def model_data(self, model: str) -> str:
        return self._file("models", f"{model}.json")

    def layer_data(self, model: str, layer: str) -> str:
        return self._file("models", model, f"{layer}.json")

    def unit_data(self, model: str, layer: str, unit: int) -> str:
        return self._file("models", model, layer, f"{unit}.json")

    def heat(self, model: str, layer: str, unit: int, dataset: str, kind: str, rank: int) -> str:
        return self._file("heat", model, layer, str(unit), dataset, kind, f"{rank}.png")

    def image(self, sha256: str, media_type: str) -> str:
        return self._file("img", f"{sha256}.{extension_of(media_type)}")

    def static(self, name: str) -> str:
        return self._file("static", self.digest, name)

    def reference(self) -> str:
        return self._page("docs")

    def openapi(self) -> str:
        return self._file("openapi.json")

    def api_search(self, query: str, after: str = "") -> str:
        return self._api("search", query=_query(q=query, after=after))

    def api_models(self) -> str:
        return self._api("models")

    def api_model(self, model: str) -> str:
        return self._api("models", model)

    def api_layer(self, model: str, layer: str) -> str:
        return self._api("models", model, "layers", layer)

    def api_unit(self, model: str, layer: str, unit: int) -> str:
        return self._api("models", model, "layers", layer, "units", str(unit))

    def api_units(self, model: str, layer: str, **part: Given) -> str:
        """A layer's units; `part` says which, as in the other lists."""
        return self._api("models", model, "layers", layer, "units", query=_query(**part))

    def api_classes(self, model: str, **part: Given) -> str:
        return self._api("models", model, "classes", query=_query(**part))

    def api_examples(self, model: str, layer: str, unit: int, **part: Given) -> str:
        names = ("models", model, "layers", layer, "units", str(unit), "examples")
        return self._api(*names, query=_query(**part))

    def api_runs(self, **part: Given) -> str:
        return self._api("runs", query=_query(**part))

    def operation(self, template: str, given: Mapping[str, str]) -> str:
        """An address as the OpenAPI document writes it, `/…/{model}`, with what is given in it."""
        names = re.findall(PLACEHOLDER, template)
        parts = (
            re.sub(PLACEHOLDER, lambda found: given[found[1]], part)
            for part in template.split("/")[1:]
        )
        rest = {name: value for name, value in given.items() if name not in names}
        return self._file(*parts, query=_query(**rest))

    def _api(self, *names: str, query: str = "") -> str:
        return self._file("api", "v1", *names, query=query)

    def _page(self, *names: str, query: str = "", panel: str = "") -> str:
        """The address of a page; the names are not quoted yet, the query is."""
        return self._file(*names, query=query) + _fragment(panel)

    def _file(self, *names: str, query: str = "") -> str:
        """The address of data or of a picture."""
        path = f"{self.prefix}/{'/'.join(map(_quoted, names))}"
        return f"{path}?{query}" if query else path


@lru_cache(maxsize=2048)
def _quoted(name: str) -> str:
    """A name as a part of a path; kept, since a layer's answer names it thousands of times."""
    return quote(name, safe="")


def _fragment(panel: str) -> str:
    return f"#{quote(panel, safe='')}" if panel else ""


def _query(**values: Given) -> str:
    """What follows a question mark; what is empty is left out."""
    given = {name: value for name, value in values.items() if value not in ("", None)}
    return urlencode(given) if given else ""


def unit_spec(unit: UnitName) -> str:
    """A unit as one word of an address: `model/layer/index`, each name quoted."""
    model, layer, index = unit
    return f"{quote(model, '')}/{quote(layer, '')}/{index}"


def unit_parts(spec: str) -> tuple[str, str, str] | None:
    """The names in such a word; of the short form `layer:index` the model is empty."""
    parts = [unquote(part) for part in spec.strip().split("/")]
    if len(parts) == 3:
        return parts[0], parts[1], parts[2]
    layer, colon, index = spec.strip().rpartition(":")
    return ("", layer, index) if colon and len(parts) == 1 else None


def branch_anchor(branch: str) -> str:
    """The id of a branch's section on its layer's page."""
    return f"branch-{branch}"


def without_port(slug: str) -> str | None:
    """Our name for a slug of OpenAI Microscope's, which ends with the tensor's port: `_0`."""
    return slug.removesuffix("_0") if slug.endswith("_0") and slug != "_0" else None

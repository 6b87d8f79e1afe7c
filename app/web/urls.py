"""Public addresses: the only place that builds a path.

Every path begins with the prefix under which a proxy publishes the site. Names are quoted, so
that whatever a model or a layer is called, its address leads back to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote, urlencode

EXTENSIONS = {
    "image/webp": "webp",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/avif": "avif",
    "image/gif": "gif",
}

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

    def home(self, panel: str = "", **state: str) -> str:
        return self._path("") + _query(**state) + _fragment(panel)

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
        # Lists of units and of panels stay readable.
        chosen = urlencode({name: value for name, value in state.items() if value}, safe="/,")
        return path + (f"?{chosen}" if chosen else "") + _fragment(panel)

    def units(self, model: str, layer: str, units: Iterable[int]) -> list[str]:
        """The pages of many units of a layer, whose names are quoted once."""
        home = self._path("models", model, layer)
        return [f"{home}/{unit}" for unit in units]

    def glance(self, model: str, layer: str, unit: int) -> str:
        """The JSON of what shows over a unit's tile: its strongest examples and its numbers."""
        return self._path("models", model, layer, str(unit), "glance.json")

    def below(self, layer: str, unit: int) -> str:
        """The address of a unit, below that of its layer or of the layer's list."""
        return f"{layer}/{unit}"

    def unit_panel(self, model: str, layer: str, unit: int, panel: str) -> str:
        """The JSON of what one panel of a unit's page shows."""
        return f"{self._path('models', model, layer, str(unit), panel)}.json"

    def histogram(self, model: str, layer: str, unit: int, **state: str) -> str:
        """A unit's histogram as a drawing of its own."""
        path = self._path("models", model, layer, str(unit), "histogram.svg")
        return path + _query(**state)

    def compare(self, units: Iterable[UnitName], **state: str) -> str:
        """Units side by side, each by model, layer and index."""
        named = [("u", unit_spec(unit)) for unit in units]
        chosen = [(name, value) for name, value in state.items() if value]
        text = urlencode(named + chosen, safe="/")
        return self._path("compare") + (f"?{text}" if text else "")

    def search(self, query: str = "", after: str = "") -> str:
        return self._path("search") + _query(q=query, after=after)

    def search_data(self, query: str, after: str = "") -> str:
        """The JSON of a search."""
        return self.suggestions() + _query(q=query, after=after)

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

    def robots(self) -> str:
        return self._path("robots.txt")

    def data_of(self, page: str) -> str:
        """The JSON of a page, at the page's own address: `.json` is put after the path."""
        path, mark, rest = page.partition("?")
        return f"{path.partition('#')[0]}.json{mark}{rest.partition('#')[0]}"

    def heat(self, model: str, layer: str, unit: int, dataset: str, kind: str, rank: int) -> str:
        return self._path("heat", model, layer, str(unit), dataset, kind, f"{rank}.png")

    def image(self, sha256: str, media_type: str) -> str:
        return f"{self.prefix}/img/{_quoted(f'{sha256}.{extension_of(media_type)}')}"

    def static(self, name: str) -> str:
        return f"{self._path('static', self.digest)}/{quote(name)}"

    def reference(self) -> str:
        return self._path("docs")

    def openapi(self) -> str:
        return self._path("openapi.json")

    def api_search(self, query: str, after: str = "") -> str:
        return self._api("search") + _query(q=query, after=after)

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
        return self._api("models", model, "layers", layer, "units") + _query(**part)

    def api_classes(self, model: str, **part: Given) -> str:
        return self._api("models", model, "classes") + _query(**part)

    def api_examples(self, model: str, layer: str, unit: int, **part: Given) -> str:
        return f"{self.api_unit(model, layer, unit)}/examples{_query(**part)}"

    def api_runs(self, **part: Given) -> str:
        return self._api("runs") + _query(**part)

    def operation(self, template: str, given: Mapping[str, str]) -> str:
        """An address as the OpenAPI document writes it, `/…/{model}`, with what is given in it."""
        names = re.findall(r"\{(\w+)\}", template)
        path = re.sub(r"\{(\w+)\}", lambda found: _quoted(given[found[1]]), template)
        rest = {name: value for name, value in given.items() if name not in names}
        return self.prefix + path + _query(**rest)

    def _api(self, *names: str) -> str:
        return self._path("api", "v1", *names)

    def _path(self, *names: str) -> str:
        return f"{self.prefix}/{'/'.join(map(_quoted, names))}"


@lru_cache(maxsize=2048)
def _quoted(name: str) -> str:
    """A name as a part of a path; kept, since a layer's answer names it thousands of times."""
    return quote(name, safe="")


def _fragment(panel: str) -> str:
    return f"#{quote(panel, safe='')}" if panel else ""


def _query(**values: Given) -> str:
    """The part after the path; what is empty is left out."""
    given = {name: value for name, value in values.items() if value not in ("", None)}
    text = urlencode(given) if given else ""
    return f"?{text}" if text else ""


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

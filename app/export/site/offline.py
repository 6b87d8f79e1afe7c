"""The pages that only a copy has: search, a random unit and a comparison, worked out by its own
script from its index, and what a copy is.

They are drawn by the application's templates, so that they look like all others.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.web.dependencies import AppState
from app.web.pages.templates import Shell, variables

ABOUT = "copy"
TITLES = {
    "search": "Search",
    "random": "A random unit",
    "compare": "Compare units",
    ABOUT: "A static copy",
}


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


def offline_page(
    app_state: AppState,
    kind: str,
    models: tuple[str, ...],
    layers: tuple[str, ...],
    has_all_views: bool,
) -> str:
    """The HTML of one of them."""
    title = TITLES[kind]
    context = OfflinePage(Shell(title), kind, title, models, layers, has_all_views)
    return app_state.templates.get_template("offline.html").render(variables(context))

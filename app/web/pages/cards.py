"""A page as links elsewhere show it: absolute addresses, and a picture that may be shown."""

from __future__ import annotations

from collections.abc import Iterable

from app.db.views import ImageView
from app.web.dependencies import AppState
from app.web.pages.shell import Card


def card(
    app_state: AppState,
    origin: str,
    path: str,
    title: str,
    text: str,
    image: ImageView | None = None,
) -> Card:
    """The card of the page at `path`."""
    if image is None:
        return Card(origin + path, title, text)
    picture = origin + app_state.urls.image(image.sha256, image.media_type)
    return Card(origin + path, title, text, picture, f"{title}: a feature visualization")


def first_shown(images: Iterable[ImageView | None]) -> ImageView | None:
    """The first picture that is there and not hidden."""
    return next((image for image in images if image and not image.is_hidden), None)

"""A page as links elsewhere show it: absolute addresses, and a picture that may be shown."""

from __future__ import annotations

from collections.abc import Iterable

from app.pages.shell import Card
from app.store.views import ImageView
from app.wiring import House


def card(
    house: House, origin: str, path: str, title: str, text: str, image: ImageView | None = None
) -> Card:
    """The card of the page at `path`."""
    if image is None:
        return Card(origin + path, title, text)
    picture = origin + house.urls.image(image.sha256, image.media_type)
    return Card(origin + path, title, text, picture, f"{title}: a feature visualization")


def first_shown(images: Iterable[ImageView | None]) -> ImageView | None:
    """The first picture that is there and not hidden."""
    return next((image for image in images if image and not image.is_hidden), None)

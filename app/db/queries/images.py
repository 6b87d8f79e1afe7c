"""Image bytes by hash, a few at a time: what the web side reads most."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, select

from app.db.transactions import Source, reading
from app.db.views import StoredImage
from app.tables import Hidden, Image


def stored_images(source: Source, hashes: Sequence[str]) -> dict[str, StoredImage]:
    """Those of these images that are stored and not hidden, by hash.

    Raises `StoreError` where the database does not answer.
    """
    statement = select(Image.sha256, Image.media_type, Image.bytes).where(
        Image.sha256.in_(hashes), ~exists().where(Hidden.sha256 == Image.sha256)
    )
    with reading(source) as connection:
        rows = connection.execute(statement).all()
    return {sha256: StoredImage(media_type, data) for sha256, media_type, data in rows}

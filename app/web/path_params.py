"""Addresses as people bring them: slugs of OpenAI Microscope's, numbers as text."""

from __future__ import annotations

import re

from app.db.queries import catalog
from app.errors import NotFound
from app.web.dependencies import AppState
from app.web.urls import without_port

INDEX = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)


def our_layer(app_state: AppState, model: str, layer: str) -> str:
    """The name under which a layer is stored here: `mixed3b_0` is Microscope's for `mixed3b`."""
    ours = without_port(layer)
    if ours is None:
        return layer
    names = set(catalog.layer_names(app_state.db, model))
    return ours if layer not in names and ours in names else layer


def unit_index(text: str) -> int:
    """The index in an address; one way of writing each, so that each unit has one address."""
    if not INDEX.fullmatch(text):
        raise NotFound(f"A unit is addressed by its index, a whole number, not by {text!r}.")
    return int(text)

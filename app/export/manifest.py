"""The contents of `manifest.json`, and of `SHA256SUMS` for `sha256sum -c`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from app import __version__
from app.db.queries import catalog, run_status
from app.db.views import DatasetView, ModelView

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
FORMAT = "inception-microscope-copy"
FORMAT_VERSION = 1


def facts(
    engine: Engine, kind: str, scope: Mapping[str, Any], counts: Mapping[str, int]
) -> dict[str, Any]:
    """Everything but the files: scope, counts, models, data sets, program, date."""
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "kind": kind,
        "program": f"Inception Microscope {__version__}",
        "made": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "scope": dict(scope),
        "counts": dict(counts),
        "models": [_model(view) for view in catalog.models(engine)],
        "datasets": [_dataset(view) for view in run_status.datasets(engine)],
    }


def is_ours(manifest: Mapping[str, Any], kind: str) -> bool:
    """Whether a manifest is of an export of this kind."""
    return (manifest.get("format"), manifest.get("kind")) == (FORMAT, kind)


def sums(hashes: Mapping[str, str]) -> str:
    """Hashes and names in the format of coreutils; our names need no escapes."""
    return "".join(f"{hashes[name]}  {name}\n" for name in sorted(hashes))


def _model(view: ModelView) -> dict[str, Any]:
    names = ("slug", "title", "variant", "weights_sha256", "licence", "units", "pictured")
    return {name: getattr(view, name) for name in names}


def _dataset(view: DatasetView) -> dict[str, Any]:
    names = ("slug", "title", "licence", "fingerprint", "images")
    return {name: getattr(view, name) for name in names}

"""The static files and templates that travel with the program.

Static files are few and small: they are read once, and served from memory under an address that
holds the digest of all of them, so that a browser may keep them for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


# All style sheets as one, so that a page waits for one answer: the base first, others by name.
STYLES, BASE = "site.css", "page.css"


@dataclass(frozen=True, slots=True)
class Asset:
    """A static file with what it is."""

    media_type: str
    bytes: bytes


@dataclass(frozen=True, slots=True)
class Assets:
    """All static files by name, and one digest over them."""

    files: Mapping[str, Asset]
    digest: str

    @classmethod
    def read(cls, folder: Path) -> Assets:
        """Read every file in `folder` of a type that pages use."""
        files = {
            path.name: Asset(MEDIA_TYPES[path.suffix], path.read_bytes())
            for path in sorted(folder.iterdir())
            if path.suffix in MEDIA_TYPES
        }
        files[STYLES] = _together(files)
        state = sha256()
        for name, asset in files.items():
            state.update(f"{name}:{len(asset.bytes)}:".encode() + asset.bytes)
        return cls(files, state.hexdigest()[:16])


def _together(files: Mapping[str, Asset]) -> Asset:
    names = sorted((name for name in files if name.endswith(".css")), key=lambda n: (n != BASE, n))
    return Asset(MEDIA_TYPES[".css"], b"\n".join(files[name].bytes for name in names))


def folder(name: str) -> Path:
    """`static` or `templates`: inside the package when installed, beside it in the repository."""
    package = Path(__file__).parents[1]
    inside = package / name
    return inside if inside.is_dir() else package.parent / name

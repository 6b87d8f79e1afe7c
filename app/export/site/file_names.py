"""File names of a copy: from an address and what its answer is, to a path that is safe everywhere.

Pure functions. Names keep their letters where every file system, server and browser agrees on
them; all others become a readable part, `~` and a hash. No two addresses share a file, also where
case does not count, and none leads out of the copy.
"""

from __future__ import annotations

import re
from hashlib import sha256
from posixpath import dirname, relpath
from urllib.parse import parse_qsl, unquote

# Lower case alone: on many disks `A` and `a` are one file. No dots: a folder never looks like a
# file, so that the page `l.json` and the JSON of the page `l` are two.
PLAIN = re.compile(r"[a-z0-9_-]{1,80}")
# Windows takes these for devices, whatever follows after a dot.
DEVICES = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]")
ENDING = re.compile(r"(?s)(.+)\.([a-z0-9]{1,5})")
ENDINGS = {"application/json": "json", "text/plain": "txt", "text/css": "css", "image/png": "png"}
HTML = "text/html"
INDEX = "index.html"


def file_of(path: str, query: str, media_type: str) -> str:
    """The file of an address below the prefix: a page's `index.html`, or a file by its name."""
    names = [unquote(name, errors="surrogateescape") for name in path.split("/") if name]
    state = state_of(query)
    if media_type == HTML:
        return "/".join((*map(safe, names), f"{state}.html" if state else INDEX))
    *folders, last = names or ["index"]
    stem, ending = _parts(last, media_type)
    end = f"{safe(stem)}/{state}.{ending}" if state else f"{safe(stem)}.{ending}"
    return "/".join((*map(safe, folders), end))


def safe(name: str) -> str:
    """A part of an address as a folder or as the stem of a file."""
    if PLAIN.fullmatch(name) and not DEVICES.fullmatch(name):
        return name
    readable = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]
    return f"{readable}~{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def state_of(query: str) -> str:
    """What a reader chose, as the stem of a file beside the page's own; empty for the default."""
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    if all(PLAIN.fullmatch(part) for pair in pairs for part in pair):
        found = ",".join(f"{name}={value}" for name, value in pairs)
        if len(found) <= 120:
            return found
    return safe(query)


def relative(source: str, target: str) -> str:
    """The way from one file of the copy to another, as a link."""
    return relpath(target, dirname(source) or ".")


def _parts(name: str, media_type: str) -> tuple[str, str]:
    """The stem and the ending of a file; the ending says what it is where the name does not."""
    found = ENDING.fullmatch(name)
    return (found[1], found[2]) if found else (name, ENDINGS.get(media_type, "bin"))

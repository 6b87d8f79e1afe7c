"""What one client may ask of the server: how large a request is, how long it takes, how many wait.

Numbers and the answers to those who go beyond them; `connection` holds them. A proxy in front has
stricter ones of its own (SECURITY.md); these are what the server outlives without one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus

from app.web.middleware import secured

try:
    import resource
except ImportError:  # Windows, which has no such limit
    resource = None  # type: ignore[assignment]

# Bytes. RFC 9110 (4.1) asks for 8,000 at least; the longest address of ours, a comparison of four
# units with long names, is below 2,000.
ADDRESS = 8192
# Bytes of all headers, as h11 has it, and how many: browsers send 20, each proxy adds a few.
HEAD, FIELDS = 65536, 200
# Bytes. Nothing here reads a body; a small one does no harm.
BODY = 65536
# Requests that one client sent before the first was answered.
AHEAD = 32

# A name or an address with perhaps a port (RFC 9110, 7.2), of which links can be made.
HOST = re.compile(rb"(?:[\w.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?", re.ASCII)

# Seconds until a request has come whole. A phone on a bad line needs two or three.
ARRIVAL = 20.0
# Seconds until an answer was taken: at 12 kB a second, the largest of some 700 kB.
TAKING = 60.0
# Seconds for which a refused client is still read from: were its connection closed at once, what it
# goes on sending would destroy the answer on its way (RFC 9112, 9.6).
LINGER = 2.0
# Seconds for which a stopping server lets connections that are open bring one more request.
LAST_CALL = 0.5

# Files that are open besides connections: the database's, the program's own.
OWN_FILES = 128

SENTENCES: Mapping[int, str] = {
    400: "This is no HTTP request that can be read.",
    408: f"The request did not come whole within {ARRIVAL:.0f} seconds.",
    413: f"Nothing here takes a request's body; at most {BODY:,} bytes of one are read.",
    414: f"The address is longer than {ADDRESS:,} bytes: ask for less at once.",
    431: f"The request has more than {FIELDS} headers, or more than {HEAD:,} bytes of them.",
    503: "Too many connections are open: try again in some seconds.",
}


class Refused(Exception):  # noqa: N818 - what happened, not an error of ours
    """The request went beyond a limit; `status` says which."""

    def __init__(self, status: int) -> None:
        super().__init__(SENTENCES[status])
        self.status = status


def refusal(status: int) -> bytes:
    """The whole answer, head and body, after which the connection is closed."""
    text = SENTENCES[status].encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(text)).encode()),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
        *([(b"retry-after", b"10")] if status == 503 else []),
    ]
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode()]
    lines += [name + b": " + value for name, value in secured(headers)]
    return b"\r\n".join([*lines, b"", text])


def allow_files(connections: int) -> None:
    """Let this process open as many files as it may need, as far as the system lets it.

    A refused connection lingers, so that there may be twice as many for a moment.
    """
    if resource is None:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = 2 * connections + OWN_FILES
    wanted = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))

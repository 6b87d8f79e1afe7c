"""Requests that no honest client sends, and what becomes of each: bytes for a raw socket."""

from __future__ import annotations

import re

from tests.serving import get


def statuses(answers: bytes) -> list[int]:
    return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3}) ", answers)]


def head(*lines: str, of: str = "GET /healthz HTTP/1.1") -> bytes:
    return "\r\n".join([of, "Host: microscope.example", *lines, "", ""]).encode("latin-1")


ODD = {
    "10,000 headers": (head(*(f"a{n}: b" for n in range(10_000))), 431),
    "a huge header": (head(f"A: {'b' * 10**6}"), 431),
    "a header without an end": (head()[:-2] + b"A: " + b"b" * 10**7, 431),
    "many headers of little weight": (head(*("a: b" for _ in range(2000))), 431),
    "a huge address": (get(f"/search?q={'a' * 100_000}"), 414),
    "an address without an end": (b"GET /" + b"a" * 10**7, 414),
    "TRACE": (head("Connection: close", of="TRACE /healthz HTTP/1.1"), 405),
    "PROPFIND": (head("Connection: close", of="PROPFIND /healthz HTTP/1.1"), 405),
    "CONNECT": (head(of="CONNECT elsewhere:443 HTTP/1.1"), 400),
    "lower case": (head(of="get /healthz HTTP/1.1"), 400),
    "an unknown method": (head(of="FETCH /healthz HTTP/1.1"), 400),
    "a method for a picture": (head("Connection: close", of="DELETE /img/x.png HTTP/1.1"), 405),
    "HTTP/1.0": (b"GET /healthz HTTP/1.0\r\n\r\n", 200),
    "HTTP/0.9": (b"GET /healthz\r\n\r\n", 200),
    "HTTP/2 without a word": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "TLS": (bytes.fromhex("16030100c6010000c20303") + b"x" * 200, 400),
    "no host": (b"GET /healthz HTTP/1.1\r\n\r\n", 400),
    "two hosts": (head("Host: elsewhere.example"), 400),
    "a host that is none": (b'GET / HTTP/1.1\r\nHost: a"><script>\r\n\r\n', 400),
    "a body": (head("Content-Length: 3", "Connection: close") + b"abc", 200),
    "chunks of garbage": (head("Transfer-Encoding: chunked") + b"zz\r\nzz\r\n", 400),
    "two lengths": (head("Content-Length: 3", "Content-Length: 4") + b"abcd", 400),
    "a list of lengths": (head("Content-Length: 3, 4") + b"abcd", 400),
    "a length and chunks": (
        head("Content-Length: 4", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
        400,
    ),
    "chunks and a length": (
        head("Transfer-Encoding: chunked", "Content-Length: 4") + b"0\r\n\r\n",
        400,
    ),
    "chunks by another name": (head("Transfer-Encoding: xchunked") + b"0\r\n\r\n", 400),
    "a signed length": (head("Content-Length: +3") + b"abc", 400),
    "a negative length": (head("Content-Length: -1"), 400),
    "a name with a space": (head("Content-Length : 3") + b"abc", 400),
    "a folded line": (head("A: b", " c"), 400),
    "lines without returns": (b"GET /healthz HTTP/1.1\nHost: a\n\n", 400),
    "lines without feeds": (b"GET /healthz HTTP/1.1\rHost: a\r\r", 400),
    "a NUL in a header": (head("A: \0"), 400),
    "a byte that is no ASCII": (b"GET /models/\xff HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "another site's address": (
        head("Connection: close", of="GET http://elsewhere.example/healthz HTTP/1.1"),
        200,
    ),
    "a web socket": (head("Connection: Upgrade", "Upgrade: websocket"), 200),
    "HTTP/2 by upgrade": (head("Connection: Upgrade", "Upgrade: h2c"), 200),
}
CHUNK = b"fff\r\n" + b"a" * 4095 + b"\r\n"
HUGE = {
    "a huge body": head("Content-Length: 9000000") + b"a" * 9_000_000,
    "a huge body in chunks": head("Transfer-Encoding: chunked") + CHUNK * 500,
    "a body without an end": head("Content-Length: 99999999") + b"a" * 9_000_000,
}

BADLY_CODED = [
    "/models/%ff", "/models/%00", "/models/%c0%af", "/models/%ed%a0%80", "/models/%zz%2",
    "/models/toy/%ff/%00", "/models/toy/mixed3b/%ff", "/img/%ff.png", "/static/%00/%ff",
    "/heat/toy/mixed3b/2/%ff/top/1.png", "/api/v1/models/%ed%a0%80", "/api/v1/recipes/%00",
    "/search?q=%ff%00%ed%a0%80%c0%af", "/search?after=%ff%00", "/search.json?q=%00&limit=%ff",
    "/compare?u=%ff/%00/%ed%a0%80", "/models/toy/mixed3b?sort=%ff&branch=%00&family=%ed%a0%80",
    "/models/toy/mixed3b/2?beside=%ff,%00/a/1&panels=%c0%af&embed=1",
    "/api/v1/models/toy/labels?layer=%00", "/api/v1/runs?model=%ff%00",
    "/api/v1/models/toy/layers/mixed3b/units/2/examples?dataset=%00&after=%ff:top:1",
    "/static/x/../../../etc/passwd", "/static/x/..%2f..%2fetc%2fpasswd", "//", "/?%ff=%00",
]  # fmt: skip

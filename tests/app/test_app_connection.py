"""Requests that are odd, over raw sockets to a real server: each is answered or cut."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from app import limits
from tests.clients import ANSWERED, ask
from tests.serving import Serving, get, serving

# Megabytes that a server may have more after all of these than before.
GROWTH = 60
MOST = 16


@pytest.fixture(scope="module")
def server(database: str) -> Iterator[Serving]:
    with serving(database, connections=MOST) as served:
        yield served


def statuses(answers: bytes) -> list[int]:
    return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3}) ", answers)]


def head(*lines: str, of: str = "GET /healthz HTTP/1.1") -> bytes:
    return "\r\n".join([of, "Host: microscope.example", *lines, "", ""]).encode("latin-1")


ODD = {
    "10,000 headers": (head(*(f"a{n}: b" for n in range(10_000))), 431),
    "a huge header": (head(f"A: {'b' * 10**6}"), 431),
    "a header without an end": (head()[:-2] + b"A: " + b"b" * 10**7, 431),
    "many headers of little weight": (head(*("a: b" for _ in range(limits.FIELDS + 1))), 431),
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


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_request_is_answered_and_the_connection_closed(server: Serving, kind: str) -> None:
    request, status = ODD[kind]
    assert statuses(server.ask(request)) == [status]
    assert statuses(server.ask(get("/models", close=True))) == [200]


@pytest.mark.parametrize("kind", HUGE)
def test_a_huge_body_is_cut_whether_the_answer_was_faster_or_not(
    server: Serving, kind: str
) -> None:
    assert statuses(server.ask(HUGE[kind])) in ([200], [413])
    assert statuses(server.ask(get("/models", close=True))) == [200]


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


@pytest.mark.parametrize("path", BADLY_CODED)
def test_an_encoding_that_is_bad_is_no_fault_of_ours(server: Serving, path: str) -> None:
    (status,) = statuses(server.ask(get(path, close=True)))
    assert status < 500


def test_a_refusal_is_a_sentence_with_the_security_headers(server: Serving) -> None:
    answer = server.ask(ODD["10,000 headers"][0]).decode().lower()
    for part in ("content-security-policy: default-src 'none'", "nosniff", "connection: close"):
        assert part in answer
    assert answer.endswith(limits.SENTENCES[431].lower())


def test_requests_that_are_sent_ahead_are_answered_in_order(server: Serving) -> None:
    paths = ["/healthz", "/models", "/none", "/healthz"]
    ahead = b"".join(get(path) for path in paths) + get("/robots.txt", close=True)
    answers = server.ask(ahead)
    assert statuses(answers) == [200, 200, 404, 200, 200]
    assert answers.endswith(b"Allow: /\n")


def test_garbage_behind_a_request_does_not_come_before_its_answer(server: Serving) -> None:
    assert statuses(server.ask(get("/models") + b"GARBAGE\r\n\r\n")) == [200]


def test_of_many_requests_sent_ahead_the_first_are_answered(server: Serving) -> None:
    answers = statuses(server.ask(get("/healthz") * 5000))
    assert set(answers) == {200}
    assert limits.AHEAD <= len(answers) <= limits.AHEAD + 2


def test_clients_that_go_away_in_the_middle_harm_nobody(server: Serving) -> None:
    for number in range(50):
        with server.connect() as connection:
            connection.sendall(get("/models/toy/mixed3b")[: None if number % 2 else 20])
    assert statuses(server.ask(get("/models", close=True))) == [200]


def test_one_connection_too_many_is_told_to_come_later(server: Serving) -> None:
    open_ones = [server.connect() for _ in range(MOST)]
    for each in open_ones:
        assert ask(each, get("/healthz")) == (ANSWERED, True)
    answer = server.ask(b"")
    assert statuses(answer) == [503]
    assert b"retry-after: 10" in answer
    assert ask(open_ones[-1], get("/healthz")) == (ANSWERED, True), "those that are there stay"
    for each in open_ones:
        each.close()


def test_memory_stays_what_it_was(server: Serving) -> None:
    endless = [ODD[kind][0] for kind in ("an address without an end", "a header without an end")]
    for request in (*endless, *HUGE.values()):
        server.ask(request)
    before = server.megabytes()
    for request in (*endless, *HUGE.values()) * 10:
        server.ask(request)
    assert server.megabytes() < before + GROWTH

"""Requests that are odd, over raw sockets to a real server: each is answered or cut."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app import limits
from tests.clients import ANSWERED, ask
from tests.odd import BADLY_CODED, HUGE, ODD, statuses
from tests.serving import Serving, get, serving

# Megabytes that a server may have more after all of these than before.
GROWTH = 60
MOST = 16


@pytest.fixture(scope="module")
def server(database: str) -> Iterator[Serving]:
    with serving(database, connections=MOST) as served:
        yield served


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

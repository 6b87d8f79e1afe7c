"""The proxied site, as a reader's browser and a careless client meet it; on two Caddys."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright

from tests import packaged
from tests.browser import find_system
from tests.deploy import images
from tests.deploy.conftest import ADDRESS
from tests.deploy.containers import Container
from tests.deploy.site import Site

UNIT = f"{ADDRESS}/models/toy/conv2d0/5"
# The server ends by itself, or by the signal once it has given its answers.
STOPPED = (0, 128 + signal.SIGTERM)
PROGRAMS = {"debian": Path("/usr/bin/caddy"), "recent": packaged.caddy()}

Curl = Callable[..., "Answer"]


class Answer:
    """An answer as curl tells it: the version of HTTP, the status, the headers, the body."""

    def __init__(self, done: subprocess.CompletedProcess[bytes]) -> None:
        assert done.returncode == 0, done.stderr
        head, _, self.body = done.stdout.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        self.version, status = first.split()[:2]
        self.status = int(status)
        pairs = (line.partition(": ") for line in lines)
        self.headers = {name.lower(): value for name, _, value in pairs}


@pytest.fixture(scope="module", params=PROGRAMS)
def site(stack: Site, request: pytest.FixtureRequest) -> Iterator[Site]:
    """The site with its proxy, which is stopped in order at the end."""
    before = stack.containers["proxy"]
    image = images.caddy(PROGRAMS[request.param])
    stack.containers["proxy"] = Container(
        before.name, before.service, image, before.network, before.volumes
    )
    stack.up("proxy") if "proxy" not in stack.order else stack.start("proxy")
    stack.require_healthy("proxy")
    yield stack
    assert stack.running["proxy"].stop(30) == 0


@pytest.fixture
def curl(site: Site) -> Curl:
    """Asks the proxied site, and believes its own authority's certificate alone."""
    authority = site.folder / "volumes/certificates/caddy/pki/authorities/local/root.crt"

    def ask(*arguments: str) -> Answer:
        return Answer(site.curl("--include", "--cacert", str(authority), *arguments))

    return ask


def a_picture(curl: Curl) -> str:
    page = curl(UNIT).body.decode()
    return ADDRESS + first_picture(page)


def first_picture(page: str) -> str:
    (path, *_) = re.findall(r'src="(/img/[0-9a-f]+[^"]*)"', page)
    return str(path)


def test_pages_come_over_http_2_and_a_certificate_that_holds(curl: Curl) -> None:
    answer = curl(UNIT)
    assert (answer.version, answer.status) == ("HTTP/2", 200)
    assert "conv2d0" in answer.body.decode()


def test_who_comes_without_encryption_is_sent_to_it(curl: Curl) -> None:
    answer = curl("http://localhost/models/toy")
    assert answer.status in (301, 308)
    assert answer.headers["location"] == f"{ADDRESS}/models/toy"


def test_the_headers_that_protect_a_reader_come_through(curl: Curl) -> None:
    for address in (UNIT, a_picture(curl)):
        headers = curl(address).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
        assert "server" not in headers


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_text_is_compressed_as_the_client_asks(curl: Curl, encoding: str) -> None:
    plain = curl(UNIT)
    answer = curl(UNIT, "--header", f"Accept-Encoding: {encoding}")
    assert "content-encoding" not in plain.headers
    assert answer.headers["content-encoding"] == encoding
    assert len(answer.body) < len(plain.body) / 3
    assert "Accept-Encoding" in answer.headers["vary"]


def test_pictures_are_not_compressed_again_and_are_kept_for_ever(curl: Curl) -> None:
    answer = curl(a_picture(curl), "--header", "Accept-Encoding: zstd, gzip")
    assert "content-encoding" not in answer.headers
    assert answer.headers["content-type"].startswith("image/")
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert "immutable" in answer.headers["cache-control"]


def test_what_a_client_has_already_is_not_sent_again(curl: Curl) -> None:
    address = a_picture(curl)
    tag = curl(address).headers["etag"]
    assert curl(address, "--header", f"If-None-Match: {tag}").status == 304


def test_figures_for_the_maintainer_are_not_public(curl: Curl) -> None:
    for path in ("/metrics", "/metrics/", "/METRICS", "/%6detrics"):
        assert curl(f"{ADDRESS}{path}", "--path-as-is").status == 404


def test_citations_name_the_public_address_whatever_a_client_claims(curl: Curl) -> None:
    claimed = ("--header", "X-Forwarded-Host: evil.example", "--header", "X-Forwarded-Proto: ftp")
    page = curl(UNIT, *claimed).body.decode()
    assert f"{ADDRESS}/models/toy/conv2d0/5" in page
    assert "evil.example" not in page


def test_large_headers_and_bodies_are_refused(curl: Curl) -> None:
    large = "x" * 40_000
    answer = curl(ADDRESS, "--http1.1", "--header", f"X-Large: {large}")
    assert answer.status == 431
    # curl waits for the answer before it sends the body, so that no reset overtakes the answer.
    body = ("--http1.1", "--header", "Expect: 100-continue", "--data", large * 3)
    assert curl(ADDRESS, *body).status == 413
    assert curl(UNIT).status == 200


def test_a_client_that_says_nothing_is_cut(site: Site) -> None:
    begun = time.monotonic()
    program = (
        "import socket; s = socket.create_connection(('127.0.0.1', 80)); "
        "s.sendall(b'GET / HTTP/1.1\\r\\nHost: localhost\\r\\nX-Slow: '); s.settimeout(60); "
        "print(len(s.recv(1 << 16)) >= 0)"
    )
    done = subprocess.run(
        [*site.network.entered, "python3", "-c", program],
        capture_output=True, text=True, check=False, timeout=90,
    )  # fmt: skip
    assert done.stdout.strip() == "True", done.stderr
    # Not before its 10 s; how much later depends on the machine.
    assert time.monotonic() - begun > 9


@pytest.fixture
def page(site: Site, playwright: Playwright, tmp_path: Path) -> Iterator[Page]:
    """A page of a Chromium inside the site's network."""
    starter = tmp_path / "chromium"
    program = find_system() or playwright.chromium.executable_path
    starter.write_text(f'#!/bin/sh\nexec {" ".join(site.network.entered)} {program} "$@"\n')
    starter.chmod(0o755)
    browser = playwright.chromium.launch(executable_path=starter, args=["--no-sandbox"])
    context = browser.new_context(ignore_https_errors=True)  # the authority is this site's own
    try:
        yield context.new_page()
    finally:
        browser.close()


@pytest.mark.browser
def test_a_reader_sees_pages_and_pictures(page: Page) -> None:
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.on("console", lambda told: failed.append(told.text) if told.type == "error" else None)
    page.goto(ADDRESS)
    page.get_by_role("link", name="A toy network").first.click()
    page.wait_for_load_state("networkidle")
    page.goto(UNIT)
    page.wait_for_load_state("networkidle")
    seen = page.evaluate("[...document.images].map(each => each.complete && each.naturalWidth)")
    assert len(seen) > 3
    assert all(seen)
    assert failed == []


def test_a_web_side_that_is_replaced_is_waited_for(site: Site, curl: Curl) -> None:
    assert site.running["web"].stop(20) in STOPPED
    asking = subprocess.Popen(
        [*site.network.entered, "curl", "--silent", "--insecure", "--fail", UNIT],
        stdout=subprocess.DEVNULL,
    )
    site.start("web")
    site.require_healthy("web")
    asking.wait(60)
    assert curl(UNIT).status == 200


def test_a_reader_is_told_when_the_web_side_is_gone(site: Site, curl: Curl) -> None:
    assert site.running["web"].stop(20) in STOPPED
    try:
        answer = curl(UNIT)
        assert answer.status == 502
        assert answer.headers["retry-after"] == "5"
        assert "Try again" in answer.body.decode()
    finally:
        site.start("web")
        site.require_healthy("web")


def test_only_the_proxy_may_say_that_a_reader_came_encrypted(site: Site, curl: Curl) -> None:
    secure = "strict-transport-security"
    assert "max-age" in curl(UNIT).headers[secure]
    claimed = ("--header", "X-Forwarded-Proto: https")
    # From loopback, which is not the proxy's network.
    assert secure not in curl("http://127.0.0.1:8000/models/toy", *claimed).headers

"""Fetching weights from a server of this machine's own that breaks off, lies, or is not there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.errors import InputError, MicroscopeError
from precompute.network import find, published_weights
from precompute.network.published_weights import (
    SOURCES,
    DownloadError,
    WeightsSource,
    cached,
    digest,
    get,
    weights_folder,
)
from tests.precompute.network.reference_facts import VARIANTS
from tests.precompute.network.reference_publisher import (
    CONTENT,
    Answer,
    Publisher,
    another_protocol,
    half,
    half_in_chunks,
    missing,
    nothing,
    serve,
    silent,
    whole,
    without_length,
)

VARIANT = "googlenet-bvlc"
FILE = "published.pth"


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[Publisher]:
    """A server that publishes the variant's weights, as long as the test runs."""
    with serve(Publisher(whole)) as publisher:
        publish(monkeypatch, f"http://127.0.0.1:{publisher.port}/{FILE}")
        yield publisher


def publish(monkeypatch: pytest.MonkeyPatch, url: str, sha256: str | None = None) -> None:
    source = WeightsSource(VARIANT, url, "a licence", "this machine", (FILE, "other.onnx"), sha256)
    monkeypatch.setitem(SOURCES, VARIANT, source)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv("MICROSCOPE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def left_in(home: Path) -> list[str]:
    return sorted(path.name for path in home.rglob("*") if path.is_file())


def test_the_weights_arrive_in_the_cache_under_their_name(publisher: Publisher, home: Path) -> None:
    path = get(VARIANT)
    assert path == home / "weights" / FILE == weights_folder() / FILE
    assert path.read_bytes() == CONTENT
    assert left_in(home) == [FILE]
    assert cached(VARIANT) == path


def test_progress_tells_the_bytes_that_came_and_those_expected(publisher: Publisher) -> None:
    told: list[tuple[int, int]] = []
    get(VARIANT, lambda done, total: told.append((done, total)))
    assert len(told) > 1
    assert told == sorted(set(told))
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert {total for _, total in told} == {len(CONTENT)}


def test_a_server_that_does_not_say_how_much_is_believed(publisher: Publisher, home: Path) -> None:
    publisher.answer, told = without_length, []
    assert get(VARIANT, lambda *news: told.append(news)).read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), 0)


BROKEN = (half, half_in_chunks, nothing, missing, another_protocol)


@pytest.mark.parametrize("answer", BROKEN)
def test_a_broken_download_is_an_error_and_leaves_nothing(
    publisher: Publisher, home: Path, answer: Answer
) -> None:
    publisher.answer = answer
    with pytest.raises(DownloadError, match=FILE):
        get(VARIANT)
    assert left_in(home) == []
    assert cached(VARIANT) is None


def test_after_a_broken_download_another_one_arrives(publisher: Publisher) -> None:
    publisher.answer = half
    with pytest.raises(DownloadError):
        get(VARIANT)
    publisher.answer = whole
    assert get(VARIANT).read_bytes() == CONTENT


def test_a_server_that_falls_silent_is_given_up(
    publisher: Publisher, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published_weights, "TIMEOUT_SECONDS", 0.1)
    publisher.answer = silent
    with pytest.raises(DownloadError, match="timed out"):
        get(VARIANT)
    assert left_in(home) == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x.pth", "file:///nowhere/x.pth", ""])
def test_a_server_that_is_not_there_is_an_error_and_leaves_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    publish(monkeypatch, url)
    with pytest.raises(DownloadError, match="could not be fetched"):
        get(VARIANT)
    assert left_in(home) == []


def test_an_interrupted_download_leaves_nothing(publisher: Publisher, home: Path) -> None:
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        get(VARIANT, interrupt)
    assert left_in(home) == []


@pytest.mark.parametrize("length", [8, 64])
def test_the_publishers_digest_or_its_beginning_is_checked(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    stated = hashlib.sha256(CONTENT).hexdigest()[:length]
    monkeypatch.setitem(SOURCES, VARIANT, replace(SOURCES[VARIANT], sha256=stated))
    assert digest(get(VARIANT)).startswith(stated)


def test_another_digest_is_refused_and_nothing_is_kept(
    publisher: Publisher, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SOURCES, VARIANT, replace(SOURCES[VARIANT], sha256="1378be20"))
    with pytest.raises(DownloadError, match="1378be20") as refused:
        get(VARIANT)
    assert hashlib.sha256(CONTENT).hexdigest() in str(refused.value)
    assert left_in(home) == []


@pytest.mark.parametrize("file", [FILE, "other.onnx"])
def test_what_is_cached_is_neither_fetched_nor_written(
    publisher: Publisher, home: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    (home / "weights").mkdir(parents=True)
    (home / "weights" / file).write_bytes(b"kept")
    monkeypatch.setattr("tempfile.NamedTemporaryFile", refuse)
    before = (home / "weights").stat().st_mtime_ns
    assert get(VARIANT).read_bytes() == b"kept"
    assert publisher.asked == []
    assert (home / "weights").stat().st_mtime_ns == before


def refuse(*_: object, **__: object) -> None:
    raise AssertionError("a read-only cache was written")


def test_a_cache_that_cannot_be_written_is_told_with_what_to_do(
    publisher: Publisher, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.write_text("a regular file")
    monkeypatch.setenv("MICROSCOPE_HOME", str(home / "below"))
    with pytest.raises(DownloadError, match="MICROSCOPE_HOME") as refused:
        get(VARIANT)
    assert str(home) in str(refused.value)
    assert publisher.asked == []
    assert home.read_text() == "a regular file"


def test_fetched_weights_are_found_with_their_licence_and_digest(publisher: Publisher) -> None:
    path = get(VARIANT)
    found = find(VARIANT)
    assert (found.path, found.licence) == (path, "a licence")
    assert found.sha256 == digest(path) == hashlib.sha256(CONTENT).hexdigest()


def test_ones_own_file_has_no_licence_of_the_publishers(publisher: Publisher, home: Path) -> None:
    own = home.with_name("own.pth")
    own.write_bytes(b"own")
    assert find(VARIANT, own).path == own
    assert "a licence" not in find(VARIANT, own).licence


def test_weights_that_are_nowhere_are_refused_with_how_to_get_them(home: Path) -> None:
    with pytest.raises(InputError, match=f"microscope weights get {VARIANT}"):
        find(VARIANT)


def test_the_toys_weights_are_never_fetched(home: Path) -> None:
    path = get("toy")
    assert path == cached("toy") == find("toy").path
    assert path.is_file()
    assert left_in(home) == []


def test_an_unknown_variant_is_refused_with_those_there_are(home: Path) -> None:
    with pytest.raises(InputError, match="inceptionv2") as refused:
        get("inceptionv2")
    assert all(name in str(refused.value) for name in VARIANTS)


def test_every_variant_has_a_source_and_only_torchvision_states_a_digest() -> None:
    assert tuple(SOURCES) == VARIANTS
    stated = {name: source.sha256 for name, source in SOURCES.items() if source.sha256}
    assert stated == {"googlenet-torchvision": "1378be20"}
    assert all(source.licence and source.publisher for source in SOURCES.values())


def test_a_failed_download_is_a_failure_and_not_a_wrong_question() -> None:
    assert issubclass(DownloadError, MicroscopeError)
    assert DownloadError.exit_code == 1

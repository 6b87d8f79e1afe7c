"""A copy as a whole: nothing in it leads nowhere, and nothing leaves that should not."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, insert, select, update

from app.db.engine import open_for_writing
from app.db.transactions import writing
from app.db.writer.writer import Writer
from app.errors import InputError, MicroscopeError, NotFound
from app.evidence.examples import Example
from app.export.folder import JOURNAL
from app.export.site.rendering import rendered
from app.tables import Hidden
from app.web.dependencies import AppState
from app.web.file_urls import FileAddress
from tests.app.export.conftest import HOSTILE
from tests.app.export.copies import Reader, copy, dead_links, files_of, search_index

PICTURE = "models/toy/mixed3b/3/index.html"


def test_every_link_of_every_file_leads_to_a_file(copied_files: dict[str, bytes]) -> None:
    assert len(copied_files) > 100
    assert dead_links(copied_files) == []


def test_the_link_checker_sees_what_is_dead(copied_files: dict[str, bytes]) -> None:
    missing = {name: data for name, data in copied_files.items() if name != PICTURE}
    assert dead_links(missing)
    files = {"a.html": b'<a href="/a/b/a.html"><a href="#x"><img src="/x">'}
    assert dead_links(files) == [("a.html", "#x"), ("a.html", "/x")]


def test_the_data_of_a_page_is_that_of_the_server_with_its_own_addresses(
    copied_files: dict[str, bytes], client: TestClient
) -> None:
    data = json.loads(copied_files["models/toy/mixed3b/3.json"])
    served = client.get("/models/toy/mixed3b/3.json").json()
    assert data["page"] == "3/index.html"
    assert data["examples"][0]["heat"] is None, "no page shows it"
    assert data["statistics"] == served["statistics"]
    layer = json.loads(copied_files["models/toy/mixed3b.json"])
    assert layer["units"][3]["page"] == "mixed3b/3/index.html"
    assert layer["units"][3]["href"] is None, "the API does not answer in a copy"
    pictures = [each["image"] for each in data["visualizations"]]
    assert [each.removeprefix("../../../") for each in pictures] == [
        each["image"].removeprefix("/") for each in served["visualizations"]
    ]


def test_the_search_index_finds_units_by_word(copied_files: dict[str, bytes]) -> None:
    index = search_index(copied_files)

    def units(key: str) -> list[str]:
        ranges = index["words"].get(key, [])
        return [index["units"][row][0] for start, stop in ranges for row in range(start, stop)]

    assert units("fox") == ["logits:2"]
    assert units("stäbchen") == ["logits:3"]
    assert units("layer:3b_3x3") == [f"mixed3b:{unit}" for unit in range(8, 20)]
    assert units("layer:mixed3b") == units("layer:3b") == [f"mixed3b:{unit}" for unit in range(24)]
    assert len(units("model:toy")) == len(index["units"])
    assert units("density") == []
    assert list(index["words"]) == sorted(index["words"]), "else each export would renew it"


def test_every_page_that_the_server_links_is_there(
    copied_files: dict[str, bytes], client: TestClient
) -> None:
    for unit in range(24):
        assert f"models/toy/mixed3b/{unit}/index.html" in copied_files
    served = Reader(client.get("/models/toy/mixed3b/3").text)
    page = Reader(copied_files[PICTURE].decode())
    assert len(page.every("img")) == len(served.every("img"))
    assert [each.get("alt") for each in page.every("img")] == [
        each.get("alt") for each in served.every("img")
    ]


def test_each_way_of_sorting_a_layer_is_a_file_of_its_own(
    copied_files: dict[str, bytes],
) -> None:
    first = Reader(copied_files["models/toy/mixed3b/index.html"].decode())
    assert "sort=mean.html#units" in first.links
    sorted_page = copied_files["models/toy/mixed3b/sort=mean.html"].decode()
    assert "order=asc,sort=mean.html#units" in Reader(sorted_page).links


def test_of_units_only_the_first_state_is_copied_unless_all_views_are_asked_for(
    copied_files: dict[str, bytes], database: str, tmp_path: Path
) -> None:
    assert "show=heat" not in "".join(copied_files)
    copy(database, tmp_path / "all", views="all", layers="mixed3b")
    files = files_of(tmp_path / "all")
    assert "models/toy/mixed3b/3/show=heat.html" in files
    assert any(name.startswith("heat/toy/mixed3b/3/foxes/top/") for name in files)
    assert dead_links(files) == []


def test_a_choice_of_one_is_no_choice(copied_files: dict[str, bytes]) -> None:
    assert b"Counts" not in copied_files["models/toy/mixed3b/2/index.html"]


def test_the_policy_stands_in_every_page(copied_files: dict[str, bytes]) -> None:
    for name, data in copied_files.items():
        if name.endswith(".html"):
            policies = [
                each["content"]
                for each in Reader(data.decode()).every("meta")
                if each.get("http-equiv") == "Content-Security-Policy"
            ]
            assert len(policies) == 1, name
            assert "default-src 'none'" in policies[0]
            assert "frame-ancestors" not in policies[0]


def test_sums_and_manifest_are_right(copied: Path, copied_files: dict[str, bytes]) -> None:
    hashes = {name: sha256(data).hexdigest() for name, data in copied_files.items()}
    lines = copied_files["SHA256SUMS"].decode().splitlines()
    told = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    assert told == {name: value for name, value in hashes.items() if name != "SHA256SUMS"}
    manifest = json.loads(copied_files["manifest.json"])
    assert {name: each["sha256"] for name, each in manifest["files"].items()} == {
        name: value for name, value in told.items() if name != "manifest.json"
    }
    assert all(len(copied_files[name]) == each["bytes"] for name, each in manifest["files"].items())
    assert manifest["counts"]["pages"] > 44
    assert [each["slug"] for each in manifest["models"]] == ["toy"]
    if shutil.which("sha256sum"):
        command = ["sha256sum", "--check", "--quiet", "--strict", "SHA256SUMS"]
        subprocess.run(command, cwd=copied, check=True)


def test_a_second_export_changes_nothing(database: str, tmp_path: Path) -> None:
    copy(database, tmp_path / "copy", layers="logits")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "copy").rglob("*.*")}
    again = copy(database, tmp_path / "copy", layers="logits")
    assert not again.changed
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "copy").rglob("*.*")}
    assert after == before


def test_a_layer_alone_has_no_dead_links_and_says_what_is_absent(
    copied: Path, database: str, tmp_path: Path
) -> None:
    shutil.copytree(copied, tmp_path / "copy")
    narrowed = copy(database, tmp_path / "copy", layers="logits")
    files = files_of(tmp_path / "copy")
    assert files.keys() == narrowed.new.keys() | {"manifest.json", "SHA256SUMS"}
    assert dead_links(files) == []
    assert not any("mixed3b" in name or "conv2d0" in name for name in files)
    page = Reader(files["models/toy/index.html"].decode())
    absent = [each for each in page.every("a") if "data-absent" in each]
    assert absent
    assert all(each["aria-disabled"] == "true" for each in absent)
    assert not any("href" in each for each in absent)
    assert "mixed3b" not in files["search/index.js"].decode()


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"layers": "mixed9z"}, NotFound),
        ({"model": "none"}, NotFound),
        ({"format": "zip"}, InputError),
        ({"views": "some"}, InputError),
        ({"site": "example.org"}, InputError),
        ({"images": True}, InputError),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_written(
    database: str, tmp_path: Path, options: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        copy(database, tmp_path / "copy", **options)
    assert not (tmp_path / "copy").exists()


def test_hostile_names_are_safe_and_stay_linked(hostile_database: str, tmp_path: Path) -> None:
    copy(hostile_database, tmp_path / "copy")
    files = files_of(tmp_path / "copy")
    assert dead_links(files) == []
    assert len({name.lower() for name in files}) == len(files)
    units = search_index(files)["units"]
    expected = [f"{layer}:{unit}" for layer in HOSTILE for unit in (0, 1)]
    assert [name for name, *_ in units] == expected * 2
    pages = [page for _, _, _, page, _ in units]
    assert len(set(pages)) == len(pages)
    assert all(page in files for page in pages)
    assert sum(name.endswith("/0/index.html") for name in files) == 2 * len(HOSTILE)


@pytest.fixture
def own_database(database: str, tmp_path: Path) -> str:
    return str(shutil.copy(database, tmp_path / "own.db"))


def test_a_hidden_picture_does_not_leave_and_one_that_is_hidden_later_is_removed(
    own_database: str, tmp_path: Path
) -> None:
    out = tmp_path / "copy"
    copy(own_database, out, layers="logits")
    engine = open_for_writing(own_database)
    with writing(engine) as connection:
        found = Reader((out / "models/toy/logits/1/index.html").read_text())
        sha256 = found.every("img")[1]["src"].rpartition("/")[2].partition(".")[0]
        row = {"sha256": sha256, "reason": "x", "created": datetime.now(UTC)}
        connection.execute(insert(Hidden), [row])
    engine.dispose()
    assert list(out.rglob(f"{sha256}.*"))
    copy(own_database, out, layers="logits")
    assert not list(out.rglob(f"{sha256}.*"))
    page = (out / "models/toy/logits/1/index.html").read_text()
    assert "hidden by the maintainer" in page
    assert sha256 not in (out / "search/index.js").read_text()
    assert dead_links(files_of(out)) == []


def test_a_damaged_heat_map_is_left_out(own_database: str, tmp_path: Path) -> None:
    engine = open_for_writing(own_database)
    with writing(engine) as connection:
        first = select(func.min(Example.unit_id)).scalar_subquery()
        connection.execute(update(Example).where(Example.unit_id == first).values(heat=b"damaged"))
    engine.dispose()
    copy(own_database, tmp_path / "damaged", layers="conv2d0", views="all")
    files = files_of(tmp_path / "damaged")
    links = {link for _, link in dead_links(files)}
    assert links == {f"../../../../heat/toy/conv2d0/0/foxes/top/{rank}.png" for rank in (1, 2, 3)}
    assert json.loads(files["models/toy/conv2d0/0.json"])["examples"][0]["heat"] is None
    assert any(name.startswith("heat/toy/conv2d0/1/") for name in files)


def test_nothing_of_a_private_data_set_leaves(
    copied_files: dict[str, bytes], client: TestClient
) -> None:
    words = (b"My photographs", b"secrets", b"&lt;i&gt;me", b"<i>me", b"me.jpg", b"ef" * 32)
    assert words[0] in client.get("/models/toy/mixed3b/2").content, "the site itself shows it"
    for name, data in copied_files.items():
        assert not [word for word in words if word in data], name


def test_a_run_that_goes_on_leaves_no_trace(own_database: str, tmp_path: Path) -> None:
    engine = open_for_writing(own_database)
    writer = Writer(engine)
    writer.beat(writer.start_run("toy", {}, "0.1.0"), "rendering", 1, 2)
    engine.dispose()
    copy(own_database, tmp_path / "copy", layers="logits")
    page = (tmp_path / "copy/models/toy/logits/index.html").read_text()
    assert "data-live" not in page
    assert "refresh" not in page


def test_the_site_makes_addresses_absolute(database: str, tmp_path: Path) -> None:
    site = "https://example.org/copy"
    copy(database, tmp_path / "copy", layers="logits", site=f"{site}/")
    page = Reader((tmp_path / "copy/404.html").read_text())
    links = page.links + [each["href"] for each in page.every("a")]
    assert f"{site}/models/index.html" in links
    assert all(link.startswith(f"{site}/") for link in links)


def test_without_a_site_the_page_of_what_is_not_there_stands_alone(
    copied_files: dict[str, bytes],
) -> None:
    text = copied_files["404.html"].decode()
    assert Reader(text).links == []
    assert "There is nothing at this address" in text


def test_an_error_of_a_page_ends_the_export_and_the_next_one_goes_on(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(state: AppState, schema: dict[str, Any], address: FileAddress) -> bytes:
        if address.file == "models/toy/logits/2/index.html":
            raise MicroscopeError("The disk is gone.")
        return rendered(state, schema, address)

    monkeypatch.setattr("app.export.site.build.rendered", failing)
    with pytest.raises(MicroscopeError, match="disk is gone"):
        copy(database, tmp_path / "copy", layers="logits")
    assert (tmp_path / "copy" / JOURNAL).exists()
    assert not (tmp_path / "copy" / "manifest.json").exists()
    monkeypatch.undo()
    copy(database, tmp_path / "copy", layers="logits")
    assert dead_links(files_of(tmp_path / "copy")) == []
    assert not (tmp_path / "copy" / JOURNAL).exists()

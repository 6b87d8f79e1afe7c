"""The folder of an export: nobody else's files, nothing half, nothing left over."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from app.errors import InputError, MicroscopeError
from app.export.folder import JOURNAL, Folder
from tests.app.export.copies import files_of

FACTS = {"format": "inception-microscope-copy", "kind": "site", "made": "now"}


def export(root: Path, files: dict[str, bytes], made: str = "now") -> Folder:
    with closing(Folder(root, "site")) as folder:
        for name, data in files.items():
            folder.write(name, data)
        folder.finish(FACTS | {"made": made})
    return folder


def killed(root: Path, files: dict[str, bytes]) -> None:
    """An export that ends before it is finished."""
    with closing(Folder(root, "site")) as folder:
        for name, data in files.items():
            folder.write(name, data)


def test_what_changed_is_written_and_what_is_gone_removed(tmp_path: Path) -> None:
    export(tmp_path, {"a/b.html": b"1", "c.html": b"2", "d.html": b"3"})
    before = (tmp_path / "c.html").stat().st_mtime_ns
    again = export(tmp_path, {"c.html": b"2", "d.html": b"4"})
    assert again.changed == {"d.html"}
    assert files_of(tmp_path).keys() == {"c.html", "d.html", "manifest.json", "SHA256SUMS"}
    assert not (tmp_path / "a").exists()
    assert (tmp_path / "c.html").stat().st_mtime_ns == before


def test_a_second_export_leaves_even_the_date(tmp_path: Path) -> None:
    export(tmp_path, {"a": b"1"})
    before = files_of(tmp_path)
    export(tmp_path, {"a": b"1"}, made="later")
    assert files_of(tmp_path) == before


def test_a_folder_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("all of it")
    with pytest.raises(InputError, match="is not empty"):
        Folder(tmp_path, "site")
    assert files_of(tmp_path).keys() == {"thesis.txt"}


@pytest.mark.parametrize("text", ["[]", "{}", "nonsense", '{"format": "another"}'])
def test_another_manifest_does_not_make_it_a_copy(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(InputError):
        Folder(tmp_path, "site")


def test_a_copy_of_another_kind_is_refused(tmp_path: Path) -> None:
    export(tmp_path, {"a": b"1"})
    with pytest.raises(InputError, match="--format parquet"):
        Folder(tmp_path, "parquet")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="is a file"):
        Folder(tmp_path / "file", "site")


def test_somebodys_file_inside_a_copy_stays(tmp_path: Path) -> None:
    export(tmp_path, {"a/b": b"1"})
    (tmp_path / "a" / "CNAME").write_text("example.org")
    export(tmp_path, {"c": b"1"})
    assert (tmp_path / "a" / "CNAME").exists()
    assert not (tmp_path / "a" / "b").exists()


def test_an_export_that_was_killed_can_be_run_again(tmp_path: Path) -> None:
    killed(tmp_path, {"a": b"1", "left/over": b"2"})
    assert (tmp_path / JOURNAL).exists()
    again = export(tmp_path, {"a": b"1", "b": b"3"})
    assert again.changed == {"b"}, "what was finished is not written again"
    assert files_of(tmp_path).keys() == {"a", "b", "manifest.json", "SHA256SUMS"}


def test_a_file_that_was_being_written_is_written_again(tmp_path: Path) -> None:
    export(tmp_path, {"a": b"1"})
    with closing(Folder(tmp_path, "site")):
        (tmp_path / "a").write_bytes(b"?")
    with (tmp_path / JOURNAL).open("a") as journal:
        journal.write("- -1 a\n0123 77 torn")
    again = export(tmp_path, {"a": b"1"})
    assert again.changed == {"a"}
    assert (tmp_path / "a").read_bytes() == b"1"


def test_a_changed_manifest_cannot_remove_what_lies_outside(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("precious")
    root = tmp_path / "copy"
    export(root, {"a": b"1"})
    manifest = json.loads((root / "manifest.json").read_text())
    for name in ("../outside", str(outside), "x/../../outside"):
        manifest["files"][name] = {"sha256": "0", "bytes": 8}
    (root / "manifest.json").write_text(json.dumps(manifest))
    export(root, {"a": b"2"})
    assert outside.read_text() == "precious"


def test_nothing_is_written_outside(tmp_path: Path) -> None:
    with closing(Folder(tmp_path / "copy", "site")) as folder:
        with pytest.raises(MicroscopeError, match="outside"):
            folder.write("../x", b"")
        assert not (tmp_path / "x").exists()


def test_a_file_that_was_lost_is_written_again(tmp_path: Path) -> None:
    export(tmp_path, {"a": b"1"})
    (tmp_path / "a").unlink()
    assert export(tmp_path, {"a": b"1"}).changed == {"a"}

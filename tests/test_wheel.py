"""The wheel: what a person installs has its pages, its styles and the toy's weights in it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_wheel_carries_templates_static_files_and_data(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
         "--wheel-dir", tmp_path, ROOT],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("templates", "static"):
        files = (path for path in (ROOT / folder).rglob("*") if path.is_file())
        shipped = {f"app/{path.relative_to(ROOT).as_posix()}" for path in files}
        assert shipped <= names
    assert "precompute/toy/toy.safetensors" in names
    assert "precompute/network/imagenet1k.tsv" in names
    assert not [name for name in names if name.startswith("tests/")]

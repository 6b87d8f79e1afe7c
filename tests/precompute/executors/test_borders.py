"""Ray is an extra: it is imported only where it is asked for, and its absence is one sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app.errors import InputError
from precompute.request import Request
from precompute.validation import check
from tests.precompute.test_borders import imports, sources

WITH_RAY = {"ray_cluster.py", "ray_executor.py", "ray_worker.py"}


def test_ray_is_imported_by_its_own_modules_alone() -> None:
    users = {path for path in sources() if any(n.split(".")[0] == "ray" for n in imports(path))}
    assert {path.name for path in users} == WITH_RAY
    assert {path.parent.name for path in users} == {"executors"}


def python(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, check=False
    )


def test_the_local_engine_runs_without_importing_ray(tmp_path: Path) -> None:
    code = (
        "import sys; from precompute.request import Request; from precompute.prepare "
        "import prepare; "
        "from precompute.pipeline import run; run(prepare(Request('toy', layers=('conv2d0',), "
        "units='0', steps=1, size=32, techniques=('channel',)))); print('ray' in sys.modules)"
    )
    done = python(code, tmp_path)
    assert done.stdout.strip() == "False", done.stderr


def test_without_ray_one_sentence_says_what_to_install_before_anything_is_made(
    tmp_path: Path,
) -> None:
    code = (
        "import sys; sys.modules['ray'] = None; "
        "sys.argv = 'microscope precompute --model toy --techniques channel --engine ray'.split(); "
        "from app.cli.main import main; main()"
    )
    done = python(code, tmp_path)
    assert done.returncode == 2
    assert "pip install 'inception-microscope[ray]'" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"engine": "abacus"}, "--engine abacus: it takes local or ray"),
        ({"address": "auto"}, "--address is for --engine ray"),
        ({"gpus": 0.5}, "--gpus is for --engine ray"),
        ({"cpus": 2}, "--cpus is for --engine ray"),
        ({"engine": "ray", "gpus": 1.5}, "--gpus 1.5"),
        ({"engine": "ray", "gpus": 0.0}, "--gpus 0"),
        ({"engine": "ray", "cpus": 0}, "--cpus 0"),
    ],
)
def test_what_an_engine_cannot_do_is_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        check(Request("toy", techniques=("channel",), **given))  # type: ignore[arg-type]

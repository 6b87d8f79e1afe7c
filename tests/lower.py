"""Commands as a user who is not root, to whom the rights of files apply.

Where the tests run as root, whose Python may lie where nobody else can look, Debian's own of the
same version runs in its place; and where there is none, root without its powers: then the rights of
files hold for it as for anybody.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests.postgres import as_lower_user, lower_user

ROOT = Path(__file__).parents[1]
POWERLESS = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
PROGRAM = "from app.cli.main import main; main()"


@cache
def command() -> tuple[str, ...]:
    """What stands before the arguments of `microscope`."""
    version = f"python3.{sys.version_info.minor}"
    tried = [(*as_lower_user(), sys.executable), (*as_lower_user(), f"/usr/bin/{version}")]
    able = (each for each in tried if _can_run(each))
    return (*next(able, (*POWERLESS, sys.executable)), "-c", PROGRAM)


def owner() -> str | None:
    """Who that is; None where it is the same user as ours."""
    return lower_user() if command()[:1] == ("setpriv",) and "--reuid" in command()[1] else None


def environment(folder: Path) -> dict[str, str]:
    """With our modules, and a home that may be written."""
    modules = f"{ROOT}{os.pathsep}{sysconfig.get_path('purelib')}"
    return os.environ | {
        "PYTHONPATH": modules,
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder),
        "MPLCONFIGDIR": str(folder),
    }


def run(folder: Path, *arguments: str | Path) -> tuple[int, str]:
    """The exit code of `microscope` with these arguments, and all that it said."""
    done = subprocess.run(
        [*command(), *map(str, arguments)],
        env=environment(folder),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@contextmanager
def own_folder() -> Iterator[Path]:
    """A folder of that user's, below one that everybody may enter."""
    folder = Path(tempfile.mkdtemp(prefix="microscope-rights-"))
    give(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def give(path: Path) -> None:
    """Make the user the owner of a file or folder."""
    user = owner()
    if user:
        shutil.chown(path, user)


def _can_run(python: tuple[str, ...]) -> bool:
    if not Path(python[-1]).exists():
        return False
    done = subprocess.run(
        [*python, "-c", "import app.cli.main"], env=environment(Path("/tmp")), cwd="/", check=False,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return done.returncode == 0

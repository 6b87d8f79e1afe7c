"""What stands in for the images: ours made by the Dockerfile's steps, the others as documented.

The web image holds exactly the distributions that requirements/web.txt names, taken from this
environment, and our own wheel. So PyTorch is not there, though it is installed here.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

from tests.deploy import dockerfile
from tests.deploy.compose import ROOT
from tests.deploy.containers import Image
from tests.postgres import lower_user, require_programs

PACKAGES = "/usr/local/lib/microscope"
NAME = re.compile(r"^([\w.-]+)==", re.MULTILINE)
HERE = Path(__file__).parent


def web(folder: Path, demo: Path) -> Image:
    """The image `web`, with this database as its demo."""
    local = folder / "local"
    packages = local / "lib/microscope"
    (local / "bin").mkdir(parents=True)
    (local / "bin/python").symlink_to(Path(sys.executable).resolve())
    _install(packages)
    (packages / "bin/microscope").rename(local / "bin/microscope")
    for target, source in _copies(demo):
        place = local / target.relative_to("/usr/local")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(source.read_bytes())
        place.chmod(0o555)
    prefix = Path(sys.base_prefix)
    return Image(
        command=dockerfile.last("web", "CMD").words,
        user=dockerfile.last("web", "USER").text,
        environment={"PYTHONPATH": PACKAGES} | dockerfile.environment("web"),
        binds={"/usr/local": local, str(prefix): prefix} | _linked(packages),
        health=_health(),
    )


def _copies(demo: Path) -> Iterator[tuple[Path, Path]]:
    """What the stage copies, but for its packages: where to, and from where here."""
    for step in dockerfile.stages()["web"].all("COPY"):
        source, target = step.operands
        if step.option("from") == "demo":
            yield Path(target), demo
        elif step.option("from") is None:
            yield Path(target), ROOT / source


def _health() -> list[str]:
    text = dockerfile.last("web", "HEALTHCHECK").text
    return dockerfile.Instruction("CMD", text[text.index("[") :]).words


def _install(target: Path) -> None:
    """Our wheel, and the locked distributions as links to those that are installed here."""
    wheels = target.parent / "wheels"
    pip = [sys.executable, "-m", "pip"]
    build = ("wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", wheels, ROOT)
    subprocess.run([*pip, *build], check=True, capture_output=True)
    install = ("install", "--quiet", "--no-deps", "--no-index", "--target", target)
    subprocess.run([*pip, *install, *wheels.glob("*.whl")], check=True, capture_output=True)
    script = target / "bin/microscope"
    lines = script.read_text().splitlines(keepends=True)
    script.write_text("".join(["#!/usr/local/bin/python\n", *lines[1:]]))
    for name in locked():
        for path in _top_level(name):
            link = target / path.name
            if not link.exists():
                link.symlink_to(path)


def locked() -> list[str]:
    """The distributions that the web image is made of, but for our own."""
    return NAME.findall((ROOT / "requirements/web.txt").read_text(encoding="utf-8"))


def _top_level(name: str) -> set[Path]:
    """The folders and files that a distribution brought, next to one another."""
    found = distribution(name)
    first = {file.parts[0] for file in found.files or () if file.parts[0] not in ("..", "bin")}
    return {Path(str(found.locate_file(each))) for each in first - {"__pycache__"}}


def _linked(packages: Path) -> dict[str, Path]:
    """The folders that the links lead to must be seen from inside too, each in its own place."""
    links = [path.resolve() for path in packages.iterdir() if path.is_symlink()]
    return {str(path): path for path in links}


def postgres() -> Image:
    """PostgreSQL's: its start is done as its page describes it."""
    return Image(
        command=["/entrypoint.sh"],
        environment={
            "PATH": f"{require_programs()}:/usr/bin:/bin:/usr/sbin",
            "PGDATA": "/var/lib/postgresql/data",
            "LOWER_USER": lower_user() or "postgres",
        },
        binds={"/entrypoint.sh": HERE / "postgres_start.sh"},
        writable=["/var/run/postgresql", "/tmp"],
    )


def caddy(program: Path) -> Image:
    """Caddy's, with a program of this machine."""
    return Image(
        command=["/srv/caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"],
        environment={"XDG_CONFIG_HOME": "/config", "XDG_DATA_HOME": "/data", "HOME": "/config"},
        binds={"/srv/caddy": program},
    )

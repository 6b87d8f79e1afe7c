"""The Dockerfile: what its linter says, and what the linter does not ask."""

from __future__ import annotations

import fnmatch
import re
import subprocess

import pytest

from precompute.cli.commands import register
from tests import packaged
from tests.deploy import compose, dockerfile
from tests.deploy.compose import BASE, ROOT
from tests.deploy.dockerfile import Instruction

TARGETS = ("web", "precompute", "ray")
SECRET = re.compile(r"pass|secret|token|key|credential", re.IGNORECASE)
PINNED = re.compile(r"[\w./-]+:\d[\w.-]*$")


def instructions(*words: str) -> list[Instruction]:
    return [each for stage in dockerfile.stages().values() for each in stage.all(*words)]


def test_the_linter_has_nothing_to_say() -> None:
    done = subprocess.run(
        [packaged.hadolint(), "--no-color", ROOT / "Dockerfile"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("target", TARGETS)
def test_an_image_is_run_by_a_user_of_its_own_known_by_number(target: str) -> None:
    user = dockerfile.last(target, "USER").text
    assert int(user) >= 10000
    owner = compose.services([BASE])["secrets"]["environment"]["CLIENT"]
    assert user == owner


def test_compose_builds_the_targets_that_there_are() -> None:
    services = compose.services([BASE]).values()
    assert {each["build"]["target"] for each in services if "build" in each} == set(TARGETS)


def test_every_image_that_is_not_ours_is_named_with_its_version() -> None:
    known = dockerfile.stages()
    bases = {stage.base for stage in known.values()} - set(known)
    bases |= {each["image"] for each in compose.services([BASE]).values() if "build" not in each}
    assert {base for base in bases if not PINNED.match(base)} == {"demo-${DEMO_DATA}"}


def test_nothing_is_fetched_but_by_the_package_managers() -> None:
    assert instructions("ADD") == []
    assert not [each for each in instructions("RUN") if re.search(r"curl|wget|https?:", each.text)]


def test_no_secret_enters_an_image() -> None:
    assert not [each for each in instructions("ARG", "ENV") if SECRET.search(each.text)]


def ignored(path: str, patterns: list[str]) -> bool:
    """Whether .dockerignore leaves a path out: the last pattern for it, or its folder, says."""
    folders = [path, *(str(parent) for parent in list((ROOT / path).relative_to(ROOT).parents))]
    left_out = False
    for pattern in patterns:
        bare = pattern.removeprefix("!").removeprefix("**/")
        if pattern == "**" or any(fnmatch.fnmatch(each, bare) for each in folders):
            left_out = not pattern.startswith("!")
    return left_out


def patterns() -> list[str]:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def sources() -> list[str]:
    """What is copied from this folder."""
    copies = [each for each in instructions("COPY") if each.option("from") is None]
    return [source for each in copies for source in each.operands[:-1]]


@pytest.mark.parametrize("source", sorted(set(sources())))
def test_what_is_copied_is_there_and_is_sent_to_the_builder(source: str) -> None:
    assert (ROOT / source).exists()
    assert not ignored(source, patterns())


@pytest.mark.parametrize(
    "path", [".env", ".git", "data", "microscope.db", "tests", "app/demo.db", ".venv", "cache"]
)
def test_secrets_data_and_history_are_not_sent_to_the_builder(path: str) -> None:
    assert ignored(path, patterns())


def test_the_images_install_what_the_project_asks_for() -> None:
    done = subprocess.run(
        ["python3", ROOT / "deploy/requirements.py", "ray"],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    names = {re.split(r"[\[<>=;]", line)[0] for line in done.stdout.split("\n") if line}
    assert {"ray", "fastapi", "psycopg"} <= names
    assert "torch" not in names


def test_the_demos_command_is_one_that_there_is() -> None:
    import typer
    from typer.testing import CliRunner

    (step,) = dockerfile.stages()["demo-yes"].all("RUN")
    variable, program, *arguments = step.words
    assert (variable, program) == ("MICROSCOPE_HOME=/nowhere", "microscope")
    target = typer.Typer()
    register(target)
    # It stops at the help, after it has read every word before it.
    assert CliRunner().invoke(target, [*arguments, "--help"]).exit_code == 0

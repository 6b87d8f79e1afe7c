"""The command line of precompute, typed as a person types it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import typer
from safetensors.torch import load_file, save_file

from precompute.network.published_weights import TOY_WEIGHTS
from tests.nursery import PATIENCE_SECONDS, Nursery

BASE = ("precompute", "--model", "toy", "--dataset", "drawn", "--steps", "1", "--size", "32")


# An own process each, but for what it imports.
Microscope = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def microscope(nursery: Nursery) -> Microscope:
    """A command as it is typed in a folder, on a wide terminal."""
    return partial(nursery.completed, COLUMNS="200", NO_COLOR="1")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--layers", "mixed9"), "no layer 'mixed9'"),
        (("--layers", "conv2d0", "--units", "0-99"), "no unit 99"),
        (("--units", "two"), "such as 0-31,40"),
        (("--techniques", "magic"), "'magic' is none of channel, logit, neuron"),
        (("--size", "100"), "multiple of 16"),
        (("--dataset", "nowhere"), "no data set 'nowhere'"),
        (("--model", "resnet"), "No variant is called 'resnet'"),
        (("--weights", "gone.pth"), "no weights file gone.pth"),
        (("--device", "abacus"), "--device abacus"),
        (("--name", "a/b"), "address"),
        (("--database", "mysql://host/x"), "not supported"),
        (("--database", "."), "is no database"),
        (("--layers", " , "), "--layers is given, but names nothing"),
        (("--images", "0"), "--images 0"),
        (("--patience", "-1"), "--patience -1"),
        (("--device", "meta"), "--device meta"),
    ],
)
def test_wrong_input_is_refused_in_one_sentence_before_anything_is_made(
    words: tuple[str, ...], said: str, tmp_path: Path, microscope: Microscope
) -> None:
    done = microscope(*BASE, *words, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.startswith("Error: ")
    assert len(done.stderr.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_a_dry_run_says_what_would_be_done_and_does_nothing(
    tmp_path: Path, microscope: Microscope
) -> None:
    done = microscope(*BASE, "--layers", "conv2d0,logits", "--dry-run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "channel: 16 pictures to render" in done.stdout
    assert "logit: 52 pictures to render" in done.stdout
    assert "for 68 units" in done.stdout
    assert "MB on disk" in done.stdout
    assert not list(tmp_path.iterdir())


def test_a_run_reports_itself_in_plain_lines_and_tells_how_to_see_it(
    tmp_path: Path, microscope: Microscope
) -> None:
    program = "from app.cli.main import main; main()"
    words = (*BASE, "--layers", "conv2d0", "--units", "0-1")
    done = subprocess.run(
        [sys.executable, "-c", program, *words], cwd=tmp_path, capture_output=True, text=True,
        check=False, timeout=PATIENCE_SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "channel: 2 to do" in done.stderr
    assert "Rendered 2 pictures" in done.stdout
    assert "microscope serve" in done.stdout
    assert (tmp_path / "microscope.db").exists()
    status = microscope("status", cwd=tmp_path)
    assert "conv2d0" in status.stdout
    assert "finished" in status.stdout


def test_every_option_of_every_command_has_its_variable() -> None:
    from app.cli import main

    main.join_commands(main.app)
    commands = typer.main.get_command(main.app).commands  # type: ignore[attr-defined]
    nested = [c for command in commands.values() for c in getattr(command, "commands", {}).values()]
    assert len(nested) == 6
    for command in [*commands.values(), *nested]:
        for option in command.params:
            if option.param_type_name == "option" and option.name != "help":
                named = option.envvar or re.search(r"MICROSCOPE_\w+", option.help or "")
                assert named, f"{command.name} --{option.name}"


def test_a_dry_run_speaks_of_one_thing_as_of_one(tmp_path: Path, microscope: Microscope) -> None:
    words = ("--layers", "conv2d0", "--units", "0", "--techniques", "deepdream,examples")
    done = microscope(*BASE, *words, "--dry-run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "deepdream: 1 picture to render" in done.stdout
    assert "for 1 unit (0 stored)" in done.stdout


def test_a_dry_run_of_effects_speaks_of_nothing_else(
    tmp_path: Path, microscope: Microscope
) -> None:
    words = ("--techniques", "effects", "--layers", "mixed5b,logits", "--units", "0-3")
    done = microscope(*BASE, *words, "--dry-run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "effects of 4 units (0 stored) from 200 of its images, about" in done.stdout
    assert "to scan" not in done.stdout
    assert not (tmp_path / "microscope.db").exists()


def test_a_dry_run_refuses_what_the_run_would_refuse(
    tmp_path: Path, microscope: Microscope
) -> None:
    words = (*BASE, "--layers", "conv2d0", "--units", "0", "--techniques", "channel")
    assert microscope(*words, cwd=tmp_path).returncode == 0
    weights = load_file(TOY_WEIGHTS)
    weights["conv2d0.bias"] += 1
    save_file(weights, tmp_path / "own.safetensors")
    own = microscope(*words, "--weights", "own.safetensors", "--dry-run", cwd=tmp_path)
    assert own.returncode == 2
    assert "--name" in own.stderr


def test_a_polite_kill_is_noted_and_said(tmp_path: Path, nursery: Nursery) -> None:
    database = ("--database", str(tmp_path / "m.db"))
    words = ("--model", "toy", "--techniques", "channel", "--steps", "9999")
    child = nursery.start("precompute", *words, *database)
    child.wait_for(lambda: "channel" in child.told())
    child.signal(signal.SIGTERM)
    assert child.wait() == 130
    assert "the same command again" in child.told().splitlines()[-1]
    assert "interrupted" in nursery.run("status", *database).told()


def test_a_page_that_a_server_sends_instead_of_weights_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from precompute.network import published_weights
    from precompute.network.weights import fitting

    (tmp_path / "login.html").write_text("<html>Please log in</html>")
    page = replace(published_weights.SOURCES["inceptionv1"], url=(tmp_path / "login.html").as_uri())
    monkeypatch.setitem(published_weights.SOURCES, "inceptionv1", page)
    monkeypatch.setenv("MICROSCOPE_HOME", str(tmp_path / "home"))
    with pytest.raises(published_weights.DownloadError, match="was not kept"):
        published_weights.get("inceptionv1", check=fitting)
    assert published_weights.cached("inceptionv1") is None
    assert not list((tmp_path / "home" / "weights").iterdir())


def test_every_option_can_be_set_by_environment(tmp_path: Path, microscope: Microscope) -> None:
    done = microscope(
        "precompute", cwd=tmp_path, MICROSCOPE_MODEL="toy", MICROSCOPE_TECHNIQUES="channel",
        MICROSCOPE_LAYERS="conv2d0", MICROSCOPE_UNITS="3", MICROSCOPE_STEPS="1",
        MICROSCOPE_SIZE="32", MICROSCOPE_DATABASE="elsewhere.db",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "elsewhere.db").exists()


def test_a_database_in_a_place_that_is_none_is_refused(
    tmp_path: Path, microscope: Microscope
) -> None:
    (tmp_path / "file").write_text("")
    words = (*BASE, "--layers", "conv2d0", "--database", "file/m.db")
    done = microscope(*words, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("Error: ")
    assert "Traceback" not in done.stderr


def test_without_weights_the_command_that_gets_them_is_named(
    tmp_path: Path, microscope: Microscope
) -> None:
    words = ("precompute", "--model", "inceptionv1", "--techniques", "channel")
    done = microscope(*words, cwd=tmp_path, MICROSCOPE_HOME=str(tmp_path / "empty"))
    assert done.returncode == 2
    assert "microscope weights get inceptionv1" in done.stderr


def test_weights_are_listed_with_publisher_licence_and_digest(
    tmp_path: Path, microscope: Microscope
) -> None:
    done = microscope("weights", "list", cwd=tmp_path, MICROSCOPE_HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    for variant in ("inceptionv1", "googlenet-bvlc", "googlenet-torchvision", "toy"):
        assert variant in done.stdout
    assert "unrestricted use" in done.stdout
    assert "microscope weights get googlenet-bvlc" in done.stdout


def test_the_toy_weights_verify_over_a_labelled_folder(
    tmp_path: Path, microscope: Microscope
) -> None:
    from precompute.stimuli import DrawnCollection

    collection = DrawnCollection(per_class=1)
    for item in collection:
        path = tmp_path / "drawn" / item.path
        path.parent.mkdir(parents=True)
        collection.image(item.label).save(path)
    done = microscope("weights", "verify", "toy", "--images", "drawn", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    top1 = float(done.stdout.split("top-1 ")[1].split("%")[0])
    assert top1 >= 95

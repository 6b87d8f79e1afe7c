"""Progress on a terminal, and where there is none."""

from __future__ import annotations

import io

from rich.console import Console

from app.cli.progress import progress_bar, run_reporter


def terminal() -> tuple[Console, io.StringIO]:
    text = io.StringIO()
    return Console(file=text, force_terminal=True, width=120), text


def log_file() -> tuple[Console, io.StringIO]:
    text = io.StringIO()
    return Console(file=text, width=200), text


def test_a_bar_shows_the_step_and_its_counts_on_a_terminal() -> None:
    console, text = terminal()
    with progress_bar(console) as progress:
        progress("pictures", 3, 7)
    assert "pictures" in text.getvalue()
    assert "3/7" in text.getvalue()


def test_a_bar_writes_nothing_where_there_is_no_terminal() -> None:
    console, text = log_file()
    with progress_bar(console) as progress:
        progress("pictures", 3, 7)
    assert text.getvalue() == ""


def test_a_run_reports_the_beginning_and_the_end_of_a_stage_in_lines() -> None:
    console, text = log_file()
    with run_reporter(console) as reporter:
        reporter.begin("channel", 1200)
        reporter.update(5)
        reporter.update(1200)
    first, last = text.getvalue().splitlines()
    assert first == "channel: 1,200 to do"
    assert last.startswith("channel: 1,200 of 1,200, ")
    assert "/s, 0 s left" in last


def test_a_run_shows_stage_and_counts_on_a_terminal_and_messages_verbatim() -> None:
    console, text = terminal()
    with run_reporter(console) as reporter:
        reporter.begin("examples", 40)
        reporter.update(40)
        reporter.message("[bold]as it is[/bold]")
    assert "examples" in text.getvalue()
    assert "40/40" in text.getvalue()
    assert "[bold]as it is[/bold]" in text.getvalue()

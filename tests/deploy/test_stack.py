"""A site up to its web side: the passwords, the roles, the demo, and who may do what."""

from __future__ import annotations

import json
import signal
from pathlib import Path

from tests.deploy.site import Site, wait_until

ROLES = {"owner": "microscope_owner", "reader": "microscope_reader"}


def sql(stack: Site, name: str, role: str, statement: str) -> str:
    """What PostgreSQL answers to a role that comes with the password of a service's own volume."""
    url = f"postgresql://{ROLES[role]}@db:5432/microscope"
    done = stack.containers[name].run(
        "psql", "--no-psqlrc", "--tuples-only", "--no-align", url, "--command", statement
    )
    return (done.stdout + done.stderr).strip()


def secrets(stack: Site) -> dict[str, Path]:
    """Every file that the service `secrets` made, by its place."""
    folder = stack.folder / "volumes"
    return {
        str(path.relative_to(folder)): path
        for name in ("passwords", "owner", "reader")
        for path in (folder / name).iterdir()
    }


def test_services_come_in_the_order_of_the_file(stack: Site) -> None:
    assert stack.order[:4] == ["secrets", "db", "migrate", "web"]


def test_passwords_are_long_differ_and_are_read_by_their_owner_alone(stack: Site) -> None:
    made = secrets(stack)
    plain = {made[f"passwords/{role}"].read_text() for role in ("administrator", "owner", "reader")}
    assert len(plain) == 3
    assert {len(each) for each in plain} == {64}
    for role in ROLES:
        status = made[f"{role}/pgpass"].stat()
        assert (status.st_uid, status.st_mode & 0o777) == (10001, 0o400)


def test_making_them_again_changes_nothing(stack: Site) -> None:
    before = {name: path.read_bytes() for name, path in secrets(stack).items()}
    stack.complete("secrets")
    assert {name: path.read_bytes() for name, path in secrets(stack).items()} == before


def test_no_password_is_in_a_log_or_in_an_environment_of_ours(stack: Site) -> None:
    texts = [*stack.output.values(), *(stack.log(name).read_text() for name in ("db", "web"))]
    texts.append(Path(f"/proc/{stack.running['web'].pid}/environ").read_bytes().decode())
    texts.append(Path(f"/proc/{stack.running['web'].pid}/cmdline").read_bytes().decode())
    for path in secrets(stack).values():
        password = path.read_text().strip().rpartition(":")[2]
        assert not [text for text in texts if password in text]


def test_whoever_comes_without_a_password_is_refused(stack: Site) -> None:
    done = stack.containers["web"].run(
        "env", "PGPASSFILE=/nowhere", "psql", "--no-password",
        "postgresql://microscope_reader@db:5432/microscope", "--command", "SELECT 1",
    )  # fmt: skip
    assert done.returncode != 0
    assert "no password supplied" in done.stderr
    assert sql(stack, "web", "reader", "SHOW password_encryption") == "scram-sha-256"


def test_the_reader_sees_everything_and_changes_nothing(stack: Site) -> None:
    assert sql(stack, "web", "reader", "SELECT count(*) > 0 FROM image") == "t"
    writable = "SET TRANSACTION READ WRITE; "
    for statement in (
        "DELETE FROM image",
        "UPDATE model SET slug = 'x'",
        "CREATE TABLE mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
        "DROP TABLE image",
    ):
        answer = sql(stack, "web", "reader", writable + statement)
        assert "permission denied" in answer or "must be owner" in answer, answer


def test_the_reader_cannot_become_the_owner(stack: Site) -> None:
    assert "permission denied" in sql(stack, "web", "reader", "SET ROLE microscope_owner")
    # The volume of the web side has no password of anybody else.
    assert "no password supplied" in sql(stack, "web", "owner", "SELECT 1")


def test_the_owner_is_no_administrator(stack: Site) -> None:
    asked = "SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = "
    assert sql(stack, "migrate", "owner", f"{asked}'microscope_owner'") == "f"


def test_what_the_owner_makes_later_the_reader_sees_at_once(stack: Site) -> None:
    sql(stack, "migrate", "owner", "CREATE TABLE later AS SELECT 7 AS number")
    try:
        assert sql(stack, "web", "reader", "SELECT number FROM later") == "7"
    finally:
        sql(stack, "migrate", "owner", "DROP TABLE later")


def test_the_web_side_has_a_user_of_its_own_and_no_capability(stack: Site) -> None:
    status = stack.running["web"].status()
    assert status["Uid"].split() == ["10001"] * 4
    assert {status[name] for name in ("CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert status["NoNewPrivs"] == "1"


def test_nothing_is_written_but_to_the_folder_for_temporary_files(stack: Site) -> None:
    web = stack.containers["web"]
    assert web.run("sh", "-c", "echo > /tmp/file").returncode == 0
    for place in ("/file", "/usr/local/file", "/etc/file", "/secrets/reader/file"):
        assert "Read-only" in web.run("touch", place).stderr


def test_the_web_side_has_no_pytorch(stack: Site) -> None:
    done = stack.containers["web"].run("python", "-c", "import app.main, torch")
    assert "No module named 'torch'" in done.stderr


def test_an_empty_database_is_given_the_demo(stack: Site) -> None:
    answer = stack.curl("http://web:8000/api/v1/models")
    assert [each["slug"] for each in json.loads(answer.stdout)["models"]] == ["toy"]


def test_starting_again_leaves_a_filled_database_alone(stack: Site) -> None:
    sql(stack, "migrate", "owner", "UPDATE model SET title = 'My own'")
    try:
        stack.complete("migrate")
        assert sql(stack, "web", "reader", "SELECT title FROM model") == "My own"
        assert "copied" not in stack.output["migrate"]
    finally:
        sql(stack, "migrate", "owner", "UPDATE model SET title = 'A toy network'")


def test_the_database_stops_in_order_and_the_site_comes_back(stack: Site) -> None:
    assert stack.running["db"].stop(60, signal.SIGINT) == 0
    stack.start("db")
    stack.require_healthy("db")
    address = "http://web:8000/models/toy"
    wait_until(lambda: stack.curl("--fail", address).returncode == 0, "pages are there again")


def test_a_password_can_be_changed_while_the_site_is_up(stack: Site) -> None:
    before = secrets(stack)["reader/pgpass"].read_text()
    for name in ("passwords/reader", "reader/pgpass"):
        secrets(stack)[name].unlink()
    stack.complete("secrets")
    assert secrets(stack)["reader/pgpass"].read_text() != before
    assert "password authentication failed" in sql(stack, "web", "reader", "SELECT 1")
    statements = (
        "\\set reader `cat /secrets/passwords/reader`\n"
        "ALTER ROLE microscope_reader PASSWORD :'reader';\n"
    )
    # A second container has not the first one's socket: this one comes over the network.
    administrator = 'PGPASSWORD="$(cat /secrets/passwords/administrator)" psql -h db -U postgres'
    done = stack.containers["db"].run("sh", "-c", f"{administrator} <<'SQL'\n{statements}SQL\n")
    assert "ALTER ROLE" in done.stdout, done.stderr
    assert sql(stack, "web", "reader", "SELECT 1") == "1"

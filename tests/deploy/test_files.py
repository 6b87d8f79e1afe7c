"""The files that deploy: each is what its own tools accept, and they agree with each other."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from itertools import chain, combinations
from typing import Any

import jsonschema
import pytest
import yaml

from app.web.server import GRACE_SECONDS
from tests import packaged
from tests.deploy import compose
from tests.deploy.compose import BASE, FILES, GPU, PUBLIC, ROOT

PUBLIC_SITE = {"SITE_ADDRESS": "https://microscope.example.org"}
COMBINATIONS = [(BASE, *extra) for n in range(3) for extra in combinations((PUBLIC, GPU), n)]
PROFILES: list[tuple[str, ...]] = [(), ("precompute",), ("cluster",), ("precompute", "cluster")]
# Compose's own, which .env.example explains too.
OF_COMPOSE = {"COMPOSE_FILE"}
EXPLAINED = re.compile(r"^#?(?P<name>[A-Z_]+)=(?P<value>.*)$", re.MULTILINE)
SECOND = {"s": 1, "m": 60}


def seconds(text: str) -> int:
    """As Compose writes durations: `1m0s`."""
    return sum(int(n) * SECOND[unit] for n, unit in re.findall(r"(\d+)([ms])", text))


def explained() -> dict[str, str]:
    """The variables of .env.example, each with the value that it shows."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    return {found["name"]: found["value"] for found in EXPLAINED.finditer(text)}


@pytest.mark.parametrize("file", FILES)
def test_a_file_is_as_the_specification_wants_it(file: str) -> None:
    jsonschema.Draft7Validator(compose.schema()).validate(compose.written(file))


def test_the_specification_refuses_what_it_does_not_know() -> None:
    misspelt = yaml.safe_load("services: {web: {image: web, read_onyl: true}}")
    with pytest.raises(jsonschema.ValidationError, match="read_onyl"):
        jsonschema.Draft7Validator(compose.schema()).validate(misspelt)


@pytest.mark.parametrize("profiles", PROFILES, ids="+".join)
@pytest.mark.parametrize("files", COMBINATIONS, ids="+".join)
def test_compose_accepts_every_combination(
    files: tuple[str, ...], profiles: tuple[str, ...]
) -> None:
    chosen = chain.from_iterable(("--profile", name) for name in profiles)
    done = compose.run(files, *chosen, "config", "--quiet", variables=PUBLIC_SITE)
    assert (done.returncode, done.stderr) == (0, "")


def test_nothing_needs_to_be_configured_for_this_machine_alone() -> None:
    found = compose.services([BASE])
    ports = [port for service in found.values() for port in service.get("ports", ())]
    assert [(port["host_ip"], port["published"]) for port in ports] == [("127.0.0.1", "80")]


@pytest.mark.parametrize("given", [{}, {"SITE_ADDRESS": ""}])
def test_a_public_site_stops_with_the_name_of_what_it_lacks(given: dict[str, str]) -> None:
    done = compose.run([BASE, PUBLIC], "config", "--quiet", variables=given)
    assert done.returncode != 0
    assert "SITE_ADDRESS" in done.stderr
    assert ".env" in done.stderr


def test_a_public_site_listens_for_everybody_and_only_by_its_proxy() -> None:
    found = compose.services([BASE, PUBLIC], PUBLIC_SITE)
    ports = {name: service["ports"] for name, service in found.items() if "ports" in service}
    assert list(ports) == ["proxy"]
    assert {(port["published"], port["protocol"]) for port in ports["proxy"]} == {
        ("80", "tcp"),
        ("443", "tcp"),
        ("443", "udp"),
    }
    assert found["web"]["environment"]["MICROSCOPE_SITE"] == PUBLIC_SITE["SITE_ADDRESS"]


def test_every_variable_is_explained_with_its_default() -> None:
    named: dict[str, str] = {}
    for file in FILES:
        named |= compose.variables(file)
    shown = explained()
    assert set(shown) == set(named) | OF_COMPOSE
    defaults = {name: value for name, value in named.items() if value}
    assert {name: shown[name] for name in defaults} == defaults


def test_the_example_as_it_stands_changes_nothing() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []


def test_gpus_go_to_whoever_computes() -> None:
    found = compose.services([BASE, GPU])
    with_gpus = [name for name, service in found.items() if "nvidia" in str(service.get("deploy"))]
    assert sorted(with_gpus) == ["precompute", "ray-worker"]


@cache
def everything() -> dict[str, Any]:
    return compose.services([BASE])


@pytest.mark.parametrize("name", sorted(compose.written(BASE)["services"]))
def test_a_service_has_no_right_that_it_does_not_need(name: str) -> None:
    service = everything()[name]
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert not service.get("privileged")
    # The image of PostgreSQL becomes its own user by itself, and writes beside its volume.
    assert service.get("read_only") or name == "db"


def test_a_password_is_in_no_environment_and_only_where_it_is_needed() -> None:
    found = everything()
    for service in found.values():
        for key, value in (service.get("environment") or {}).items():
            assert "PASSWORD" not in key or value.startswith("/secrets/")
            assert not re.search(r"://[^@/]*:[^@/]*@", value or "")
    holders = {
        name: {volume["source"] for volume in service.get("volumes", ())}
        & {"passwords", "owner", "reader"}
        for name, service in found.items()
    }
    assert holders.pop("secrets") == {"passwords", "owner", "reader"}
    assert holders.pop("db") == {"passwords"}
    assert holders.pop("web") == {"reader"}
    assert all(holders.pop(name) == {"owner"} for name in ("migrate", "precompute", "cluster"))
    assert set().union(*holders.values()) == set()


def test_the_database_and_the_cluster_are_reached_from_inside_alone() -> None:
    found = everything()
    networks = {name: set(service.get("networks") or ()) for name, service in found.items()}
    assert networks["proxy"] == {"front"}
    assert networks["db"] == {"back"}
    assert networks["ray-head"] == networks["ray-worker"] == {"cluster"}


def test_a_server_has_longer_to_stop_than_it_takes_itself() -> None:
    found = everything()
    caddyfile = (ROOT / "deploy/Caddyfile").read_text(encoding="utf-8")
    grace = re.search(r"grace_period (\d+)s", caddyfile)
    assert grace
    assert seconds(found["web"]["stop_grace_period"]) > GRACE_SECONDS
    assert seconds(found["proxy"]["stop_grace_period"]) > int(grace[1])


def test_the_web_side_believes_its_proxys_network() -> None:
    subnet = {"PROXY_NETWORK": "10.9.8.0/29"}
    environment = compose.services([BASE], subnet)["web"]["environment"]
    assert environment["MICROSCOPE_TRUSTED_PROXIES"] == "10.9.8.0/29"
    assert "10.9.8.0/29" in compose.run([BASE], "config", variables=subnet).stdout


def test_rays_usage_reports_are_off() -> None:
    for name in ("ray-head", "ray-worker", "cluster"):
        assert everything()[name]["environment"]["RAY_USAGE_STATS_ENABLED"] == "0"


@pytest.mark.parametrize("caddy", ["/usr/bin/caddy", str(packaged.caddy())], ids=["debian", "new"])
@pytest.mark.parametrize(
    "address", ["http://localhost, http://127.0.0.1", PUBLIC_SITE["SITE_ADDRESS"]]
)
def test_caddy_accepts_its_file(caddy: str, address: str) -> None:
    for option in ("", "local_certs", "email you@example.org"):
        done = subprocess.run(
            [caddy, "validate", "--adapter", "caddyfile", "--config", ROOT / "deploy/Caddyfile"],
            env={"SITE_ADDRESS": address, "WEB_ADDRESS": "web:8000", "CADDY_GLOBAL": option,
                 "HOME": "/nonexistent"},
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


def test_the_proxy_is_of_the_version_that_is_tried() -> None:
    image = everything()["proxy"]["image"]
    tried = packaged.VERSIONS["caddyserver"].rpartition(".")[0]
    assert image == f"caddy:{tried}-alpine"


@pytest.mark.parametrize("script", sorted((ROOT / "deploy").glob("*.sh")), ids=lambda p: p.name)
def test_a_script_can_be_run_and_a_plain_shell_reads_it(script: Any) -> None:
    assert script.stat().st_mode & 0o111
    assert subprocess.run(["sh", "-n", script], check=False).returncode == 0

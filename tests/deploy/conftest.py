"""What the tests of a whole site share: the images' stand-ins, and the site without its proxy."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.conftest import fill_database
from tests.deploy import compose, images
from tests.deploy.compose import BASE, PUBLIC
from tests.deploy.site import Site, site

ADDRESS = "https://localhost"
SUBNET = "172.31.254.0/28"  # as docker-compose.yml has it; the test of the files holds them equal


@pytest.fixture(scope="session")
def require_root() -> None:
    """Containers are made by root alone; CI is, and elsewhere these tests are not run."""
    if os.geteuid() == 0:
        return
    message = "Only root can make containers: the tests of a whole site were not run"
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(message)


@pytest.fixture(scope="session")
def stack(require_root: None) -> Iterator[Site]:
    """A site up to its web side, on the demo's data; the proxy is still to come."""
    with tempfile.TemporaryDirectory(prefix="microscope-image-") as folder:
        place = Path(folder)
        place.chmod(0o755)
        demo = place / "demo.db"
        fill_database(str(demo))
        web = images.web(place / "image", demo)
        made = {
            "secrets": images.postgres(),
            "db": images.postgres(),
            "migrate": web,
            "web": web,
            "proxy": images.caddy(Path("/usr/bin/caddy")),
        }
        services = compose.services([BASE, PUBLIC], {"SITE_ADDRESS": ADDRESS})
        with site(services, made, SUBNET) as brought:
            brought.up("web")
            brought.require_healthy("web")
            yield brought

"""The image and the compose file, held true without a Docker engine."""

from __future__ import annotations

import functools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from warehouse.settings import all_settings

REPOSITORY = Path(__file__).resolve().parent.parent
CAUSEWAY = Path(sys.executable).with_name("causeway")
OURS = ("migrate", "web", "api", "worker")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def dockerfile() -> list[tuple[str, str]]:
    """The instructions, each with its arguments on one line."""
    text = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
    lines = re.sub(r"\\\n", " ", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE)).splitlines()
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines if line.strip()]


def values(dockerfile: list[tuple[str, str]], instruction: str) -> list[str]:
    return [arguments for name, arguments in dockerfile if name == instruction]


def final_stage(dockerfile: list[tuple[str, str]]) -> list[tuple[str, str]]:
    last = max(n for n, (name, _) in enumerate(dockerfile) if name == "FROM")
    return dockerfile[last:]


def environment_of(dockerfile: list[tuple[str, str]]) -> dict[str, str]:
    pairs = (pair for line in values(dockerfile, "ENV") for pair in shlex.split(line))
    return dict(pair.split("=", 1) for pair in pairs)


def known_names() -> set[str]:
    return {name for setting in all_settings() for name in setting.names}


@functools.cache
def help_of(*command: str) -> str:
    plain = os.environ | {"COLUMNS": "200", "TERM": "dumb", "NO_COLOR": "1"}
    done = subprocess.run([str(CAUSEWAY), *command, "--help"], capture_output=True, text=True, env=plain)
    assert done.returncode == 0, f"causeway {' '.join(command)}: {done.stderr}"
    return done.stdout


def test_the_services_are_the_five(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {"postgres", *OURS}


def test_every_variable_is_a_setting(compose: dict[str, Any], dockerfile: list[tuple[str, str]]) -> None:
    given = set(environment_of(final_stage(dockerfile)))
    for service in OURS:
        given |= set(compose["services"][service]["environment"])
    assert {name for name in given if name.startswith("CAUSEWAY_")} <= known_names()
    assert {name for name in given if not name.startswith("CAUSEWAY_")} == {"PATH", "PYTHONUNBUFFERED"}


@pytest.mark.parametrize("service", OURS)
def test_every_command_is_one_of_the_program(compose: dict[str, Any], service: str) -> None:
    name, *options = compose["services"][service]["command"]
    assert name in help_of()
    text = help_of(name)
    assert [option for option in options if option.startswith("--") and option not in text] == []


def test_the_image_s_own_command_is_one_of_the_program(dockerfile: list[tuple[str, str]]) -> None:
    assert json.loads(values(dockerfile, "ENTRYPOINT")[0]) == ["causeway"]
    scripts = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    assert "causeway" in scripts
    assert help_of(*json.loads(values(dockerfile, "CMD")[-1]))


def test_the_image_copies_what_is_there_and_what_the_wheel_needs(dockerfile: list[tuple[str, str]]) -> None:
    copied = {
        source
        for line in values(dockerfile, "COPY")
        if not line.startswith("--from")
        for source in shlex.split(line)[:-1]
    }
    assert [source for source in copied if not (REPOSITORY / source).exists()] == []
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    assert set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]) <= copied
    allowed = (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert copied == {line.removeprefix("!") for line in allowed if line.startswith("!")}


def test_the_image_runs_as_nobody_in_particular_and_builds_nothing(dockerfile: list[tuple[str, str]]) -> None:
    stage = final_stage(dockerfile)
    uid, gid = values(stage, "USER")[-1].split(":")
    assert int(uid) > 0
    assert int(gid) > 0
    assert not re.search(r"\b(apt-get|pip|uv|gcc|build-essential)\b", " ".join(values(stage, "RUN")))


def test_ports_agree(compose: dict[str, Any], dockerfile: list[tuple[str, str]]) -> None:
    port = environment_of(final_stage(dockerfile))["CAUSEWAY_PORT"]
    assert values(dockerfile, "EXPOSE") == [port]
    outside = []
    for service in ("web", "api"):
        definition = compose["services"][service]
        assert definition["environment"]["CAUSEWAY_PORT"] == port
        (mapping,) = definition["ports"]
        address, host_port, container_port = mapping.split(":")
        assert (address, container_port) == ("127.0.0.1", port)
        outside.append(host_port)
    assert len(set(outside)) == 2
    assert "ports" not in compose["services"]["postgres"]


def test_health_is_asked_where_it_is_answered(compose: dict[str, Any], dockerfile: list[tuple[str, str]]) -> None:
    assert "/health/ready" in values(dockerfile, "HEALTHCHECK")[0]
    assert [s for s in OURS if compose["services"][s].get("healthcheck", {}).get("disable")] == ["migrate", "worker"]
    assert compose["services"]["postgres"]["healthcheck"]["test"][:2] == ["CMD", "pg_isready"]


def test_services_start_in_order(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert services["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for service in ("web", "api", "worker"):
        assert services[service]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}


@pytest.mark.parametrize("service", OURS)
def test_containers_can_do_as_little_as_possible(compose: dict[str, Any], service: str) -> None:
    definition = compose["services"][service]
    assert definition["read_only"] is True
    assert definition["cap_drop"] == ["ALL"]
    assert definition["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in definition


def test_every_secret_is_a_file_that_git_ignores(compose: dict[str, Any]) -> None:
    used = {name for service in compose["services"].values() for name in service["secrets"]}
    assert used == set(compose["secrets"])
    ignored = (REPOSITORY / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {Path(secret["file"]).parent.name for secret in compose["secrets"].values()} == {"secrets"}
    assert {"/secrets/", ".env"} <= set(ignored)
    for service in compose["services"].values():
        mounted = {v for k, v in service["environment"].items() if k.endswith("_FILE")}
        assert mounted == {f"/run/secrets/{name}" for name in service["secrets"]}


def test_compose_itself_accepts_the_file() -> None:
    client = shutil.which("docker")
    if client is None or subprocess.run([client, "compose", "version"], capture_output=True).returncode != 0:
        pytest.skip("no docker client with compose on this machine")
    done = subprocess.run([client, "compose", "config", "--quiet"], cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

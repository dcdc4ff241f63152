"""The container files agree with the program; no image is built here."""

from __future__ import annotations

import fnmatch
import json
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
from typer.testing import CliRunner

from db import connect
from db.errors import BadSettings
from db.settings import DbSettings, read
from jobs.cli import app

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
SHARDS = ROOT / "docker-compose.shards.yml"
# What each service of that file is like in the other.
SHARD_ROLES = {"shard": "db", "upgrade": "upgrade", "worker": "worker"}
SECRET = "/run/secrets/database_password"
LONG_RUNNING = ("db", "service", "worker", "worker-gpu", "scheduler")
PROGRAMS = ("upgrade", "service", "worker", "worker-gpu", "scheduler")
ONE_SHOT = ("upgrade",)


def compose() -> dict[str, Any]:
    found = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def service(name: str) -> dict[str, Any]:
    found = compose()["services"][name]
    assert isinstance(found, dict)
    return found


def stages() -> list[list[tuple[str, str]]]:
    """The Dockerfile's instructions, stage by stage; what precedes the first FROM is left out."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    found: list[list[tuple[str, str]]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        word, _, rest = line.partition(" ")
        if word == "FROM":
            found.append([])
        if found:
            found[-1].append((word, rest.strip()))
    return found


def last(instruction: str) -> str:
    """The argument of an instruction that counts: the last one of the last stage."""
    return [rest for word, rest in stages()[-1] if word == instruction][-1]


def seogo_commands() -> list[list[str]]:
    """Every call of `seogo` in the container files, as its arguments."""
    assert json.loads(last("ENTRYPOINT")) == ["seogo"]
    calls = [json.loads(last("CMD"))]
    for name, settings in compose()["services"].items():
        if name == "db":
            continue
        words = settings.get("command", [])
        if "entrypoint" not in settings:
            calls.append(words)
            continue
        script = " ".join(words)
        calls += [shlex.split(m) for m in re.findall(r"\bseogo ([^;&|]+)", script)]
    for settings in compose()["services"].values():
        test = settings.get("healthcheck", {}).get("test", [])
        if test[1:2] == ["seogo"]:
            calls.append(test[2:])
    return calls


def accepts(arguments: list[str]) -> bool:
    """Whether `seogo` has the command and its options."""
    return CliRunner().invoke(app, [*arguments, "--help"]).exit_code == 0


def test_every_command_exists_with_its_options() -> None:
    calls = seogo_commands()
    assert ["db", "upgrade"] in calls
    assert ["worker"] in calls
    assert ["schedule", "run", "--forever"] in calls
    assert len(calls) >= 5
    assert [call for call in calls if not accepts(call)] == []


@pytest.mark.parametrize("wrong", [["nonsense"], ["db", "nonsense"], ["serve", "--nonsense", "1"]])
def test_the_check_of_commands_can_fail(wrong: list[str]) -> None:
    assert not accepts(wrong)


def test_compose_has_the_services_and_no_other() -> None:
    assert set(compose()["services"]) == {*LONG_RUNNING, *ONE_SHOT}


def test_docker_reads_the_compose_file() -> None:
    docker = shutil.which("docker")
    if docker is None:
        pytest.skip("no docker client")
    if subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("the docker client has no compose plugin")
    command = [docker, "compose", "--file", str(COMPOSE), "--env-file", "/dev/null"]
    subprocess.run([*command, "config", "--quiet"], check=True)


def test_the_compose_file_is_what_the_specification_allows(tmp_path: Path) -> None:
    assert checked(COMPOSE).returncode == 0, checked(COMPOSE).stdout
    wrong = tmp_path / "docker-compose.yml"
    text = COMPOSE.read_text(encoding="utf-8")
    wrong.write_text(text.replace("stop_grace_period:", "stop_grace:"), encoding="utf-8")
    assert "stop_grace" in checked(wrong).stdout


def test_the_shards_are_run_as_the_database_and_its_worker_are() -> None:
    assert checked(SHARDS).returncode == 0, checked(SHARDS).stdout
    text = SHARDS.read_text(encoding="utf-8")
    assert re.findall(r"://[^/\s:]+:[^@\s$]*@", text) == []
    found = yaml.safe_load(text)["services"]
    assert set(found) == {f"{role}-{n}" for role in SHARD_ROLES for n in ("one", "two")}
    own = {"environment", "depends_on", "volumes"}
    for name, settings in found.items():
        role, _, shard = name.partition("-")
        usual = service(SHARD_ROLES[role])
        assert {k: v for k, v in settings.items() if k not in own} == {
            k: v for k, v in usual.items() if k not in own
        }
        if role != "shard":
            url = settings["environment"]["SEOGO_DATABASE_URL"]
            assert url == f"postgresql://seogo@shard-{shard}:5432/seogo"
            assert f"shard-{shard}" in settings["depends_on"]


def checked(path: Path) -> subprocess.CompletedProcess[str]:
    """What the schema of the Compose Specification says of a file."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    return subprocess.run([*command, str(path)], capture_output=True, text=True, check=False)


def test_the_password_is_a_file_and_nowhere_else() -> None:
    assert compose()["secrets"] == {"database_password": {"file": "./secrets/database_password"}}
    for name in ("db", *PROGRAMS):
        assert service(name)["secrets"] == ["database_password"]
    for settings in compose()["services"].values():
        for name, value in settings.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|TOKEN|KEY", name):
                assert (name[-5:], value) == ("_FILE", SECRET)
    assert re.findall(r"://[^/\s:]+:[^@\s]*@", COMPOSE.read_text(encoding="utf-8")) == []
    assert "/secrets/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_the_programs_run_with_the_environment_of_the_file(
    db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commands of the file, on the database of the test, the password in a file."""
    secret = tmp_path / "database_password"
    secret.write_text("of no use to a server that trusts\n")
    environ = service("worker")["environment"]
    assert environ["SEOGO_DATABASE_PASSWORD_FILE"] == SECRET
    monkeypatch.setenv("SEOGO_DATABASE_URL", db_url)
    monkeypatch.setenv("SEOGO_DATABASE_PASSWORD_FILE", str(secret))
    for arguments in (service("upgrade")["command"], service("worker")["healthcheck"]["test"][2:]):
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, done.output
    found = connect.database_url(read(DbSettings))
    assert connect.password(found) == "of no use to a server that trusts"
    assert "of no use" not in connect.redacted(found)
    secret.unlink()
    with pytest.raises(BadSettings, match="SEOGO_DATABASE_PASSWORD_FILE"):
        connect.database_url(read(DbSettings))


def test_the_image_holds_no_secret() -> None:
    words = [f"{word} {rest}" for stage in stages() for word, rest in stage]
    given = [w for w in words if w.startswith(("ENV", "ARG"))]
    assert given
    assert not re.search(r"PASSWORD|SECRET|TOKEN|DATABASE_URL", " ".join(given))


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_programs_reach_the_database_of_the_file(name: str) -> None:
    url = service(name)["environment"]["SEOGO_DATABASE_URL"]
    db = service("db")["environment"]
    assert url == f"postgresql://{db['POSTGRES_USER']}@db:5432/{db['POSTGRES_DB']}"


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_a_long_running_service_is_watched_restarted_and_limited(name: str) -> None:
    settings = service(name)
    check = settings["healthcheck"]
    assert check["test"][0] == "CMD"
    assert {"interval", "timeout", "retries"} <= check.keys()
    assert settings["restart"] == "unless-stopped"
    assert {"memory", "cpus"} <= settings["deploy"]["resources"]["limits"].keys() or (
        settings["profiles"] == ["gpu"]
    )


def test_the_upgrade_runs_once_and_before_the_programs() -> None:
    upgrade = service("upgrade")
    assert upgrade["restart"] == "no"
    assert upgrade["healthcheck"] == {"disable": True}
    assert upgrade["depends_on"] == {"db": {"condition": "service_healthy"}}
    for name in set(PROGRAMS) - {"upgrade"}:
        assert service(name)["depends_on"] == {
            "db": {"condition": "service_healthy"},
            "upgrade": {"condition": "service_completed_successfully"},
        }


def test_only_the_service_is_published_and_only_on_loopback() -> None:
    published = {n: s["ports"] for n, s in compose()["services"].items() if "ports" in s}
    assert list(published) == ["service"]
    assert all(port.startswith("127.0.0.1:") for port in published["service"])


def test_data_outlives_the_containers() -> None:
    mounts = {n: s.get("volumes", []) for n, s in compose()["services"].items()}
    models = dict(p.split("=", 1) for p in last("ENV").split() if "=" in p)["SEOGO_MODELS"]
    assert json.loads(last("VOLUME")) == [models]
    assert mounts["db"] == ["database:/var/lib/postgresql"]
    for name in set(PROGRAMS) - {"upgrade"}:
        assert mounts[name][0] == f"models:{models}"
    backups = service("scheduler")["environment"]["SEOGO_BACKUP_TARGET"]
    assert mounts["scheduler"][1] == f"backups:{backups}"
    # A new volume takes its owner from the folder in the image.
    made = " ".join(rest for word, rest in stages()[-1] if word == "RUN")
    assert backups in made.split()
    assert set(compose()["volumes"]) == {"database", "models", "backups"}


def test_base_images_are_pinned_to_a_version() -> None:
    assert re.fullmatch(r"pgvector/pgvector:\d+\.\d+\.\d+-pg\d+(-\w+)?", service("db")["image"])
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^ARG PYTHON_IMAGE=python:3\.\d+-slim-\w+$", text, re.MULTILINE)
    sources = [stage[0][1].split()[0] for stage in stages()]
    assert sources == ["${PYTHON_IMAGE}"] * len(sources)


def test_pgvector_is_one_with_the_fix_of_cve_2026_3172() -> None:
    version = re.search(r":(\d+)\.(\d+)\.(\d+)-", service("db")["image"])
    assert version
    assert tuple(map(int, version.groups())) >= (0, 8, 2)


def test_the_image_does_not_run_as_root() -> None:
    user = last("USER")
    assert user.partition(":")[0] not in ("", "root", "0")
    instructions = [word for word, _ in stages()[-1]]
    assert "USER" in instructions[: instructions.index("ENTRYPOINT")]
    made = " ".join(rest for word, rest in stages()[-1] if word == "RUN")
    assert re.search(rf"useradd .*\b{user}\b", made)
    assert not any("user" in s for n, s in compose()["services"].items() if n != "db")


def test_the_image_is_checked_on_the_path_that_compose_checks() -> None:
    _, _, command = last("HEALTHCHECK").partition("CMD ")
    assert json.loads(command) == service("service")["healthcheck"]["test"][1:]


def test_the_checked_path_is_one_that_the_service_has() -> None:
    from service.app import create_app

    path = re.search(r"127\.0\.0\.1:\d+(/[\w/]*)'", last("HEALTHCHECK"))
    assert path
    assert path[1] in {route.path for route in create_app().routes}


def test_the_image_has_the_versions_of_the_lock() -> None:
    assert ("COPY", "constraints.txt /") in stages()[1]
    (install,) = (rest for word, rest in stages()[1] if word == "RUN")
    assert "-c /constraints.txt" in install


def test_the_wheel_is_built_from_everything_it_holds() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    packages = {*wheel["packages"], *wheel["force-include"]}
    files = {"pyproject.toml", project["project"]["readme"], *project["project"]["license-files"]}
    copied = {
        source.rstrip("/")
        for word, rest in stages()[0]
        if word == "COPY"
        for source in rest.split()[:-1]
    }
    assert copied == packages | files
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    let_in = {r[1:].rstrip("/") for r in rules if r.startswith("!")}
    assert let_in == copied | {"constraints.txt"}
    kept_out = [r.removeprefix("**/") for r in rules[1:] if not r.startswith("!")]
    assert any(fnmatch.fnmatch(".env", rule) for rule in kept_out)


def test_the_image_is_labelled_with_the_licence() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f'org.opencontainers.image.licenses="{project["license"]}"' in last("LABEL")

"""What an operator installs: units of systemd, the Dockerfile and the compose file say what the program can do."""

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from click import Group

from digest.cli import main
from digest.config import Settings
from digest.errors import ConfigError

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [one for one in UNITS if one.suffix == ".service"]
DAEMONS = [one for one in SERVICES if "backup" not in one.name]
HARDENED = {
    **{f"Protect{what}": "true" for what in ("Home", "Clock", "ControlGroups", "Hostname", "KernelLogs")},
    **{f"Restrict{what}": "true" for what in ("Namespaces", "Realtime", "SUIDSGID")},
    "ProtectKernelModules": "true",
    "ProtectKernelTunables": "true",
    "ProtectSystem": "strict",
    "NoNewPrivileges": "true",
    "PrivateTmp": "true",
    "PrivateDevices": "true",
    "CapabilityBoundingSet": "",
}


def section(unit: Path, name: str) -> dict[str, str]:
    """The last of a key that is there twice."""
    parser = configparser.RawConfigParser(strict=False, delimiters=("=",), comment_prefixes=("#", ";"))
    parser.optionxform = str  # type: ignore[assignment] # keys of units have capitals
    parser.read_string(unit.read_text(encoding="utf-8"))
    return dict(parser[name])


def is_command(words: list[str]) -> bool:
    group: Any = main
    for word in words:
        if not isinstance(group, Group):
            return True  # an argument
        group = group.get_command(None, word)
        if group is None:
            return False
    return bool(words) and not isinstance(group, Group)


# --- systemd ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_service_may_do_little_and_calls_a_command_that_there_is(unit):
    said = section(unit, "Service")
    assert HARDENED.items() <= said.items()
    assert said["User"] == "digest"
    assert said["UMask"] == "0077"
    words = re.search(r"/bin/digest ((?:[a-z]+ ?)+)", said["ExecStart"])
    assert words
    assert is_command(words[1].split())


@pytest.mark.parametrize("unit", DAEMONS, ids=lambda unit: unit.name)
def test_a_daemon_comes_back_but_not_where_only_a_person_can_help(unit):
    said = section(unit, "Service")
    assert said["Restart"] == "always"
    assert str(ConfigError.exit_code) in said["RestartPreventExitStatus"].split()
    assert section(unit, "Install")["WantedBy"] == "multi-user.target"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze: only the rules above were applied")
def test_systemd_has_nothing_to_say_against_the_units(tmp_path):
    """With a program in the place of ours that is on this machine."""
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace("/srv/digest/.venv/bin/digest", shutil.which("true"))
        (tmp_path / unit.name.replace("@", "@1")).write_text(text, encoding="utf-8")
    units = sorted(tmp_path.iterdir())
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


# --- containers ------------------------------------------------------------------------------------------------------


def instructions() -> list[tuple[str, str]]:
    """(instruction, what it says), with lines that go on joined."""
    text = re.sub(r"(?m)^#.*\n", "", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"))
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [tuple(line.split(" ", 1)) for line in lines if line]  # type: ignore[misc]


def test_the_image_is_built_from_what_is_there_and_runs_as_nobody_in_particular():
    steps = instructions()
    kinds = [kind for kind, _ in steps]
    assert kinds[0] == "FROM"
    assert all(re.search(r":\d[\w.-]+( AS \w+)?$", said) for kind, said in steps if kind == "FROM"), "a tag that moves"
    for kind, said in steps:
        if kind == "COPY" and not said.startswith("--from"):
            missing = [one for one in said.split()[:-1] if not (ROOT / one).exists()]
            assert not missing
        if kind == "RUN" and "apt-get" in said:
            assert "--no-install-recommends" in said
            assert "rm -rf /var/lib/apt/lists" in said
    assert kinds.index("USER") > len(kinds) - kinds[::-1].index("RUN") - 1
    assert dict(steps)["USER"].isdigit()
    assert {"HEALTHCHECK", "ENTRYPOINT", "STOPSIGNAL"} <= set(kinds)
    assert not [said for kind, said in steps if kind in ("ENV", "ARG") and re.search(r"PASSWORD|SECRET", said)]


def test_the_image_gets_all_that_it_copies():
    """What .dockerignore leaves out cannot be copied."""
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"}
    copied = {
        one for kind, said in instructions() if kind == "COPY" and "--from" not in said for one in said.split()[:-1]
    }
    assert copied == let_in


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def test_the_services_are_postgresql_one_daemon_and_two_workers(compose):
    ours = {name: one for name, one in compose["services"].items() if name != "postgres"}
    assert {name: one["command"] for name, one in ours.items()} == {
        "upgrade": ["database", "upgrade"],
        "run": ["run"],
        "work": ["work"],
    }
    assert all(is_command(one["command"]) for one in ours.values())
    assert ours["work"]["deploy"]["replicas"] == 2
    assert ours["upgrade"]["restart"] == "no"
    assert ours["run"]["depends_on"] == ours["work"]["depends_on"]


def test_each_service_waits_for_one_that_there_is_and_uses_volumes_that_there_are(compose):
    services = compose["services"]
    for name, one in services.items():
        for other, how in one.get("depends_on", {}).items():
            assert how["condition"] != "service_healthy" or "healthcheck" in services[other], (name, other)
        assert {volume.partition(":")[0] for volume in one["volumes"]} <= set(compose["volumes"])
        assert one["logging"]["options"].keys() == {"max-size", "max-file"}, f"{name}: logs grow for ever"
        assert all(port.startswith("127.0.0.1:") for port in one.get("ports", ())), f"{name}: open to everybody"


def test_our_services_may_do_little_and_set_only_what_can_be_set(compose):
    for name in ("upgrade", "run", "work"):
        one = compose["services"][name]
        assert one["read_only"]
        assert one["cap_drop"] == ["ALL"]
        assert one["security_opt"] == ["no-new-privileges:true"]
        for variable in one["environment"]:
            table, _, key = variable.removeprefix("DIGEST_").lower().partition("__")
            assert key in Settings.model_fields[table].annotation.model_fields, variable
    assert (DEPLOY / compose["x-digest"]["build"]["context"] / compose["x-digest"]["build"]["dockerfile"]).is_file()


def test_no_password_is_written_down(compose):
    """Each comes from the environment, and without it nothing starts."""
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    for line in text.splitlines():
        if "PASSWORD" in line and not line.startswith("#"):
            assert "${POSTGRES_PASSWORD:?" in line
    assert shlex.split(section(DEPLOY / "systemd" / "digest.service", "Service")["EnvironmentFile"])

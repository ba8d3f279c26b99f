"""What `send` makes of a mail server that cannot be used: everybody waits, nothing is said in the clear, one line says
what to do.
"""

import base64
import json
import os
import shutil
import subprocess
import sys
import warnings
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from certificates import Authority
from digest.cli import main
from wiretap import Fault, Wiretap

PASSWORD = "correct-horse-battery"
SECRETS = [b"AUTH", b"MAIL", b"RCPT", b"DATA", b"BDAT", b"example.net", b"List-Unsubscribe", PASSWORD.encode()]
LOGIN = {"USERNAME": "digest", "PASSWORD": PASSWORD}
MODES = {
    "starttls": {"SECURITY": "starttls"},
    "starttls and a password": {"SECURITY": "starttls", **LOGIN},
    "tls and a password": {"SECURITY": "tls", **LOGIN},
}
#: What is to be done, by fault, with STARTTLS and with TLS from the first byte.
ADVICE = {
    Fault.EXPIRED: ("the certificate of localhost has expired: whoever runs it has to renew it",) * 2,
    Fault.OTHER_NAME: ("the certificate is for another name than localhost: smtp.host has to be",) * 2,
    Fault.STRANGER: ("nobody that this machine trusts has signed the certificate of localhost: SSL_CERT_FILE",) * 2,
    Fault.OLD: ("has no TLS 1.2 or later: whoever runs it has to bring it up to date",) * 2,
    Fault.STRIPPED: ("does not offer STARTTLS, and nothing goes out in the clear", "does not speak TLS from the start"),
    Fault.REFUSED: ("454 4.7.0 no TLS today", "closes the connection: is smtp.port right"),
    Fault.GARBAGE: ("says that it starts TLS and does not", "does not speak TLS from the start"),
    Fault.SILENT: ("does not answer in time",) * 2,
}


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def contexts(authority):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that TLS 1.1 is deprecated is the point
        return authority.contexts()


@pytest.fixture
def tap(contexts, authority, monkeypatch):
    """A server with a fault; its authority is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.trusted))
    return lambda fault, mode: Wiretap(fault, contexts, at_once=MODES[mode]["SECURITY"] == "tls")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Path:
    """A folder with an approved edition for three readers."""
    folder = tmp_path_factory.mktemp("prepared")
    patch = pytest.MonkeyPatch()
    patch.chdir(folder)
    people = "".join(f"reader{n}@example.net\n" for n in range(3))
    (folder / "readers.csv").write_text(f"email\n{people}")
    article = {"url": "https://news.example.org/1", "title": "Storm closes the ports", "summary": "For a second day."}
    (folder / "news.jsonl").write_text(
        json.dumps(article | {"source": "Wire", "published": datetime.now(UTC).isoformat()}) + "\n"
    )
    steps = "init .", "import news.jsonl", "subscribers import readers.csv --consent asked", "build"
    for words in steps:
        assert CliRunner().invoke(main, words.split(" ")).exit_code == 0, words
    key = json.loads(CliRunner().invoke(main, ["editions", "list", "--json"]).stdout)["editions"][0]["edition"]
    assert CliRunner().invoke(main, ["approve", key]).exit_code == 0
    patch.undo()
    return folder


@pytest.fixture
def send(prepared, tmp_path, monkeypatch):
    """Send to a server at a port; what was said, and the deliveries afterwards."""
    shutil.copytree(prepared, tmp_path / "site")
    monkeypatch.chdir(tmp_path / "site")

    def run(port: int, **smtp: str):
        for name, value in {
            "HOST": "localhost",
            "PORT": str(port),
            "TIMEOUT": "20",
            "CONNECTIONS": "2",
            **smtp,
        }.items():
            monkeypatch.setenv(f"DIGEST_SMTP__{name}", value)
        said = CliRunner().invoke(main, ["send", "--json"])
        key = json.loads(said.stdout)["edition"]
        listed = CliRunner().invoke(main, ["deliveries", "list", key, "--json"])
        return said, json.loads(listed.stdout)["deliveries"]

    return run


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("fault", ADVICE)
def test_tls_gone_wrong_costs_nobody_anything(fault, mode, tap, send):
    with tap(fault, mode) as server:
        said, deliveries = send(server.port, **MODES[mode], **({"TIMEOUT": "1"} if fault is Fault.SILENT else {}))
    assert said.exit_code == 75
    assert [(one["state"], one["attempts"], one["in_doubt"]) for one in deliveries] == [("queued", 0, 0)] * 3
    assert server.protected == []
    _nothing_in_clear(server)
    line, *more = [line for line in said.stderr.splitlines() if line.startswith("digest: ")]
    assert (more, "example.net" in said.stderr) == ([], False)
    assert line.startswith("digest: the mail server cannot be used: ")
    assert ADVICE[fault][server.at_once] in line


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("fault", [Fault.NONE, Fault.INJECTED])
def test_answers_from_before_tls_are_not_believed(fault, mode, tap, send):
    """They are dropped where TLS begins all the same; in front of it there is no beginning."""
    with tap(fault, mode) as server:
        said, deliveries = send(server.port, **MODES[mode])
    _nothing_in_clear(server)
    sent = not (server.at_once and fault is Fault.INJECTED)
    assert (said.exit_code, {one["state"] for one in deliveries}) == ((0, {"sent"}) if sent else (75, {"queued"}))
    verbs = {line.split(" ")[0] for line in server.protected}
    assert ("AUTH" in verbs) == (sent and "USERNAME" in MODES[mode])
    assert sum(line.startswith("RCPT") for line in server.protected) == (3 if sent else 0)


def _nothing_in_clear(server: Wiretap) -> None:
    """Of all that crossed the wire, only EHLO and STARTTLS can be read."""
    password = base64.b64encode(f"\0digest\0{PASSWORD}".encode())
    assert [word for word in [*SECRETS, password] if word.lower() in server.seen.lower()] == []
    assert {line.split(" ")[0] for line in server.clear} <= {"EHLO", "STARTTLS", "QUIT"}


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lost(prepared, tmp_path_factory):
    """What `send` said, by how names fail."""
    folder = tmp_path_factory.mktemp("names")
    shutil.copytree(prepared, folder / "prepared")
    (folder / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    here = Path(__file__).parent.parent
    inside = (
        f"mount --bind '{folder}/resolv.conf' /etc/resolv.conf && exec '{sys.executable}' '{here}/lost_names.py' \"$0\""
    )
    path = os.pathsep.join([str(here), os.environ.get("PYTHONPATH", "")])
    told = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "--net", "sh", "-c", inside, folder / "prepared"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    return {one["way"]: one for one in map(json.loads, told.stdout.splitlines())}


own_network = pytest.mark.skipif(
    not shutil.which("unshare")
    or subprocess.run(["unshare", "-rmn", "true"], capture_output=True, check=False).returncode != 0,
    reason="this system gives no network of one's own (unshare), and so no name server",
)
WAITING = {
    "no such name": "the name relay.test is not known: is smtp.host right?",
    "no address": "the name relay.test is not known: is smtp.host right?",
    "server failure": "no name server answers for relay.test: it is asked again later",
    "silence": "no name server answers for relay.test: it is asked again later",
}


@own_network
@pytest.mark.parametrize("way", WAITING)
def test_a_name_that_is_not_found_costs_nobody_anything(way, lost):
    told = lost[way]
    assert told["codes"] == [75]
    assert told["states"] == [["queued", 0, 0]] * 3
    line, *more = [line for line in told["err"].splitlines() if line.startswith("digest: ")]
    assert (more, WAITING[way] in line) == ([], True)


@own_network
def test_when_the_name_server_is_back_everybody_gets_theirs(lost):
    assert lost["comes back"]["codes"] == [75, 0]
    assert lost["comes back"]["states"] == [["sent", 1, 0]] * 3


@own_network
def test_of_several_addresses_one_that_lives_is_enough(lost):
    """One refuses, one answers nothing, IPv6 is dead."""
    assert lost["several"]["codes"] == [0]
    assert lost["several"]["states"] == [["sent", 1, 0]] * 3

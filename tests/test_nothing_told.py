"""What is planted in a whole run — addresses, names, tokens, passwords — is in no log and in no figure."""

import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest
from aiosmtpd.smtp import AuthResult

from postbox import Mailbox
from processes import Installation, stop

PASSWORD, METRICS = "planted-pass-7Hq2", "planted-metrics-token"
USER = "relay"  # no secret: `digest config` shows it
NAMES = {
    "kept": "Wilhelmina Plantedova",
    "gone": "Gottfried Plantedski",
    "later": "Lateria Plantedson",
    "policy": "Polly Plantedini",
}
NEWCOMER = "newcomer.planted@example.net"


def address(who):
    return f"{who}.planted@example.net"


def authenticate(_server, _session, _envelope, _mechanism, data):
    """A server that quotes what it was given."""
    given = data.password.decode()
    if given == PASSWORD:
        return AuthResult(success=True, handled=False)
    return AuthResult(success=False, handled=False, message=f"535 5.7.8 no: {data.login.decode()} with {given}")


@pytest.fixture
def server():
    with Mailbox(authenticator=authenticate, auth_required=True, auth_require_tls=False) as one:
        one.refuse[address("gone")] = f"550 5.1.1 <{address('gone')}> {NAMES['gone']}: user unknown"
        one.refuse[address("later")] = f"451 4.3.0 <{address('later')}> comes later"
        one.refuse[address("policy")] = f"554 5.7.1 {address('policy')} is not wanted"
        yield one


@pytest.fixture
def installed(tmp_path, server):
    smtp = {"HOST": "127.0.0.1", "PORT": str(server.port), "SECURITY": "none", "USERNAME": USER}
    digest = Installation(
        tmp_path,
        DIGEST_WEB__PORT="0",
        DIGEST_WEB__METRICS_TOKEN=METRICS,
        **{f"DIGEST_SMTP__{key}": value for key, value in smtp.items()},
    )
    now = datetime.now(UTC)
    article = {"url": "https://news.example.org/1", "title": "Strike in the northern port towns", "source": "Ledger"}
    (tmp_path / "news.jsonl").write_text(json.dumps(article | {"published": (now - timedelta(hours=1)).isoformat()}))
    digest("import", "news.jsonl")
    rows = [f"{address(who)},{name}" for who, name in NAMES.items()]
    (tmp_path / "readers.csv").write_text("\n".join(["email,name", *rows]))
    digest("subscribers", "import", "readers.csv", "--consent", "asked")
    edition = digest.json("build")["edition"]
    digest("approve", edition)
    digest("deliveries", "retry", edition)
    return digest


class Daemon:
    """`digest run` that says all it can, into a file; its pages."""

    def __init__(self, digest, log, form):
        self.log = log
        with log.open("a") as stream:
            self.process = digest.start("-vv", "--log", form, "run", stdout=stream)
        self.url = ""

    def wait(self, what, seconds=40):
        end = time.monotonic() + seconds
        while not (found := what()):
            assert time.monotonic() < end, f"waited too long: {self.log.read_text()[-2000:]}"
            time.sleep(0.05)
        return found

    def said(self, pattern):
        return self.wait(lambda: re.search(pattern, self.log.read_text()))

    def ask(self, path, *, form=None, **headers):
        """Status and text of a page; a dictionary is posted."""
        self.url = self.url or self.said(r"web pages on (http://[\d.:]+)")[1]
        data = urllib.parse.urlencode(form).encode() if form else None
        request = urllib.request.Request(self.url + path, data, headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


def link(message, purpose):
    """The path of a link in a mail."""
    body = message.parsed.get_body(("plain",)).get_content() + str(message.parsed["List-Unsubscribe"])
    return re.search(rf"https://[^/\s]+(/{purpose}/daily/[\w-]{{32}})", body)[1]


@pytest.fixture
def run(installed):
    """Starts the daemon; what still runs at the end is ended."""
    started = []

    def start(log, form):
        started.append(Daemon(installed, log, form))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()


@pytest.mark.timeout(240)
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # on loopback
def test_a_whole_run_tells_nothing_of_anybody(tmp_path, installed, server, run):
    log, other = tmp_path / "first.log", tmp_path / "second.log"
    secret = re.search(r'secrets = \["([^"]+)"\]', (tmp_path / "config.toml").read_text())[1]
    wrong = "planted-wrong-3fT"
    installed.environment["DIGEST_SMTP__PASSWORD"] = wrong
    refused = run(log, "json")
    refused.said("the mail server cannot be used.*535")
    assert stop(refused.process, within=15) == 0
    assert server.messages == []

    installed.environment["DIGEST_SMTP__PASSWORD"] = PASSWORD
    (edition,) = installed.json("status")["editions"]
    installed("deliveries", "retry", edition["edition"])
    daemon = run(other, "console")
    daemon.wait(lambda: server.addresses == [address("kept")])
    leave = link(server.messages[0], "unsubscribe")
    shown = re.search('name="shown" value="([^"]+)"', daemon.ask("/subscribe/daily")[1])[1]
    time.sleep(3.2)  # as long as a person takes
    assert daemon.ask("/subscribe/daily", form={"email": NEWCOMER, "shown": shown})[0] == 200
    daemon.wait(lambda: NEWCOMER in server.addresses)
    confirm = link(server.messages[-1], "confirm")
    assert daemon.ask(confirm, form={"go": "1"})[0] == 200
    assert daemon.ask(leave, form={"List-Unsubscribe": "One-Click"})[0] == 200
    assert daemon.ask(confirm[:-1] + "_", form={"go": "1"})[0] == 404
    figures = daemon.wait(lambda: _settled(daemon))
    assert daemon.ask("/metrics", Host="news.example.org")[0] == 404
    assert daemon.ask("/metrics", Host="news.example.org", Authorization=f"Bearer {METRICS}")[0] == 200
    assert stop(daemon.process, within=15) == 0

    states = {row["address"]: row["state"] for row in installed.json("subscribers", "list")["subscribers"]}
    assert (states[NEWCOMER], states[address("kept")]) == ("confirmed", "unsubscribed")
    told = log.read_text() + other.read_text() + figures
    tokens = [path.rpartition("/")[2] for path in (leave, confirm)]
    sender = server.messages[0].sender  # the return path names the delivery
    planted = [*map(address, NAMES), *NAMES.values(), NEWCOMER, *tokens, sender, PASSWORD, wrong, METRICS, secret]
    assert [one for one in planted if one in told or urllib.parse.quote(one) in told] == []
    assert "planted" not in told.lower()
    for line in log.read_text().splitlines():
        assert json.loads(line)["message"]


def _settled(daemon):
    """The figures, once each of the four copies has come to something."""
    status, text = daemon.ask("/metrics")
    assert status == 200
    done = all(f'state="{state}"}} {count}' in text for state, count in (("failed", 1), ("sent", 1), ("queued", 2)))
    return text if done else ""

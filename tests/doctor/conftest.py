"""A site that is well: its name server, mail server and public pages are real, and everything they say is right."""

import asyncio
import contextlib
import ipaddress
import shlex
import subprocess
import threading
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr

from build import KEY
from digest import config
from digest.doctor import Finding, Level
from digest.doctor.configured import look_at_settings
from digest.doctor.names import Names
from digest.doctor.outside import ask_public_url
from digest.doctor.sending import look_at_dns
from digest.doctor.storing import look_at_database
from digest.outbox.dkim import dns_record
from digest.store import backup
from digest.store.database import Database
from digest.web.app import create_app
from digest.web.server import Server
from nameserver import NameServer
from postbox import Mailbox

OUTSIDE = "203.0.114.25"  #: a public address, to which nothing ever connects
SENDS_FROM = [ipaddress.ip_address(OUTSIDE)]
HOST = "mail.paper.example"


@dataclass
class Site:
    """What the doctor looks at; `mend` does to it what a finding says."""

    folder: Path
    names: NameServer
    database: Database
    settings: config.Settings
    answers: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)  #: of the proxy, instead of the pages

    @property
    def file(self) -> Path:
        return self.folder / "config.toml"

    def set(self, table: str, **values: object) -> None:
        changed = getattr(self.settings, table).model_copy(update=values)
        self.settings = self.settings.model_copy(update={table: changed})

    def look(self) -> list[Finding]:
        """All that `examine` does but for the mail itself, which is rendered, and the mail server."""
        now = datetime.now(UTC)
        asked = look_at_dns(self.settings, Names(self.names.resolver()), SENDS_FROM)
        own = [*look_at_settings(self.settings, self.file), *look_at_database(self.database, now=now)]
        return [*own, *ask_public_url(self.settings), *asked]

    def wrong(self, about: str) -> list[Finding]:
        return [one for one in self.look() if one.about == about and one.level is not Level.GOOD]

    def mend(self, finding: Finding) -> None:
        """Word for word: a line of a zone file, a line of config.toml, or a command."""
        line = finding.mend
        if ". IN " in line:
            self.names.put(line)
        elif line.startswith("digest "):
            self._digest(shlex.split(line)[1:])
        elif " = " in line:
            ((table, values),) = tomllib.loads(line).items()
            self.set(table, **values)
        elif line.startswith("location "):
            self.answers.clear()
        else:
            subprocess.run(shlex.split(line), check=True, cwd=self.folder)

    def _digest(self, words: list[str]) -> None:
        match words:
            case ["database", "backup", file]:
                backup.backup(self.database, self.folder / file, now=datetime.now(UTC))
            case ["database", "release"]:
                with self.database.begin() as db:
                    backup.release(db, now=datetime.now(UTC))
            case _:
                pytest.fail(f"no such mend: {words}")


@contextlib.contextmanager
def serving(site: Site) -> Iterator[str]:
    """The public pages behind a proxy that lets everything through, but for what `answers` has."""
    pages = create_app(site.settings, site.database)

    async def proxy(scope, receive, send):
        start = next((start for start in site.answers if scope["path"].startswith(start)), None)
        if start is None:
            await pages(scope, receive, send)
            return
        status, header = site.answers[start]
        raw = [(name.encode(), value.encode()) for name, value in header.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": b""})

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = Server(proxy)
    running = asyncio.run_coroutine_threadsafe(server.serve(), loop)
    yield server.url
    asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
    running.result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture(scope="module")
def pem() -> bytes:
    key = ed25519.Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture
def site(tmp_path, sqlite_database, mailbox: Mailbox, pem) -> Iterator[Site]:
    (tmp_path / "key.pem").write_bytes(pem)
    (tmp_path / "config.toml").write_text("")
    for name in ("key.pem", "config.toml", "digest.db"):
        (tmp_path / name).chmod(0o600)
    letter = config.Newsletter(sender="The Paper <daily@paper.example>")
    settings = config.Settings(
        feedback=config.Feedback(maildir=tmp_path / "returns"),
        site=config.Site(name="The Paper", secrets=(SecretStr(KEY),), postal_address="1 Quay, Port"),
        database=config.Database(url=SecretStr(f"sqlite:///{tmp_path / 'digest.db'}")),
        smtp=config.Smtp(host="127.0.0.1", port=mailbox.port, security="none", hostname=HOST),
        dkim=config.Dkim(
            domain="paper.example", keys=(config.DkimKey(selector="s1", private_key_file=tmp_path / "key.pem"),)
        ),
        newsletters={"daily": letter},
    )
    with NameServer() as names:
        names.add(
            f"{HOST}. IN A {OUTSIDE}",
            f"25.114.0.203.in-addr.arpa. IN PTR {HOST}.",
            f"paper.example. IN MX 10 {HOST}.",
            f'paper.example. IN TXT "v=spf1 ip4:{OUTSIDE} -all"',
            '_dmarc.paper.example. IN TXT "v=DMARC1; p=quarantine; rua=mailto:reports@paper.example"',
            f's1._domainkey.paper.example. IN TXT "{dns_record(pem)}"',
        )
        backup.backup(sqlite_database, tmp_path / "first.backup", now=datetime.now(UTC))
        one = Site(tmp_path, names, sqlite_database, settings)
        with serving(one) as url:
            one.set("site", base_url=url)
            yield one

"""The command line, run in this process against a folder of its own and a real mail server."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from digest.cli import main
from postbox import Mailbox


@dataclass
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mailbox: Mailbox) -> Callable[..., Said]:
    """`digest("send", "--json")` in an initialised folder; its mail goes to `mailbox`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHROME_PATH", str(tmp_path / "no-browser"))  # pictures take seconds, and one test wants them
    for name, value in {"HOST": "127.0.0.1", "PORT": str(mailbox.port), "SECURITY": "none"}.items():
        monkeypatch.setenv(f"DIGEST_SMTP__{name}", value)

    def run(*words: str, stdin: str = "") -> Said:
        result = CliRunner().invoke(main, list(words), input=stdin)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.exit_code, result.stdout, result.stderr)

    assert run("init", ".").code == 0
    return run


@pytest.fixture
def news(tmp_path: Path) -> Path:
    """A file of five articles on three events, and a bad line."""
    now = datetime.now(UTC)
    rows = [
        ("bank-1", "Central bank cuts its key rate to 3 per cent", "Ledger"),
        ("bank-2", "Key rate cut to 3 per cent by the central bank", "Wire"),
        ("bank-3", "Central bank surprises with cut of key rate to 3 per cent", "Courier"),
        ("storm", "Storm closes the northern ports for a second day", "Ledger"),
        ("chips", "Chipmaker to build its largest factory on the coast", "Ledger"),
    ]
    path = tmp_path / "news.jsonl"
    lines = [
        json.dumps(
            {
                "url": f"https://news.example.org/{slug}",
                "title": title,
                "source": source,
                "published": (now - timedelta(hours=number + 1)).isoformat(),
                "summary": f"{title}. More is expected in the afternoon.",
                "section": "Economy",
            }
        )
        for number, (slug, title, source) in enumerate(rows)
    ]
    path.write_text("\n".join([*lines, '{"title": "no address"}']) + "\n")
    return path


@pytest.fixture
def readers(tmp_path: Path) -> Path:
    path = tmp_path / "readers.csv"
    path.write_text("email,name\nada@example.net,Ada\nbela@example.net,=cmd()\nnot an address,X\n")
    return path

"""`digest tokens`: made, listed, ended; shown once."""

import pytest
from click.testing import CliRunner

from build import KEY
from digest.cli import main
from digest.model import Scope
from digest.store import api_tokens
from digest.store.database import Database


@pytest.fixture
def run(sqlite_url, tmp_path):
    config = tmp_path / "config.toml"
    config.write_text(f'site.secrets = ["{KEY}"]\ndatabase.url = "{sqlite_url}"\n')

    def call(*words, code=0):
        done = CliRunner().invoke(main, ["--config", str(config), "tokens", *words])
        assert done.exit_code == code, done.output
        return done.output

    return call


def test_a_token_is_made_listed_and_ended(run, sqlite_url):
    token = run("add", "shop", "--scope", "subscribe", "--scope", "read").strip()
    database = Database(sqlite_url)
    with database.read() as db:
        assert api_tokens.find(db, token).scopes == {Scope.SUBSCRIBE, Scope.READ}
    shown = run("list")
    assert "shop" in shown
    assert "read, subscribe" in shown
    assert token not in shown + run("list", "--json")
    run("revoke", "shop")
    with database.read() as db:
        assert api_tokens.find(db, token) is None
    database.close()


def test_what_cannot_be_is_one_line(run):
    run("add", "shop", "--scope", "read")
    assert "already" in run("add", "shop", "--scope", "read", code=1)
    assert "a name is" in run("add", "two words", "--scope", "read", code=1)
    assert "no token" in run("revoke", "other", code=1)
    run("add", "other", code=2)

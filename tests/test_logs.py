"""Logs: lines for people or objects for programs, and in neither an address, a token or a secret."""

import json
import logging
from functools import partial

import pytest

from build import KEY
from digest import links, logs
from digest.config import Settings, secret_values

UID = "0123456789abcdef"
TOKENS = [links.sign([KEY], purpose, "daily", UID) for purpose in links.Purpose]


@pytest.fixture
def begin():
    """Begins logging; afterwards all is as it was."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield partial(logs.begin, logging.INFO)
    root.handlers[:] = before
    root.setLevel(level)


@pytest.mark.parametrize("form", ["console", "json"])
@pytest.mark.parametrize(
    "planted",
    [
        "ada.planted@example.net",
        "<ada+list@example.net>",
        "ada%40example.net",
        "jürgen@bücher.example",
        "bounces+4.0123456789abcdef.abcdefghij@example.org",
        *TOKENS,
        "correct horse",
    ],
)
def test_what_a_server_quotes_is_not_written(begin, capsys, form, planted):
    begin(form, ["correct horse"])
    log = logging.getLogger("digest.worker")
    log.error("550 5.1.1 %s: no such user, see https://mail.example/%s", planted, planted)
    try:
        int(planted)
    except ValueError:
        log.exception("it failed")
    said = capsys.readouterr().err
    assert planted.strip("<>") not in said
    assert "no such user" in said
    assert "invalid literal" in said


def test_ordinary_words_are_written_as_they_are():
    for said in (
        "daily/2026-11-23: approved: 12 stories",
        "web pages on http://127.0.0.1:8600",
        "the mail server at mail.example.org refused 12 of the last 20 messages",
        "an-ordinary-host-name-of-forty-letters.example.org",
        "5f3a1b5f3a1b5f3a1b5f3a1b5f3a1b5f",
    ):
        assert logs.discreet(said) == said


def test_json_is_one_object_a_line_with_its_moment(begin, capsys):
    begin("json")
    logging.getLogger("digest.daemon").warning("%d of\ntwo lines", 2)
    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert told.pop("at").endswith("+00:00")
    assert told == {"level": "warning", "logger": "digest.daemon", "message": "2 of", "detail": "two lines"}


def test_short_secrets_do_not_star_what_is_said(begin, capsys):
    begin("console", ["a", "ab"])
    logging.getLogger("digest").error("a database that is back")
    assert "a database that is back" in capsys.readouterr().err


def test_the_secrets_are_those_of_the_configuration():
    table = {
        "site": {"secrets": [KEY]},
        "smtp": {"password": "of-smtp"},
        "database": {"url": "postgresql+psycopg://me:of%2Fdatabase@host/name"},
        "feedback": {"imap": {"password": "of-imap"}},
        "webhooks": [{"url": "https://paper.example/hook", "secret": f"whsec_{'of0webhook0' * 4}"}],
    }
    assert secret_values(Settings(**table)) == [
        *(KEY, "of-smtp", "of%2Fdatabase", "of/database", "of-imap"),
        f"whsec_{'of0webhook0' * 4}",
    ]
    assert secret_values(Settings()) == []

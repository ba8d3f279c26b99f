"""Settings: the example documents them, the environment goes before the file, and no fault or print shows a secret."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from digest.assets import EXAMPLE_CONFIG
from digest.config import (
    Database,
    DkimKey,
    Newsletter,
    RelayTable,
    Settings,
    SourceSettings,
    WarmUp,
    Webhook,
    effective,
    load,
    pick_newsletter,
    secret_values,
    with_fresh_secrets,
)
from digest.errors import ConfigError, NotFound

SECRET = "correct-horse-battery-staple-and-more"
EXAMPLE = EXAMPLE_CONFIG.read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch):
    import os

    for name in list(os.environ):
        if name.upper().startswith("DIGEST_") and "__" in name:
            monkeypatch.delenv(name)


@pytest.fixture
def file(tmp_path):
    """Writes a configuration; its path."""

    def write(text: str = "") -> Path:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def faults(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert caught.value.exit_code == 78
    return str(caught.value)


# --- the example -----------------------------------------------------------------------------------------------------


def test_the_example_holds_the_defaults():
    """But for the place of the database: relative paths are meant from the file's folder."""
    defaults = Settings()
    anchored = Database(url=SecretStr(f"sqlite:///{EXAMPLE_CONFIG.parent.resolve() / 'digest.db'}"))
    assert load(EXAMPLE_CONFIG) == defaults.model_copy(update={"database": anchored})
    assert defaults.database.url.get_secret_value() == "sqlite:///digest.db"


def test_the_example_shows_every_key():
    """Commented out where it has no default: then it becomes a complete file when the marks are taken away."""
    table = tomllib.loads(re.sub(r"(?m)^# (?=\[+[a-z.]+\]+$|[a-z_]+ = )", "", EXAMPLE))
    Settings(**table)  # every value that is shown is a good one
    shown = set(keys(table))
    by_name = ("weights", "section_weights", "section_limits", "section_minimums", "subjects", "words")
    tables = {*(f"newsletters.daily.{name}" for name in by_name), "smtp.domain_rates"}
    tables |= {"smtp.warm_up", "smtp.relays.0.warm_up"}
    assert {key for key in shown if not key.startswith(tuple(f"{name}." for name in tables))} == {
        *fields(Settings),
        *fields(SourceSettings, "sources.0."),
        *fields(DkimKey, "dkim.keys.0."),
        *fields(Webhook, "webhooks.0."),
        *fields(RelayTable, "smtp.relays.0."),
        *fields(Newsletter, "newsletters.daily."),
    } - {"sources", "smtp.relays", "webhooks", "newsletters", "dkim.keys", *tables}
    assert all(any(key.startswith(f"{name}.") for key in shown) for name in tables)


def keys(value: Any, prefix: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from keys(inner, f"{prefix}.{key}" if prefix else key)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for number, inner in enumerate(value):
            yield from keys(inner, f"{prefix}.{number}")
    else:
        yield prefix


def fields(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from fields(kind, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def test_each_key_of_the_example_has_a_comment_above_it():
    """Keys that follow each other directly share one."""
    key = re.compile(r"(# )?([a-z_]+ = |\[\[?[a-z])")
    for before, line in zip(EXAMPLE.splitlines(), EXAMPLE.splitlines()[1:], strict=False):
        if key.match(line) and not line.startswith("["):
            assert before.startswith("#") or key.match(before), line


def test_fresh_secrets_take_the_place_of_the_one_marked_line(file):
    assert len(re.findall(r"(?m)^# *secrets = .*$", EXAMPLE)) == 1
    first, second = with_fresh_secrets(EXAMPLE), with_fresh_secrets(EXAMPLE)
    assert first != second
    settings = load(file(first))
    assert [len(key) for key in settings.site.keys] == [43]


def test_paths_are_meant_from_the_folder_of_the_file(file, tmp_path, monkeypatch):
    path = file("""
        site.templates = "mine"
        database.url = "sqlite:///data/digest.db"
        newsletters.daily.markets_csv = "markets.csv"
        feedback.maildir = "came"
        dkim = { domain = "example.org", keys = [{ selector = "a", private_key_file = "a.pem" }] }
    """)
    monkeypatch.chdir("/")
    settings = load(path)
    assert settings.site.templates == tmp_path / "mine"
    assert settings.database.url.get_secret_value() == f"sqlite:///{tmp_path}/data/digest.db"
    assert settings.newsletters["daily"].markets_csv == tmp_path / "markets.csv"
    assert settings.feedback.maildir == tmp_path / "came"
    assert settings.dkim.keys[0].private_key_file == tmp_path / "a.pem"


@pytest.mark.parametrize("rate", ["20", "0/s", "1.5/s", "20/day", "20 /s", "-1/s"])
def test_a_rate_that_is_none_is_refused_with_its_key(file, rate):
    told = faults(file(f"[smtp]\nrate = '{rate}'\ndomain_rates = {{ 'Example.net' = '1/s', 'a.example' = '{rate}' }}"))
    assert {"smtp.rate", "smtp.domain_rates.a.example"} <= {one.strip().split(":")[0] for one in told.splitlines()}
    assert "smtp.domain_rates.Example.net" in told, "in small letters, as it is compared"


@pytest.mark.parametrize("hours", ["22-6", "22:00", "24:00-06:00", "22:00 - 06:00", "22:60-06:00"])
def test_quiet_hours_that_are_none_are_refused_with_their_key(file, hours):
    assert "newsletters.daily.quiet_hours: " in faults(file(f'[newsletters.daily]\nquiet_hours = "{hours}"'))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('quiet_hours = "22:00-22:00"', "nothing would ever leave"),
        ('quiet_hours = "22:00-07:01"', "an edition is due within them, at 07:00"),
        ('quiet_hours = "11:00-12:30"\nonce = ["2026-12-24T12:00"]', "an edition is due within them, at 12:00"),
    ],
)
def test_quiet_hours_in_which_nothing_could_leave_are_a_fault(file, text, told):
    assert told in faults(file(f"[newsletters.daily]\n{text}"))


def test_a_relay_has_from_smtp_what_it_does_not_say_itself(file):
    table = """
        [smtp]
        host = "one.example.org"
        port = 25
        window = 16
        rate = "100/s"
        [[smtp.relays]]
        name = "east"
        weight = 3
        host = "east.example.org"
        rate = "5/s"
        [[smtp.relays]]
        name = "west"
        port = 465
        security = "tls"
    """
    east, west = load(file(table)).smtp.routes
    assert (east.name, east.weight, east.rate, west.weight, west.rate) == ("east", 3.0, "5/s", 1.0, "")
    assert (east.smtp.host, east.smtp.port, east.smtp.window) == ("east.example.org", 25, 16)
    assert (west.smtp.host, west.smtp.port, west.smtp.security) == ("one.example.org", 465, "tls")
    assert (east.smtp.rate, west.smtp.rate) == ("100/s", "100/s"), "of all together"
    (only,) = load(file("[smtp]\nhost = 'one.example.org'")).smtp.routes
    assert (only.name, only.smtp.host) == ("", "one.example.org")


def test_a_name_is_for_one_relay_and_their_passwords_are_secret(file):
    told = faults(file("[[smtp.relays]]\nname = 'a'\n[[smtp.relays]]\nname = 'a'\n[[smtp.relays]]\nname = 'B C'"))
    assert "smtp.relays.2.name" in told
    assert "relays: a: a name is for one of them" in faults(
        file("[[smtp.relays]]\nname = 'a'\n[[smtp.relays]]\nname = 'a'")
    )
    settings = load(file(f"[[smtp.relays]]\nname = 'a'\npassword = '{SECRET}'"))
    assert SECRET in secret_values(settings)
    assert SECRET not in "".join(value for _, value, _ in effective(settings, None))


def test_a_warm_up_needs_its_first_day_and_a_way_to_go(file):
    plan = load(file("[smtp]\nwarm_up = { begin = 2026-12-01 }")).smtp.warm_up
    assert plan == WarmUp(begin=date(2026, 12, 1), first_day=500, growth=1.4, until=100_000)
    table = "[smtp]\nwarm_up = { first_day = 0, growth = 1, until = 'many', pace = 2 }"
    keys = {line.split(":")[0].strip() for line in faults(file(table)).splitlines()[1:]}
    assert keys == {f"smtp.warm_up.{key}" for key in ("begin", "first_day", "growth", "until", "pace")}
    table = "[[smtp.relays]]\nname = 'west'\nwarm_up = { begin = 2026-12-01, first_day = 900, until = 900 }"
    (fault,) = faults(file(table)).splitlines()[1:]
    assert fault.strip() == "smtp.relays.0.warm_up: first_day: less than until, or there is nothing to warm up"


def test_a_relay_warms_up_by_itself_or_as_smtp_says(file):
    table = """
        [[smtp.relays]]
        name = "east"
        [[smtp.relays]]
        name = "west"
        warm_up = { begin = 2026-12-01 }
    """
    east, west = load(file(table)).smtp.routes
    assert (east.smtp.warm_up, west.smtp.warm_up) == (None, WarmUp(begin=date(2026, 12, 1)))
    both = load(file(f"[smtp]\nwarm_up = {{ begin = 2026-12-02 }}\n{table}")).smtp.routes
    assert [one.smtp.warm_up.begin.day for one in both] == [2, 1]


# --- the environment -------------------------------------------------------------------------------------------------


def test_the_environment_goes_before_the_file(file, monkeypatch):
    path = file("[smtp]\nhost = 'mail.example.org'\nport = 25")
    monkeypatch.setenv("DIGEST_SMTP__PORT", "2525")
    settings = load(path)
    assert (settings.smtp.host, settings.smtp.port) == ("mail.example.org", 2525)


def test_the_environment_reaches_into_a_newsletter(file, monkeypatch):
    path = file("[newsletters.daily]\ntitle = 'Today'\nstories = 9")
    monkeypatch.setenv("DIGEST_NEWSLETTERS__DAILY__STORIES", "5")
    monkeypatch.setenv("DIGEST_NEWSLETTERS", '{"daily": {"days": ["mon", "fri"]}}')
    daily = load(path).newsletters["daily"]
    assert (daily.title, daily.stories, daily.days) == ("Today", 5, ("mon", "fri"))


def test_lists_in_the_environment_are_json(file, monkeypatch):
    monkeypatch.setenv("DIGEST_SITE__SECRETS", f'["{SECRET}"]')
    monkeypatch.setenv("DIGEST_SOURCES", '[{"name": "Harbour Wire", "role": "signal"}]')
    settings = load(file())
    assert settings.site.keys == (SECRET,)
    assert settings.sources == (SourceSettings(name="Harbour Wire", role="signal"),)


def test_what_is_not_json_is_a_fault_with_its_key(file, monkeypatch):
    monkeypatch.setenv("DIGEST_SITE__SECRETS", SECRET)
    monkeypatch.setenv("DIGEST_DATABASE", f"postgresql://me:{SECRET}@db/digest")
    told = faults(file("[smtp]\nport = -1"))
    assert {"site.secrets", "database", "smtp.port"} <= {line.strip().split(":")[0] for line in told.splitlines()[1:]}
    assert SECRET not in told


def test_an_empty_variable_counts_as_absent(file, monkeypatch):
    monkeypatch.setenv("DIGEST_SITE__NAME", "")
    assert load(file()).site.name == Settings().site.name


def test_a_variable_of_a_misspelt_table_is_refused(file, monkeypatch):
    monkeypatch.setenv("DIGEST_SMPT__PASSWORD", SECRET)
    told = faults(file("[smtp]\nport = 'x'"))
    assert "DIGEST_SMPT__PASSWORD: there is no table [smpt]" in told
    assert "smtp.port" in told
    assert SECRET not in told


# --- faults ----------------------------------------------------------------------------------------------------------


def test_all_faults_are_told_at_once_each_with_its_key(file):
    told = faults(
        file("""
        [site]
        base_url = "news.example.org"
        language = "English"
        [smtp]
        prot = 25
        security = "ssl"
        connections = 0
        [dkim]
        domain = "example.org"
        [newsletters.daily]
        sender = "Daily"
        timezone = "Berlin"
        days = ["monday"]
        send_at = "25:00"
        section_weights = { Sport = nan }
        profile = "gossip"
        weights = { coverage = 11, covrage = 1 }
        subjects = { weather = 1 }
        [[sources]]
        role = "both"
        """)
    )
    lines = told.splitlines()
    assert lines[0].endswith("17 faults")
    assert {line.split(":")[0].strip() for line in lines[1:]} == {
        "site.base_url",
        "site.language",
        "smtp.prot",
        "smtp.security",
        "smtp.connections",
        "dkim",
        "newsletters.daily.sender",
        "newsletters.daily.timezone",
        "newsletters.daily.days.0",
        "newsletters.daily.send_at",
        "newsletters.daily.section_weights.Sport",
        "newsletters.daily.profile",
        "newsletters.daily.weights.coverage",
        "newsletters.daily.weights.covrage.[key]",
        "newsletters.daily.subjects.weather.[key]",
        "sources.0.name",
        "sources.0.role",
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("stories = 2\nsection_minimums = { A = 2, B = 1 }", "more than 2 in all"),
        ("section_limits = { sport = 1 }\nsection_minimums = { Sport = 2 }", "Sport: more than section_limits lets in"),
    ],
)
def test_minimums_that_cannot_be_met_are_a_fault(file, text, told):
    assert told in faults(file(f"[newsletters.daily]\n{text}"))


@pytest.mark.parametrize(
    "text",
    [
        "nonsense = 1",
        "[site]\nnmae = 'x'",
        "[newsletters.daily]\nstorys = 3",
        "[[sources]]\nname = 'a'\nwieght = 2",
        "[newsletters.'Not A Name']\ntitle = 'x'",
    ],
)
def test_a_misspelt_key_is_refused_with_its_path(file, text):
    (fault,) = faults(file(text)).splitlines()[1:]
    path = fault.strip().split(": ")[0]
    assert path.removesuffix(".[key]").split(".")[-1] in text


@pytest.mark.parametrize(
    "text",
    [
        'site.name = "two\\nlines"',
        'newsletters.daily.title = "two\\r\\nBcc: all"',
        'newsletters.daily.reply_to = "a@example.org\\nBcc: b@example.org"',
        "newsletters.daily.sender = 'a@example.org, b@example.org'",
        "newsletters.daily.language = 'en\"'",
        "site.base_url = 'https://example.org/>,<https://else.example'",
        "smtp.bounce_address = 'Bounces <b@example.org>'",
        'smtp.hostname = "me\\r\\nMAIL"',
        "database.url = 'digest.db'",
    ],
)
def test_what_would_break_a_header_or_a_command_is_refused(file, text):
    assert text.split(" = ")[0] in faults(file(text))


def test_a_mailbox_elsewhere_is_not_asked_in_clear(file):
    told = "feedback.imap: security: none is for a server on this machine only"
    assert told in faults(file('[feedback.imap]\nhost = "imap.example.org"\nsecurity = "none"'))


def test_no_fault_shows_the_value_of_a_secret(file):
    short = "kept-secret"
    told = faults(
        file(f"""
        site.secrets = ["{short}", "{SECRET}"]
        database.url = "mysql://me:{SECRET}@db/x"
        smtp = {{ password = ["{SECRET}"], pasword = "{SECRET}" }}
        """)
    )
    assert {"site", "database.url", "smtp.password", "smtp.pasword"} == {
        line.strip().split(":")[0] for line in told.splitlines()[1:]
    }
    assert short not in told
    assert SECRET not in told


@pytest.mark.parametrize("text", ["[site", "a = 1\na = 2", "site = 5"])
def test_a_file_that_is_not_toml_or_no_table_is_one_fault(file, text):
    assert "1 fault" in faults(file(text))


def test_a_missing_file_says_what_to_do(tmp_path):
    assert "digest init" in faults(tmp_path / "config.toml")


# --- what is printed -------------------------------------------------------------------------------------------------


def secret_settings(path: Path) -> Settings:
    path.write_text(
        f'site.secrets = ["{SECRET}"]\n'
        f'database.url = "postgresql+psycopg://me:{SECRET}@db/digest"\n'
        f'smtp = {{ username = "me", password = "{SECRET}" }}\n',
        encoding="utf-8",
    )
    return load(path)


def test_secrets_are_in_no_repr_str_or_dump(tmp_path):
    settings = secret_settings(tmp_path / "config.toml")
    assert SECRET not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    assert settings.smtp.password.get_secret_value() == SECRET


def test_effective_stars_secrets_and_says_where_each_value_came_from(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGEST_SMTP__PORT", "2525")
    monkeypatch.setenv("DIGEST_WEB", '{"port": 9000}')
    monkeypatch.setenv("DIGEST_SITE__NAME", "")
    path = tmp_path / "config.toml"
    told = {key: (value, origin) for key, value, origin in effective(secret_settings(path), path)}
    assert SECRET not in str(told)
    assert told["smtp.password"] == ("**********", "file")
    assert told["smtp.username"] == ("me", "file")
    assert told["smtp.port"] == ("2525", "environment")
    assert told["web.port"] == ("9000", "environment")
    assert told["web.host"] == ("127.0.0.1", "default")
    assert told["site.name"] == (Settings().site.name, "default")


def test_settings_cannot_be_changed():
    settings = Settings()
    with pytest.raises(ValueError, match="frozen"):
        settings.smtp.port = 25
    assert isinstance(settings.newsletters, Mapping)


def test_the_only_newsletter_needs_no_name():
    settings = Settings(newsletters={"daily": {}, "weekly": {}})
    assert pick_newsletter(Settings(), None)[0] == "daily"
    assert pick_newsletter(settings, "weekly")[0] == "weekly"
    with pytest.raises(NotFound, match="daily, weekly"):
        pick_newsletter(settings, None)
    with pytest.raises(NotFound, match="monthly"):
        pick_newsletter(settings, "monthly")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("[smtp]\nhots = 'x'", "smtp.hots: there is no such key"),
        ("[site]\nsecrets = 'x'", "site.secrets: has to be a list"),
        ("smtp = 25", "smtp: has to be a table"),
        ("newsletters = 1", "newsletters: has to be a table"),
    ],
)
def test_faults_are_told_in_words_of_the_file_and_not_of_python(file, written, told):
    assert told in faults(file(written))

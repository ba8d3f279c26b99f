"""One frozen `Settings`: a TOML file, under the environment (``DIGEST_SMTP__PASSWORD``).

`config.example.toml` is the documentation of every key; a test holds it to the defaults here.
"""

import base64
import hashlib
import json
import os
import re
import secrets
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from email.utils import getaddresses, parseaddr
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from digest.brand import Brand
from digest.errors import ConfigError, NotFound
from digest.model import EventKind, QuietHours, Role

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Language = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]

Line = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$")]  #: goes into header fields

_ADDRESS = re.compile(r"[^@\s<>,;:\"\\]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


def _mailbox(value: str) -> str:
    found = getaddresses([value])
    if len(found) != 1 or not value.isprintable() or not _ADDRESS.fullmatch(found[0][1]):
        raise ValueError("not a mailbox: write it as Name <name@example.org> or name@example.org")
    return value


def _mailbox_or_none(value: str) -> str:
    return _mailbox(value) if value else value


def _address_or_none(value: str) -> str:
    if value and not _ADDRESS.fullmatch(value):
        raise ValueError("not an address: write it as name@example.org")
    return value


def _database_url(value: SecretStr) -> SecretStr:
    if not re.match(r"(sqlite|postgresql)(\+\w+)?://", value.get_secret_value()):
        raise ValueError("not a database: write sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME")
    return value


def _webhook(value: SecretStr) -> SecretStr:
    if value.get_secret_value() and not re.fullmatch(r"https?://[!-~]+", value.get_secret_value()):
        raise ValueError("not an absolute http(s) address")
    return value


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())  # which looks through a folder


def is_zone(name: str) -> bool:
    """Whether the tz database has a time zone of this name."""
    return name in _zones()


def _zone(value: str) -> str:
    if not is_zone(value):
        raise ValueError(f"unknown time zone {value!r}: use a name such as Europe/Berlin")
    return value


def _by_the_wall(value: datetime) -> datetime:
    if value.tzinfo is not None:
        raise ValueError("without an offset: it is by the clock of the newsletter's time zone")
    return value


def _a_minute(value: time) -> time:
    if value.tzinfo is not None or value != value.replace(second=0, microsecond=0):
        raise ValueError("a time such as 18:00: it is by each reader's own clock")
    return value


def _base_url(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#<>\"]+[^\s?#<>\"]*", value):
        raise ValueError("not an absolute http(s) address")
    return value.rstrip("/")


def _web_address(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s<>\"#]+", value):
        raise ValueError("not an absolute http(s) address")
    return value


Mailbox = Annotated[str, AfterValidator(_mailbox)]
Zone = Annotated[str, AfterValidator(_zone)]


Rate = Annotated[str, Field(pattern=r"^([1-9][0-9]{0,8}/(s|min|h))?$")]  #: messages; "": no limit
Domain = Annotated[str, Field(pattern=r"^[^\s@A-Z]+$")]
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"
Hours = Annotated[str, Field(pattern=f"^({_CLOCK}-{_CLOCK})?$")]  #: from when until when, as 22:00-06:00; "": none


SHORTEST_RECORD = 30  #: days


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Site(Table):
    name: Line = "The Example Times"
    base_url: Annotated[str, AfterValidator(_base_url)] = "https://news.example.org"
    postal_address: str = "1 Example Street, Example City"
    language: Language = "en"
    contact: Mailbox = "editor@example.org"
    templates: Path | None = None
    secrets: tuple[SecretStr, ...] = ()
    brand: Brand = Brand()

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of links: the first signs, all verify."""
        return tuple(secret.get_secret_value() for secret in self.secrets)

    @model_validator(mode="after")
    def _long_enough(self) -> Self:
        if any(len(key) < 32 for key in self.keys):
            raise ValueError("secrets: each needs at least 32 characters; `digest init` makes one")
        return self


class Database(Table):
    url: Annotated[SecretStr, AfterValidator(_database_url)] = SecretStr("sqlite:///digest.db")


class WarmUp(Table):
    """How many messages a relay with a new address may take: so many on its first day, then more each day."""

    begin: date  #: in UTC
    first_day: int = Field(default=500, ge=1)
    growth: float = Field(default=1.4, gt=1, le=10)  #: by how much a day has more than the one before it
    until: int = Field(default=100_000, ge=1)  #: from a day with so many on there is no limit

    @model_validator(mode="after")
    def _has_a_way_to_go(self) -> Self:
        if self.first_day >= self.until:
            raise ValueError("first_day: less than until, or there is nothing to warm up")
        return self


class Server(Table):
    """A mail server, and how it is spoken to."""

    host: str = "localhost"
    port: int = Field(default=587, ge=0, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: SecretStr = SecretStr("")
    connections: int = Field(default=4, ge=1, le=200)
    window: int = Field(default=1, ge=1, le=256)
    bdat: bool = False
    rate: Rate = ""
    timeout: float = Field(default=300.0, gt=0, le=300)
    hostname: str = Field(default="", pattern=r"^[A-Za-z0-9.\[\]:-]*$")
    warm_up: WarmUp | None = None


class RelayTable(Server):
    """One of several; what it does not say, but its rate, is as [smtp] has it."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,19}$")
    weight: float = Field(default=1.0, gt=0, le=1000)


class Smtp(Server):
    domain_rate: Rate = ""
    domain_rates: Mapping[Domain, Rate] = Field(default_factory=dict)
    destinations: Literal["mx", "domain"] = "mx"
    smtputf8: bool = False
    bounce_address: Annotated[str, AfterValidator(_address_or_none)] = ""
    relays: tuple[RelayTable, ...] = ()

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        names = [one.name for one in self.relays]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"relays: {', '.join(twice)}: a name is for one of them")
        return self

    @property
    def routes(self) -> tuple["Route", ...]:
        """The ways that mail can go: over each of its relays, or over the one server that it names itself."""
        return tuple(self._route(one) for one in self.relays) or (Route(smtp=self),)

    def _route(self, relay: RelayTable) -> "Route":
        own = {key: getattr(relay, key) for key in relay.model_fields_set & Server.model_fields.keys()}
        smtp = self.model_copy(update={**own, "rate": self.rate, "relays": ()})
        return Route(name=relay.name, weight=relay.weight, rate=relay.rate, smtp=smtp)


@dataclass(frozen=True, kw_only=True)
class Route:
    """A way to the mailboxes: a mail server, and its part of the mail."""

    name: str = ""  #: "": the only one
    weight: float = 1.0
    rate: str = ""  #: of this one alone; that of `smtp` is of all together
    smtp: Smtp


class DkimKey(Table):
    selector: str = Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$")
    private_key_file: Path


class Dkim(Table):
    domain: str = ""
    keys: tuple[DkimKey, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if bool(self.domain) != bool(self.keys):
            raise ValueError("domain and at least one [[dkim.keys]] belong together")
        return self


class Web(Table):
    host: str = "127.0.0.1"
    port: int = Field(default=8600, ge=0, le=65535)
    metrics_token: SecretStr = SecretStr("")


class Log(Table):
    format: Literal["console", "json"] = "console"


class Alerts(Table):
    to: Annotated[str, AfterValidator(_address_or_none)] = ""
    webhook: Annotated[SecretStr, AfterValidator(_webhook)] = SecretStr("")
    late_minutes: float = Field(default=30, gt=0, le=24 * 60)
    review_minutes: float = Field(default=60, ge=0, le=24 * 60)
    bounce_percent: float = Field(default=5, gt=0, le=100)
    disk_mb: float = Field(default=500, ge=0)
    backup_days: float = Field(default=7, ge=0, le=365)


class Joining(Table):
    per_mailbox: int = Field(default=3, ge=1)
    per_network: int = Field(default=20, ge=1)
    per_domain: int = Field(default=500, ge=1)
    in_all: int = Field(default=2000, ge=1)


def _webhook_secret(value: SecretStr) -> SecretStr:
    try:
        key = base64.b64decode(value.get_secret_value().removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if not 24 <= len(key) <= 64:
        raise ValueError("not whsec_ and 24 to 64 bytes in base64; `digest webhooks secret` makes one")
    return value


class Webhook(Table):
    url: Annotated[str, AfterValidator(_web_address)]
    secret: Annotated[SecretStr, AfterValidator(_webhook_secret)]
    kinds: tuple[EventKind, ...] = tuple(EventKind)

    @property
    def name(self) -> str:
        """How the database knows it: what waits for an address waits for that one."""
        return hashlib.sha256(self.url.encode()).hexdigest()[:16]

    @property
    def key(self) -> bytes:
        return base64.b64decode(self.secret.get_secret_value().removeprefix("whsec_"))


class SourceSettings(Table):
    name: str = Field(min_length=1)
    url: str = ""
    section: str = ""
    weight: float = Field(default=1.0, ge=0, le=10)
    role: Role = Role.PUBLISH
    minutes: Annotated[float, Field(gt=0, le=7 * 24 * 60)] | None = None
    full_text: bool = False
    paywall: bool = False


class Fetch(Table):
    minutes: float = Field(default=15, gt=0, le=7 * 24 * 60)
    parallel: int = Field(default=16, ge=1, le=100)
    pause: float = Field(default=1, ge=0, le=60)
    timeout: float = Field(default=15, gt=0, le=300)
    max_bytes: int = Field(default=10_485_760, ge=1024, le=104_857_600)
    allow: tuple[str, ...] = ()


class Lint(Table):
    caniemail: Path | None = None


class Articles(Table):
    keep_body_days: int = Field(default=0, ge=0, le=36_500)


class Deliveries(Table):
    keep_days: int = Field(default=0, ge=0, le=36_500)

    @model_validator(mode="after")
    def _long_enough(self) -> Self:
        if 0 < self.keep_days < SHORTEST_RECORD:
            raise ValueError(f"keep_days: 0 or at least {SHORTEST_RECORD}, as bounces and complaints come late")
        return self


class Imap(Table):
    host: str = ""
    port: int = Field(default=993, ge=1, le=65535)
    security: Literal["tls", "starttls", "none"] = "tls"
    username: str = ""
    password: SecretStr = SecretStr("")
    folder: str = Field(default="INBOX", pattern=r"^[ !#-\[\]-~]+$")

    @model_validator(mode="after")
    def _not_in_clear(self) -> Self:
        if self.security == "none" and self.host not in ("", "localhost", "127.0.0.1", "::1"):
            raise ValueError("security: none is for a server on this machine only")
        return self


class Feedback(Table):
    maildir: Path | None = None
    seconds: float = Field(default=60, ge=1, le=24 * 60 * 60)
    lmtp_port: int = Field(default=0, ge=0, le=65535)
    imap: Imap = Imap()


class Images(Table):
    folder: Path | None = None
    budget: int = Field(default=800, ge=50, le=20_000)


class Desk(Table):
    serve: bool = False
    user_header: str = Field(default="", pattern=r"^[A-Za-z0-9-]*$")
    test_addresses: tuple[Annotated[str, AfterValidator(_address_or_none)], ...] = ()


Profile = Literal["balanced", "world", "business"]
SIGNALS = "coverage|syndicated|size|growth|run|hot_terms|subject|section|source|prominence|freshness|interest"
SUBJECTS = "states|force|disaster|rule|court|economy|sport|show|service"
Signal = Annotated[str, Field(pattern=f"^({SIGNALS})$")]
Subject = Annotated[str, Field(pattern=f"^({SUBJECTS})$")]
Points = Annotated[float, Field(ge=-10, le=10)]


class Newsletter(Table):
    title: Line = "The Daily Digest"
    sender: Mailbox = "The Example Times <daily@example.org>"
    reply_to: Annotated[str, AfterValidator(_mailbox_or_none)] = ""
    send_at: time = time(7, 0)
    timezone: Zone = "UTC"
    days: tuple[Weekday, ...] = WEEKDAYS
    weekly_day: Weekday = "mon"
    skip: tuple[date, ...] = ()
    once: tuple[Annotated[datetime, AfterValidator(_by_the_wall)], ...] = ()
    deliver: Literal["home", "local"] = "home"
    built: Literal["once", "wave"] = "once"
    hours: tuple[Annotated[time, AfterValidator(_a_minute)], ...] = ()
    language: Language | Literal[""] = ""
    stories: int = Field(default=12, ge=1, le=40)
    window_hours: float = Field(default=24, gt=0, le=24 * 14)
    sections: tuple[str, ...] = ()
    profile: Profile = "balanced"
    weights: Mapping[Signal, Points] = Field(default_factory=dict)
    section_weights: Mapping[str, Points] = Field(default_factory=dict)
    subjects: Mapping[Subject, Points] = Field(default_factory=dict)
    words: Mapping[str, Points] = Field(default_factory=dict)
    section_limits: Mapping[str, Annotated[int, Field(ge=0, le=40)]] = Field(default_factory=dict)
    section_minimums: Mapping[str, Annotated[int, Field(ge=0, le=40)]] = Field(default_factory=dict)
    per_source: int = Field(default=0, ge=0, le=40)
    minimum_score: Annotated[float, Field(ge=-100, le=100)] | None = None
    review: Literal["auto", "required", "anomaly"] = "auto"
    remind_minutes: float = Field(default=30, ge=0, le=24 * 60)
    deadline_minutes: float = Field(default=0, ge=0, le=24 * 60)
    late_news: Annotated[float, Field(ge=0, le=100)] | None = None
    in_doubt: Literal["resend", "hold"] = "resend"
    markets_csv: Path | None = None
    late: Literal["send", "merge", "skip"] = "send"
    catch_up_hours: float = Field(default=6, ge=0, le=24)
    late_note: Annotated[float, Field(ge=0, le=24 * 60)] | None = None
    expire_hours: float = Field(default=24, gt=0, le=24 * 5)
    quiet_hours: Hours = ""
    count_clicks: bool = False

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        limits = {name.casefold(): most for name, most in self.section_limits.items()}
        above = [name for name, least in self.section_minimums.items() if least > limits.get(name.casefold(), least)]
        if above:
            raise ValueError(f"section_minimums: {', '.join(above)}: more than section_limits lets in")
        if sum(self.section_minimums.values()) > self.stories:
            raise ValueError(f"section_minimums: more than {self.stories} in all, the most an edition has (stories)")
        return self

    @model_validator(mode="after")
    def _counts_what_it_ranks_by(self) -> Self:
        if self.weights.get("interest") and not self.count_clicks:
            raise ValueError("weights: interest goes by clicks, and needs count_clicks = true")
        return self

    @model_validator(mode="after")
    def _leaves_by_itself(self) -> Self:
        if self.built == "wave" and self.review == "required":
            raise ValueError('built: "wave" goes with review = "auto" or "anomaly": nobody approves each wave of a day')
        return self

    @model_validator(mode="after")
    def _once_a_day(self) -> Self:
        days = [moment.date() for moment in self.once]
        if len(set(days)) < len(days):
            raise ValueError("once: a day has one edition, so one time")
        if both := sorted({*days} & {*self.skip}):
            raise ValueError(f"{both[0]} is in both, skip and once")
        return self

    @model_validator(mode="after")
    def _not_due_in_quiet(self) -> Self:
        if self.quiet is None:
            return self
        if self.quiet.begin == self.quiet.end:
            raise ValueError("quiet_hours: they end when they begin, so nothing would ever leave")
        for wall in (self.send_at, *(moment.time() for moment in self.once)):
            if wall in self.quiet:
                raise ValueError(f"quiet_hours: an edition is due within them, at {wall:%H:%M}")
        return self

    @property
    def own_wave(self) -> int | None:
        """For which wave the edition at its own hour is: that one, where each has an edition; else for all (None)."""
        return 0 if self.built == "wave" else None

    @property
    def quiet(self) -> QuietHours | None:
        """From when until when no copy leaves, by the clock on the wall."""
        begin, _, end = self.quiet_hours.partition("-")
        return QuietHours(begin=time.fromisoformat(begin), end=time.fromisoformat(end)) if end else None

    @property
    def sender_address(self) -> str:
        return parseaddr(self.sender)[1]

    @property
    def sender_domain(self) -> str:
        return self.sender_address.rpartition("@")[2].lower()


NewsletterName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


class _Environment(EnvSettingsSource):
    """A list or a table is JSON.  What is not is left to validation, which names the key and tells all faults."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            return value


class Settings(BaseSettings):
    """All that can be set.  Orchestrators and entry points see it; a stage gets its own table."""

    model_config = SettingsConfigDict(
        env_prefix="DIGEST_", env_nested_delimiter="__", extra="forbid", frozen=True, env_ignore_empty=True
    )
    site: Site = Site()
    database: Database = Database()
    smtp: Smtp = Smtp()
    dkim: Dkim = Dkim()
    web: Web = Web()
    log: Log = Log()
    alerts: Alerts = Alerts()
    joining: Joining = Joining()
    articles: Articles = Articles()
    deliveries: Deliveries = Deliveries()
    fetch: Fetch = Fetch()
    feedback: Feedback = Feedback()
    images: Images = Images()
    lint: Lint = Lint()
    desk: Desk = Desk()
    webhooks: tuple[Webhook, ...] = ()
    sources: tuple[SourceSettings, ...] = ()
    newsletters: Mapping[NewsletterName, Newsletter] = Field(default_factory=lambda: {"daily": Newsletter()})

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return _Environment(settings_cls), init_settings  # the environment before the file


def load(path: Path) -> Settings:
    """The settings of a file.  Relative paths in it are meant from its folder.

    Raises:
        ConfigError: with every fault at once.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(str(path), ["no such file; `digest init` writes one"]) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(str(path), [str(error)]) from None
    try:
        settings = Settings(**table)
    except ValidationError as error:
        raise ConfigError(str(path), [*map(_fault, error.errors()), *_strays()]) from None
    if strays := list(_strays()):
        raise ConfigError(str(path), strays)
    return _anchored(settings, path.resolve().parent)


#: Faults that pydantic tells in words of Python.
_PLAIN = {
    "extra_forbidden": "there is no such key; config.example.toml has all of them",
    "tuple_type": 'has to be a list, as in ["…"]',
    "model_type": "has to be a table",
    "dict_type": "has to be a table",
    "mapping_type": "has to be a table",
}


def _fault(error: Any) -> str:
    """One fault of pydantic's, without the value: it may be a secret."""
    key = ".".join(str(part) for part in error["loc"]) or "(top level)"
    return f"{key}: {_PLAIN.get(error['type']) or error['msg'].removeprefix('Value error, ')}"


def _strays() -> Iterator[str]:
    """Variables that look like a setting of a table there is not; pydantic passes them over."""
    for name in sorted(os.environ):
        table, _, key = name.lower().removeprefix("digest_").partition("__")
        if name.upper().startswith("DIGEST_") and key and table not in Settings.model_fields:
            yield f"{name}: there is no table [{table}]"


def _anchored(settings: Settings, folder: Path) -> Settings:
    url = settings.database.url.get_secret_value()
    if match := re.fullmatch(r"(sqlite(?:\+\w+)?:///)([^/].*)", url):
        url = f"{match[1]}{folder / match[2]}"
    keys = tuple(
        key.model_copy(update={"private_key_file": folder / key.private_key_file}) for key in settings.dkim.keys
    )
    newsletters = {
        name: one.model_copy(update={"markets_csv": folder / one.markets_csv}) if one.markets_csv else one
        for name, one in settings.newsletters.items()
    }
    templates = folder / settings.site.templates if settings.site.templates else None
    images = folder / settings.images.folder if settings.images.folder else None
    maildir = folder / settings.feedback.maildir if settings.feedback.maildir else None
    caniemail = folder / settings.lint.caniemail if settings.lint.caniemail else None
    return settings.model_copy(
        update={
            "database": Database(url=SecretStr(url)),
            "dkim": settings.dkim.model_copy(update={"keys": keys}),
            "site": settings.site.model_copy(update={"templates": templates}),
            "images": settings.images.model_copy(update={"folder": images}),
            "feedback": settings.feedback.model_copy(update={"maildir": maildir}),
            "lint": Lint(caniemail=caniemail),
            "newsletters": newsletters,
        }
    )


def zone(newsletter: Newsletter) -> ZoneInfo:
    return ZoneInfo(newsletter.timezone)


def bounce_mailbox(smtp: Smtp, domain: str) -> str:
    """Where mail of a sender at `domain` comes back to when it cannot be delivered."""
    return smtp.bounce_address or f"bounces@{domain}"


def local_day(newsletter: Newsletter, at: datetime) -> date:
    """The date of a moment where the newsletter is at home."""
    return at.astimezone(zone(newsletter)).date()


def with_fresh_secrets(example: str) -> str:
    """The example configuration with its placeholder replaced by a secret of 43 random characters."""
    marked, count = re.subn(r"(?m)^# *secrets = .*$", f'secrets = ["{secrets.token_urlsafe(32)}"]', example, count=1)
    assert count == 1, "config.example.toml has lost its secrets line"
    return marked


def effective(settings: Settings, path: Path | None) -> Iterator[tuple[str, str, str]]:
    """(key, value, where it came from) of every setting.  Secrets show as stars."""
    table = tomllib.loads(path.read_text(encoding="utf-8")) if path else {}
    for keys, value in _leaves(settings.model_dump(mode="json"), ()):
        origin = "environment" if _in_environment(keys) else "file" if _present(table, keys) else "default"
        yield ".".join(keys), value, origin


def _in_environment(keys: tuple[str, ...]) -> bool:
    """Whether a variable sets it: its own, or one that holds its table as JSON."""
    environment = {name.upper(): value for name, value in os.environ.items()}
    own = "DIGEST_" + "__".join(keys).upper()
    if environment.get(own):
        return True
    for length in range(1, len(keys)):
        try:
            table = json.loads(environment.get("DIGEST_" + "__".join(keys[:length]).upper(), ""))
        except ValueError:
            continue
        if _present(table, keys[length:]):
            return True
    return False


def _leaves(value: Any, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*keys, key))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for number, inner in enumerate(value):
            yield from _leaves(inner, (*keys, str(number)))
    else:
        yield keys, str(value)


def secret_values(settings: Settings) -> list[str]:
    """Whatever must not be printed: keys, passwords, and the password in the address of the database."""
    written = urlsplit(settings.database.url.get_secret_value()).password or ""
    found = [*settings.site.keys, settings.smtp.password.get_secret_value(), written, unquote(written)]
    found += [one.password.get_secret_value() for one in settings.smtp.relays]
    found += [settings.feedback.imap.password.get_secret_value()]
    found += [one.secret.get_secret_value() for one in settings.webhooks]
    found += [settings.web.metrics_token.get_secret_value(), settings.alerts.webhook.get_secret_value()]
    return [one for one in found if one]


def _present(table: Any, keys: tuple[str, ...]) -> bool:
    for key in keys:
        if isinstance(table, list):
            table = table[int(key)] if int(key) < len(table) else None
        elif isinstance(table, dict) and key in table:
            table = table[key]
        else:
            return False
    return True


def pick_newsletter(settings: Settings, name: str | None) -> tuple[str, Newsletter]:
    """The newsletter of this name; without a name the only one there is.

    Raises:
        NotFound: there is none of this name, or a name is needed to tell them apart.
    """
    names = ", ".join(settings.newsletters)
    if name is None and len(settings.newsletters) == 1:
        name = next(iter(settings.newsletters))
    if name is None:
        raise NotFound(f"which newsletter? There are {names}")
    if name not in settings.newsletters:
        raise NotFound(f"no newsletter {name!r} in the configuration; there is {names}")
    return name, settings.newsletters[name]


def dkim_keys(dkim: Dkim) -> list[tuple[str, bytes]]:
    """(selector, PEM) of each key.

    Raises:
        ConfigError: a file cannot be read.
    """
    keys, faults = [], []
    for number, key in enumerate(dkim.keys):
        try:
            keys.append((key.selector, key.private_key_file.read_bytes()))
        except OSError as error:
            faults.append(f"dkim.keys.{number}.private_key_file: {key.private_key_file}: {error.strerror}")
    if faults:
        raise ConfigError("dkim", faults)
    return keys

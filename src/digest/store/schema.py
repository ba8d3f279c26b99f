"""The tables, one for each noun, and the two types that differ between SQLite and PostgreSQL."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import repeat
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Select,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    func,
    select,
)
from sqlalchemy import insert as standard_insert
from sqlalchemy.dialects import postgresql, sqlite

from digest.model import Cadence, DeliveryState, EditionState, SubscriptionState

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """An aware moment in UTC on both databases; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def insert_new(
    db: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *returning: Column[Any]
) -> list[Row[Any]]:
    """Insert the rows that are not there yet; the `returning` columns of those that were inserted.

    Counted by RETURNING, as the row count of ON CONFLICT DO NOTHING is -1 with psycopg.
    """
    if not rows:
        return []
    statement = _insert(db, table).on_conflict_do_nothing().returning(*(returning or tuple(table.primary_key.columns)))
    return list(db.execute(statement, list(rows)).all())


def insert_many(db: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all name the same columns."""
    if rows and db.dialect.name == "sqlite":
        insert_columns(db, table, {name: [row[name] for row in rows] for name in rows[0]})
    elif rows:
        db.execute(standard_insert(table), list(rows))


def insert_columns(
    db: Connection, table: Table, columns: Mapping[str, Sequence[Any]], *, new_only: bool = False
) -> None:
    """Insert rows on SQLite, given by column; with `new_only` those that are not there yet.

    With the types' own preparation, column by column: SQLAlchemy's, value by value, takes longer than SQLite.
    """
    named = [name for name, values in columns.items() if any(values) or not _is_default(table.c[name], values)]
    statement = _insert(db, table).on_conflict_do_nothing() if new_only else standard_insert(table)
    compiled = statement.compile(dialect=db.dialect, column_keys=named)
    prepared = [_prepared(db, table.c[name], columns[name]) for name in compiled.positiontup or ()]
    db.exec_driver_sql(str(compiled), list(zip(*prepared, strict=True)))


def _is_default(column: Column[Any], values: Sequence[Any]) -> bool:
    """Whether it can be left out, as all are NULL."""
    return bool(column.nullable) and column.server_default is None and values.count(None) == len(values)


def _prepared(db: Connection, column: Column[Any], values: Sequence[Any]) -> Iterable[Any]:
    prepare = column.type.dialect_impl(db.dialect).bind_processor(db.dialect)
    if not prepare:
        return values
    if len(set(map(id, values))) == 1:  # the moment at which all of them came
        return repeat(prepare(values[0]), len(values))
    if isinstance(values[0], tuple):  # what readers wish is much the same
        prepare = lru_cache(maxsize=1_000)(prepare)
    return map(prepare, values)


def among(db: Connection, column: ColumnElement[Any], values: Sequence[str | int]) -> ColumnElement[bool]:
    """Whether a column has one of many values: on SQLite one parameter, as writing each takes longer than looking."""
    if db.dialect.name != "sqlite":
        return column.in_(values)
    return column.in_(select(func.json_each(json.dumps(values)).table_valued("value").c.value))


def insert_new_from(db: Connection, table: Table, columns: Sequence[str], query: Select[Any]) -> int:
    """``INSERT … SELECT`` of the rows that are not there yet; how many were inserted."""
    statement = _insert(db, table).from_select(list(columns), query).on_conflict_do_nothing()
    # Asked for, as SQLAlchemy keeps the count of updates and deletes only.
    return int(db.execute(statement.execution_options(preserve_rowcount=True)).rowcount)


def upsert(
    db: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    keep: Sequence[str] = (),
    key: Sequence[str] = (),
    where: ColumnElement[bool] | None = None,
) -> None:
    """Insert the rows; where one with the same `key` (the primary key by default) is there, it takes the new values.

    Columns in `keep` stay as they were, and so does a row that does not meet `where`.
    """
    if not rows:
        return
    on = list(key) or [column.name for column in table.primary_key.columns]
    insert = _insert(db, table)
    changed = {name: insert.excluded[name] for name in rows[0] if name not in {*on, *keep}}
    db.execute(insert.on_conflict_do_update(index_elements=on, set_=changed, where=where), list(rows))


def count_up(db: Connection, table: Table, row: Mapping[str, Any], column: str) -> int:
    """Add one to `column` of the row with this primary key, or insert the row with 1 there; what it is now."""
    insert = _insert(db, table).values({**row, column: 1})
    key = [one.name for one in table.primary_key.columns]
    counted = insert.on_conflict_do_update(index_elements=key, set_={column: table.c[column] + 1})
    return int(db.execute(counted.returning(table.c[column])).scalar_one())


def _insert(db: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Both know ON CONFLICT, in the same words; the standard INSERT of SQLAlchemy does not."""
    return postgresql.insert(table) if db.dialect.name == "postgresql" else sqlite.insert(table)


newsletters = Table(
    "newsletters",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("created_at", Moment, nullable=False),
)

sources = Table(
    "sources",
    metadata,
    Column("name", Text, primary_key=True),
    Column("url", Text, nullable=False, server_default=""),
    Column("section", Text, nullable=False, server_default=""),
    Column("weight", Float, nullable=False, server_default="1"),
    Column("role", String(10), nullable=False, server_default="publish"),
    Column("first_seen", Moment, nullable=False),
    Column("last_seen", Moment, nullable=False),
    Column("polled_url", Text, nullable=False, server_default=""),  # the address that all of the following is about
    Column("etag", Text, nullable=False, server_default=""),
    Column("last_modified", Text, nullable=False, server_default=""),
    Column("moved_to", Text, nullable=False, server_default=""),
    Column("next_fetch_at", Moment),
    Column("last_success_at", Moment),
    Column("last_failure_at", Moment),
    Column("failing_since", Moment),
    Column("failures", Integer, nullable=False, server_default="0"),  # in a row
    Column("last_error", Text, nullable=False, server_default=""),
    Column("told_at", Moment),  # when the operator heard of it
    Column("items", Integer, nullable=False, server_default="0"),  # fetched in all
)

articles = Table(
    "articles",
    metadata,
    Column("url", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("published", Moment, nullable=False, index=True),
    Column("source", Text, nullable=False),
    Column("section", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("image", JSON(none_as_null=True)),
    Column("authors", JSON, nullable=False),
    Column("modified", Moment),
    Column("position", Integer),
    Column("fingerprint", String(64), nullable=False),  # of what came under this address last: update or duplicate
    Column("stored_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False, index=True),  # the desk asks for the latest
    Column("key", Text, index=True),  # of the page, whatever the spelling; NULL until `store.arrivals.set_keys`
    Column("text_hash", BigInteger, index=True),  # of source, title and text; NULL where there is too little
    Column("sketch", LargeBinary),  # of the text, of what was news when it came in
    Index("ix_articles_source_published", "source", "published"),  # the health of a source
)

teasers = Table(  # articles whose pages are still to be read
    "teasers",
    metadata,
    Column("url", ForeignKey("articles.url", ondelete="CASCADE"), primary_key=True),
    Column("source", Text, nullable=False, index=True),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("since", Moment, nullable=False),
)

aliases = Table(  # further addresses of articles: other spellings, and the same text under another address
    "aliases",
    metadata,
    Column("url", Text, primary_key=True),
    Column("key", Text, index=True),  # as that of articles
    Column("article", ForeignKey("articles.url", ondelete="CASCADE"), nullable=False, index=True),
    Column("fingerprint", String(64), nullable=False),  # of what came under this address last
)

word_days = Table(  # in how many articles of a day each word stood
    "word_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("rules", Integer, nullable=False),  # by which texts became words
    Column("stored", Integer, nullable=False),  # articles of the day when it was counted
    Column("total", Integer, nullable=False),  # articles that were read for it
    Column("words", LargeBinary, nullable=False),  # JSON, compressed
    Column("texts", LargeBinary, nullable=False),  # numbers of the words of each article, compressed
)

decisions = Table(
    "decisions",
    metadata,
    Column("newsletter", ForeignKey("newsletters.name"), primary_key=True),
    Column("url", Text, primary_key=True),
    Column("action", String(10), nullable=False),
    Column("who", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

editions = Table(
    "editions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("newsletter", ForeignKey("newsletters.name"), nullable=False),
    Column("day", Date, nullable=False),
    Column("cadence", String(10), nullable=False, server_default=Cadence.DAILY),
    Column("wave", Integer, nullable=False, server_default="0"),  # minutes after the hour of the newsletter's home
    Column("of_wave", Boolean, nullable=False, server_default=false()),  # for the readers of that wave alone
    Column("state", String(10), nullable=False, server_default=EditionState.DRAFT),
    Column("hold", Boolean, nullable=False, server_default=false()),
    Column("due_at", Moment),
    Column("approved_at", Moment),
    Column("closed_at", Moment),
    Column("paused_reason", Text, nullable=False, server_default=""),
    Column("in_doubt_policy", String(10), nullable=False, server_default="resend"),
    Column("expires_at", Moment),  # deliveries that are still queued then are expired
    Column("audience", Integer, nullable=False, server_default="0"),  # how many were frozen: a tally must add up to it
    Column("content", JSON, nullable=False),
    Column("revision", Integer, nullable=False, server_default="0"),  # up to which of its operations the content has
    Column("verdicts", JSON, nullable=False, server_default="[]"),  # what became of each of them
    Column("automatic", JSON(none_as_null=True)),  # the content without them; NULL where it is the same
    Column("thinned_at", Moment),  # since when its deliveries are made sums of
    Column("left_after", Integer),  # how many readers had left after it by then
    UniqueConstraint("newsletter", "day", "cadence", "wave"),
    CheckConstraint("state in ('draft','approved','sending','done','expired','cancelled')", name="state"),
)

operations = Table(  # what editors decided about an edition; append-only, but for the undoing
    "operations",
    metadata,
    Column("edition_id", ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # the revision that it made
    Column("operation", JSON, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("undone", Integer),  # the revision that undoing it made
    Column("undone_by", Text, nullable=False, server_default=""),
    Column("undone_at", Moment),
)

signoffs = Table(  # who approved, held, cancelled, and what the program did about an edition; append-only
    "signoffs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("edition_id", ForeignKey("editions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("action", String(12), nullable=False),
    Column("who", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("remark", Text, nullable=False, server_default=""),
)

stories = Table(  # as they were when the edition was built: tomorrow tells "again" from "developed" by them
    "stories",
    metadata,
    Column("edition_id", ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True),
    Column("story", String(40), primary_key=True),
    Column("rank", Integer, nullable=False),
    Column("score", Float, nullable=False),
    Column("headline", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("urls", JSON, nullable=False),  # of all its articles
    Column("sources", Integer, nullable=False),
    Column("text", Text, nullable=False),  # titles and leads, to compare with
    Column("ledger", JSON, nullable=False),
)

rendered = Table(
    "rendered",
    metadata,
    Column("edition_id", ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True),
    Column("variant", String(80), primary_key=True),
    Column("subject", Text, nullable=False),
    Column("preheader", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("web", Text, nullable=False),
    Column("skeleton", LargeBinary, nullable=False),  # the message with its markers: what copies are stamped from
    Column("skeleton_hash", String(64)),  # SHA-256 in hex when it was approved; NULL: approved before it was kept
)

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uid", String(16), nullable=False, unique=True),
    Column("address", Text, nullable=False),
    Column("address_hash", String(64), nullable=False, unique=True),  # of the normalised address
    Column("name", Text, nullable=False, server_default=""),
    Column("language", Text, nullable=False, server_default=""),
    Column("timezone", Text, nullable=False, server_default=""),
    Column("created_at", Moment, nullable=False),
    sqlite_autoincrement=True,  # an id is never given twice: the deliveries of an erased subscriber keep theirs
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("subscriber_id", ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("newsletter", ForeignKey("newsletters.name"), primary_key=True),
    Column("state", String(12), nullable=False, server_default=SubscriptionState.UNCONFIRMED),
    Column("frequency", String(10), nullable=False, server_default="daily"),
    Column("hour", String(5), nullable=False, server_default=""),  # that they chose, as 18:00; "": the newsletter's
    Column("sections", JSON, nullable=False),
    Column("generation", Integer, nullable=False, server_default="0"),
    Column("consent", Text, nullable=False, server_default=""),
    Column("asked_at", Moment),
    Column("asked_count", Integer, nullable=False, server_default="0"),
    Column("confirm_due_at", Moment),  # a confirmation mail waits to be sent
    Column("confirmed_at", Moment),
    Column("left_at", Moment),
    Column("paused_until", Moment),
    CheckConstraint("state in ('unconfirmed','confirmed','unsubscribed')", name="state"),
    Index("ix_subscriptions_newsletter_state", "newsletter", "state"),
    Index("ix_subscriptions_newsletter_confirmed_at", "newsletter", "confirmed_at", "state"),  # who joined since
)
Index(
    "ix_subscriptions_confirm_due_at",
    subscriptions.c.confirm_due_at,
    sqlite_where=subscriptions.c.confirm_due_at.is_not(None),
    postgresql_where=subscriptions.c.confirm_due_at.is_not(None),
)
Index(  # who left since
    "ix_subscriptions_newsletter_left_at",
    subscriptions.c.newsletter,
    subscriptions.c.left_at,
    sqlite_where=subscriptions.c.left_at.is_not(None),
    postgresql_where=subscriptions.c.left_at.is_not(None),
)

copies = Table(  # when this database was copied or restored: until each is released, nothing is sent from it
    "copies",
    metadata,
    Column("made_at", Moment, primary_key=True),
    Column("released_at", Moment),
)

moves = Table(  # readers on their way to another address
    "moves",
    metadata,
    Column("subscriber_id", ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True),
    Column("newsletter", ForeignKey("newsletters.name"), nullable=False),
    Column("kind", String(6), nullable=False),  # ask: at the new address; tell: at the old one
    Column("address", Text, nullable=False),  # where the mail goes
    Column("nonce", Integer, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("due_at", Moment, index=True),  # the mail waits to be sent
    CheckConstraint("kind in ('ask','tell')", name="kind"),
)

backups = Table(  # the last copy that was made of this database, and checked: one row
    "backups",
    metadata,
    Column("made_at", Moment, primary_key=True),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("address_hash", String(64), primary_key=True),
    Column("address", Text, nullable=False, server_default=""),  # "" where the person asked to be erased
    Column("reason", String(10), nullable=False),
    Column("evidence", Text, nullable=False, server_default=""),
    Column("since", Moment, nullable=False),
)

events = Table(  # append-only: what came back of mails, by message or at the mail server, and what was done about it
    "events",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("message", String(64), nullable=False, unique=True),  # a hash: the same message has one effect
    Column("at", Moment, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("severity", String(8), nullable=False),
    Column("cause", String(20), nullable=False),
    Column("status", String(12), nullable=False),
    Column("said", Text, nullable=False),
    Column("edition_id", Integer),
    Column("subscriber_id", Integer),
    Column("address_hash", String(64), nullable=False),
    Column("action", String(12), nullable=False),
    Index("ix_events_address_hash", "address_hash"),
    Index("ix_events_at", "at"),
)

allowances = Table(  # how often something happened within a span that is not over
    "allowances",
    metadata,
    Column("key", String(64), primary_key=True),  # a hash of what is counted, of whom, and of the span
    Column("taken", Integer, nullable=False),
    Column("until", Moment, nullable=False, index=True),
)

_number = BigInteger().with_variant(Integer, "sqlite")

notices = Table(  # what happened to subscriptions and is still to be told to webhooks
    "notices",
    metadata,
    Column("id", _number, primary_key=True),
    Column("uid", String(32), nullable=False),
    Column("at", Moment, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("subscriber_id", Integer, nullable=False, index=True),  # no foreign key: erasing is told too
    Column("data", JSON, nullable=False),
    Column("spread", Boolean, nullable=False, server_default=false()),  # its calls have been made
)

calls = Table(  # one notice on its way to one webhook
    "calls",
    metadata,
    Column("notice_id", _number, ForeignKey("notices.id", ondelete="CASCADE"), primary_key=True),
    Column("hook", String(16), primary_key=True),
    Column("due_at", Moment, nullable=False, index=True),
    Column("attempts", Integer, nullable=False, server_default="0"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("scopes", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
)

clicks = Table(  # how often a story was opened from mails of an edition; nothing says by whom or when
    "clicks",
    metadata,
    Column("edition_id", ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True),
    Column("story", String(40), primary_key=True),
    Column("count", Integer, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("edition_id", ForeignKey("editions.id"), primary_key=True),
    Column("subscriber_id", Integer, primary_key=True),  # no foreign key: the record outlives an erased subscriber
    Column("uid", String(16), nullable=False),
    Column("address", Text, nullable=False),  # frozen: a copy is the same bytes whenever it is sent
    Column("variant", String(80), nullable=False),
    Column("state", String(10), nullable=False, server_default=DeliveryState.QUEUED),
    Column("due_at", Moment, nullable=False),  # queued: when to send; claimed, attempting: when the claim runs out
    Column("owner", String(40), nullable=False, server_default=""),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("in_doubt", Integer, nullable=False, server_default="0"),
    Column("code", Text, nullable=False, server_default=""),
    Column("updated_at", Moment, nullable=False),
    Column("dated_at", Moment),  # frozen: when it was first due, which its Date says where readers get it at their hour
    Column("aside", Text, nullable=False, server_default=""),  # the domain whose pace it waits for; "": in line
    Column("relay", String(20), nullable=False, server_default=""),  # which got its content last; "": the only one
    CheckConstraint(
        "state in ('queued','claimed','attempting','sent','failed','held','skipped','expired')", name="state"
    ),
    CheckConstraint("(owner <> '') = (state in ('claimed','attempting'))", name="owner"),  # who has it, while one has
    postgresql_with={
        "fillfactor": "80",
        "autovacuum_vacuum_scale_factor": "0.02",
        "autovacuum_vacuum_threshold": "500",
    },
)
# Partial, so that they stay as small as what waits, however many editions have been sent.
# What stands aside is in an index of its own, by domain: whoever looks for the next in line never walks past half a
# million readers of a domain that is shut.  The domain is written down when a delivery is set aside, and neither before
# nor computed from the address: so a send without limits writes no index more.
_in_line = (deliveries.c.state == "queued") & (deliveries.c.aside == "")
_aside = (deliveries.c.state == "queued") & (deliveries.c.aside != "")
_owned = deliveries.c.owner != ""
Index(
    "ix_deliveries_due_at",
    deliveries.c.due_at,
    deliveries.c.subscriber_id,
    sqlite_where=_in_line,
    postgresql_where=_in_line,
)
Index(
    "ix_deliveries_aside",
    deliveries.c.aside,
    deliveries.c.due_at,
    deliveries.c.subscriber_id,
    sqlite_where=_aside,
    postgresql_where=_aside,
)
Index("ix_deliveries_owner", deliveries.c.owner, sqlite_where=_owned, postgresql_where=_owned)

thinned = Table(  # what is left of deliveries that ended long ago: how many of a variant ended how
    "thinned",
    metadata,
    Column("edition_id", ForeignKey("editions.id", ondelete="CASCADE"), primary_key=True),
    Column("variant", String(80), primary_key=True),
    Column("state", String(10), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("in_doubt", Integer, nullable=False),  # of them, ever
)

paces = Table(  # how fast mail may go: in all (""), and to each domain that has a limit or was slowed down
    "paces",
    metadata,
    Column("domain", Text, primary_key=True),
    Column("turns", Float, nullable=False),
    Column("at", Moment, nullable=False),
    Column("rate", Float),  # messages a second; NULL: not slowed down
    Column("ceiling", Float, nullable=False),
    Column("refusals", Integer, nullable=False),
    Column("shut_until", Moment),
    Column("since", Moment),
    Column("reason", Text, nullable=False),
)

warm_ups = Table(  # how many messages a relay that warms up has taken on a day, or may be taking
    "warm_ups",
    metadata,
    Column("relay", String(20), primary_key=True),  # "": the only one
    Column("day", Date, primary_key=True),  # of UTC
    Column("used", Integer, nullable=False),
)

destinations = Table(  # where the mail for a domain of readers goes, as DNS said
    "destinations",
    metadata,
    Column("domain", Text, primary_key=True),
    Column("destination", Text, nullable=False),  # itself where DNS knows no other
    Column("looked_at", Moment),  # when DNS answered last; NULL: not yet
    Column("due_at", Moment, nullable=False),  # when it is asked again
    Index("ix_destinations_destination", "destination"),
    Index("ix_destinations_due_at", "due_at"),
)

outcomes = Table(  # append-only: what happened to each delivery, in order
    "outcomes",
    metadata,
    Column("id", _number, primary_key=True),
    Column("edition_id", Integer, nullable=False),
    Column("subscriber_id", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("kind", String(12), nullable=False),  # sent, deferred, failed, in_doubt, held, skipped, expired, released
    Column("stage", String(10), nullable=False, server_default=""),
    Column("code", Integer),
    Column("text", Text, nullable=False, server_default=""),
    Column("relay", String(20), nullable=False, server_default=""),  # of several: over which it happened
    Index("ix_outcomes_delivery", "edition_id", "subscriber_id"),
)

slots = Table(  # the row decides that an edition is due; the alarm clock only asks
    "slots",
    metadata,
    Column("newsletter", ForeignKey("newsletters.name"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("cadence", String(10), primary_key=True, server_default=Cadence.DAILY),
    Column("wave", Integer, primary_key=True, autoincrement=False, server_default="0"),  # as that of editions
    Column("due_at", Moment, nullable=False),
    Column("taken_at", Moment, nullable=False),
    Column(
        "outcome", String(12), nullable=False, server_default="taken"
    ),  # taken; then approved, partly, waiting, held or missed
    Column("remark", Text, nullable=False, server_default=""),
)

editors = Table(  # who may sit at the desk that `digest serve` has
    "editors",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("password", Text, nullable=False),  # its Argon2 hash
    Column("changed_at", Moment, nullable=False),
)

leaders = Table(  # of several daemons one asks for slots and polls; a row that stops changing has lost its leader
    "leaders",
    metadata,
    Column("role", String(20), primary_key=True),
    Column("owner", Text, nullable=False),
    Column("term", Integer, nullable=False),
    Column("beats", Integer, nullable=False),
    Column("since", Moment, nullable=False),
    Column("heard_at", Moment, nullable=False),
)

processes = Table(  # who runs, as each says of itself every half minute
    "processes",
    metadata,
    Column("owner", String(40), primary_key=True),
    Column("roles", Text, nullable=False),  # what works in it, with commas
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
)

alerts = Table(  # what an operator is told: once, and once more when it is over
    "alerts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("what", Text, nullable=False),
    Column("advice", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("told_at", Moment),
    Column("over_at", Moment),
    Column("claimed_at", Moment),  # who is about to tell it; for a while
)

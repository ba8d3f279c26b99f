"""The root command and what all commands share: configuration, database, output, exit codes."""

import getpass
import json
import logging
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem
from sqlalchemy.exc import DBAPIError

from digest import logs
from digest.config import Settings, load, secret_values
from digest.errors import DigestError
from digest.signals import end_quietly
from digest.store import revision
from digest.store.database import Database

if TYPE_CHECKING:
    from rich.progress import Progress

WAITING = 75  #: exit code: done, but some deliveries wait for a retry (EX_TEMPFAIL)

Command = TypeVar("Command", bound=Callable[..., object])


@dataclass
class Digest:
    """One invocation of the program."""

    path: Path
    verbosity: int = 0
    log: logs.Format | None = None  #: as the command line says; None: as the configuration does

    @cached_property
    def settings(self) -> Settings:
        """The configuration; from then on logs are as it says, and without what is secret in it."""
        loaded = load(self.path)
        self.start_logging(loaded.log.format, secret_values(loaded))
        return loaded

    def start_logging(self, form: logs.Format = "console", secrets: Iterable[str] = ()) -> None:
        level = {-1: logging.ERROR, 0: logging.WARNING, 1: logging.INFO}.get(self.verbosity, logging.DEBUG)
        logs.begin(level, self.log or form, secrets)

    @cached_property
    def database(self) -> Database:
        """The database, at the schema of this program."""
        database = self.open_database()
        revision.check(database)
        return database

    def open_database(self) -> Database:
        """The database as it is; for the commands that bring it up to date."""
        return Database(self.settings.database.url.get_secret_value())


#: The commands in the order of the walk: the module that has it, and its line in `digest --help`.  A module is only
#: imported when its command is wanted: ranking and rendering need libraries that take longer to import than most
#: commands take to run.
COMMANDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "Begin": {
        "demo": ("show", "Send a sample edition to sample readers; needs no set-up."),
        "init": ("system", "Write a configuration with fresh secrets, and a database."),
        "doctor": ("upkeep", "Check settings, DNS, mail server and disk; how to mend them."),
        "config": ("upkeep", "Show the settings in effect and where each came from."),
    },
    "Articles and stories": {
        "fetch": ("sources", "Poll the sources that are due."),
        "sources": ("sources", "Show each source and its health."),
        "opml": ("opml", "Exchange sources with feed readers."),
        "import": ("articles", "Take in articles from files, folders or the web."),
        "articles": ("stored", "Look at the stored articles, or take some out."),
        "stories": ("articles", "Show the ranked stories, and what speaks for each."),
        "why": ("articles", "Say why an article is in the edition, or is not."),
        "decide": ("articles", "Overrule the ranking: pin a story, drop it, clear that."),
        "rank": ("learning", "Fit the weights of a newsletter to what its desk chose."),
    },
    "Editions": {
        "build": ("editions", "Make or refresh the draft of an edition."),
        "preview": ("preview", "Open the editors' desk: look, change, sign off."),
        "edition": ("operating", "Change a draft: what is in it, and in which order."),
        "lint": ("lint", "Check the mail of an edition as mail programs will see it."),
        "approve": ("decisions", "Sign an edition off: who gets it is settled then."),
        "hold": ("decisions", "Stop an edition where it is, until it is approved."),
        "cancel": ("decisions", "Send nothing more of an edition."),
        "editions": ("decisions", "List and show editions; prove who got what."),
        "editors": ("editors", "Who may sit at the desk of `digest serve`."),
    },
    "Sending": {
        "send": ("sending", "Send an edition now, or rehearse that (--dry-run, --to)."),
        "run": ("service", "Run the daemon: polling, clock, sending, web pages."),
        "work": ("service", "Run one more sending worker."),
        "serve": ("service", "Serve the web pages alone."),
        "schedule": ("schedule", "Tell when the next editions are due, for how many readers."),
        "status": ("status", "Say what is due, what runs, how fast, what waits and why."),
        "deliveries": ("deliveries", "Who got what, and what waits."),
        "destinations": ("destinations", "Where the mail for readers' domains goes."),
        "stats": ("statistics", "How editions went: deliveries, bounces, complaints, clicks."),
    },
    "Readers": {
        "subscribers": ("readers", "Add, import, export and look up subscribers."),
        "widget": ("readers", "Print a sign-up form for pages of other sites."),
        "unsubscribe": ("readers", "Unsubscribe a person at once, also amid a send."),
        "suppressions": ("readers", "Addresses that get no more mail, and why."),
        "feedback": ("feedback", "Read bounces, complaints and wishes to leave."),
    },
    "Operating": {
        "database": ("upkeep", "Upgrade, back up, restore, check and release the database."),
        "tokens": ("tokens", "Tokens by which programs of yours use the web API."),
        "webhooks": ("webhooks", "Programs of yours that are told what happens to readers."),
    },
}
_FOUND = {command: found for commands in COMMANDS.values() for command, found in commands.items()}


class Root(click.Group):
    """Finds commands in the modules beside this one, and turns what a person can act on into one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the signature is click's
        return list(_FOUND)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        module, _ = _FOUND.get(cmd_name, ("", ""))
        if module == "service":
            end_quietly()
        if module:
            import_module(f"digest.cli.{module}")
        return self.commands.get(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """From the table: click would import every module for a line of each."""
        widest = max(map(len, _FOUND))
        for title, commands in COMMANDS.items():
            with formatter.section(title):
                formatter.write_dl([(f"{command:<{widest}}", line) for command, (_, line) in commands.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Likewise."""
        found = [CompletionItem(one, help=line) for one, (_, line) in _FOUND.items() if one.startswith(incomplete)]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DigestError as error:
            click.echo(f"digest: {error}", err=True)
            ctx.exit(error.exit_code)
        except DBAPIError as error:
            # Only the driver's words: the statement's values may be somebody's address.
            reason = str(error.orig).strip().splitlines() or [type(error.orig).__name__]
            click.echo(f"digest: database{_file_of(ctx.obj)}: {reason[0]}", err=True)
            ctx.exit(1)
        except OSError as error:
            if error.filename is None:
                raise
            click.echo(f"digest: {error.filename}: {error.strerror}", err=True)
            ctx.exit(1)


def _file_of(app: Digest) -> str:
    """Which file of SQLite it is; PostgreSQL says itself where it was looked for."""
    path = app.open_database().path if "settings" in vars(app) else None  # the demo has none
    return f" {path}" if path else ""


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="DIGEST_CONFIG",
    default=Path("config.toml"),
    show_default=True,
    show_envvar=True,
    help="The configuration file.",
)
@click.option("-v", "--verbose", count=True, help="Say more; -vv for debugging.")
@click.option("-q", "--quiet", is_flag=True, help="Only errors, and no progress bars.")
@click.option("--log", type=click.Choice(["console", "json"]), help="How logs are written; else as [log] format says.")
@click.version_option(version("digest-mailer"), prog_name="digest")
@click.pass_context
def main(ctx: click.Context, config: Path, verbose: int, quiet: bool, log: logs.Format | None) -> None:
    """Work out the day's most important stories and mail them to every reader, once.

    \b
    Try it:        digest demo
    Set it up:     digest init . && digest doctor
    Each day:      digest import articles/ && digest build && digest preview
    Unattended:    digest run

    Exit codes: 0 done, 1 an error, 2 wrong usage, 75 some deliveries wait for a retry, 78 bad configuration.
    """
    ctx.obj = Digest(config, verbosity=-1 if quiet else verbose, log=log)
    ctx.obj.start_logging()


pass_app = click.make_pass_decorator(Digest)


def utcnow() -> datetime:
    return datetime.now(UTC)


# --- options that several commands have ------------------------------------------------------------------------------

as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


class MomentType(click.ParamType[datetime]):
    """ISO 8601 with an offset."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is not ISO 8601, as in 2026-11-23T07:00:00+00:00", param, ctx)
        if moment.tzinfo is None:
            self.fail(f"{value!r} has no offset; write 2026-11-23T07:00:00+00:00", param, ctx)
        return moment.astimezone(UTC)


at_option = click.option("--at", type=MomentType(), metavar="TIME", help="As of this moment (ISO 8601 with offset).")


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a process of no known user
        return "editor"


who_option = click.option("--who", default=_login, show_default="the login name", help="Whose decision it is.")


# --- output ----------------------------------------------------------------------------------------------------------


def echo_json(document: Mapping[str, Any]) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def echo_table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, empty: str) -> None:
    """A table on stdout, or one line that says why there is none."""
    if not rows:
        click.echo(empty)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    width = None if sys.stdout.isatty() else 200
    Console(file=sys.stdout, width=width, highlight=False, markup=False).print(table)


def progress_bar(app: Digest, *, hidden: bool = False, sizes: bool = False) -> "Progress":
    """A progress bar on stderr, in pieces or in `sizes` (bytes); drawn on a terminal only."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn() if sizes else MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=hidden or app.verbosity < 0 or not console.is_terminal,
    )


def can_open_browser() -> bool:
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))

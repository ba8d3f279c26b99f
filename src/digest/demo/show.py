"""Runs the demo from the first article to the inbox."""

import asyncio
import contextlib
import secrets
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from digest.config import Database as DatabaseSettings
from digest.config import Newsletter, Settings, Site, Smtp, SourceSettings, Web
from digest.demo import samples
from digest.demo.catcher import Catcher
from digest.demo.inbox import Inbox
from digest.errors import DigestError
from digest.model import DeliveryState, EditionStatus
from digest.pipeline.articles import import_paths
from digest.pipeline.building import build
from digest.pipeline.publishing import approve
from digest.pipeline.ranking import rank
from digest.pipeline.readers import Order, import_readers
from digest.signals import stopping
from digest.store import deliveries, migrate, owners, subscribers
from digest.store.database import Database
from digest.web.app import create_app
from digest.web.server import Server
from digest.worker.drain import Drain
from digest.worker.service import keep_sending, new_owner
from digest.worker.shift import Shift
from digest.worker.upkeep import tidy

NAME = "daily"
CONSENT = "Sample readers of the demo"
SHOWN = 5  #: stories printed with their reasons


class Demo:
    """One run of the demo, all of it on this machine.

    Args:
        folder: where its files stay; without one they go away at the end.
        readers: how many there are.
        port: of the page with the inbox; 0 takes a free one.
        quiet: print only errors.
    """

    def __init__(self, *, folder: Path | None = None, readers: int = 200, port: int = 0, quiet: bool = False) -> None:
        self._keep = folder
        self._readers = readers
        self._port = port
        self._say = Console(quiet=quiet, highlight=False)
        self._editions = 0
        self._turn = threading.Lock()  # the page's button may be pressed twice

    def run(self, *, once: bool, show: Callable[[str], object] | None) -> None:
        """Do it all; then wait for Ctrl-C, or (`once`) try the links and end."""
        self._begun = time.monotonic()
        with contextlib.ExitStack() as stack:
            folder = self._folder(stack)
            self._catcher = stack.enter_context(Catcher())
            self._server: Server | None = None
            # The port has to be known before the settings: every link of the mail carries it.
            self._server = Server(self._dispatch, port=self._port)
            self._settings = self._make_settings(folder)
            self._database = Database(self._settings.database.url.get_secret_value())
            stack.callback(self._database.close)
            migrate.upgrade(self._database)
            self._now = datetime.now(UTC)
            self._fill(folder)
            self._inbox = self._make_inbox()
            self._say.print(self.send_next())
            asyncio.run(self._serve(once=once, show=show))

    def _folder(self, stack: contextlib.ExitStack) -> Path:
        if self._keep is None:
            return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="digest-demo-")))
        self._keep.mkdir(parents=True, exist_ok=True)
        if (self._keep / "demo.db").exists():
            raise DigestError(f"{self._keep} holds an earlier demo; take another folder or delete it")
        return self._keep

    def _make_settings(self, folder: Path) -> Settings:
        assert self._server is not None
        return Settings(
            site=Site(
                name="The Meridian Ledger",
                base_url=self._server.url,
                postal_address="4 Harbour Steps, Port Aldous",
                contact="editor@meridianledger.example",
                secrets=(SecretStr(secrets.token_urlsafe(32)),),
            ),
            database=DatabaseSettings(url=SecretStr(f"sqlite:///{folder / 'demo.db'}")),
            smtp=Smtp(host="127.0.0.1", port=self._catcher.port, security="none", connections=4),
            web=Web(port=self._server.port),
            sources=tuple(SourceSettings(**one) for one in samples.sources()),
            newsletters={
                NAME: Newsletter(
                    title="The Meridian Daily",
                    sender="The Meridian Ledger <daily@meridianledger.example>",
                    stories=12,
                    window_hours=48,
                    markets_csv=folder / "markets.csv",
                )
            },
        )

    # --- the walk ----------------------------------------------------------------------------------------------------

    def _fill(self, folder: Path) -> None:
        """Articles, market data and readers."""
        articles, readers = folder / "articles.jsonl", folder / "readers.csv"
        samples.write_articles(articles, self._now)
        samples.write_markets(folder / "markets.csv", self._now)
        samples.write_readers(readers, self._readers)
        done = import_paths(self._settings, self._database, [articles], now=self._now)
        names = {one.name for one in self._settings.sources}
        self._say.print(f"[bold]1.[/] {done.stored} articles of {len(names)} sources imported")
        import_readers(self._settings, self._database, [readers], Order(consent=CONSENT), now=self._now)
        self._articles = {row["url"]: row for row in samples.rows(self._now)}

    def send_next(self) -> str:
        """Build, approve and send today's edition; then tomorrow's, as if a day had passed.  What happened.

        A later one has what the editions before it had no room for: an edition never repeats itself.
        """
        with self._turn:
            at = self._now + timedelta(days=self._editions)
            self._explain(at)
            status = build(self._settings, self._database, NAME, at=at)
            if status.content.lead is None:
                return "The samples hold no more news. Start the demo again."
            self._editions += 1
            self._say.print(f"[bold]3.[/] Edition {status.key} built: “{status.content.subject}”", soft_wrap=True)
            approved = approve(self._settings, self._database, status.key, now=datetime.now(UTC))
            sent = self._send(status, approved.audience)
            with self._database.read() as db:
                everyone = sum(1 for _ in subscribers.listing(db, newsletter=NAME))
            return f"Edition {status.key} went to {sent} of {everyone} readers."

    def _explain(self, at: datetime) -> None:
        ranking = rank(self._settings, self._database, NAME, at=at)
        self._say.print(f"[bold]2.[/] {ranking.articles} articles of two days tell {len(ranking.stories)} stories:")
        for story in sorted(ranking.selection.chosen, key=lambda story: story.rank)[:SHOWN]:
            self._say.print(f"   [bold]{story.score:5.2f}[/]  {story.lead.title}", soft_wrap=True)
            best = sorted(story.ledger, key=lambda point: -point.points)[:2]
            self._say.print(f"          {' '.join(point.sentence for point in best)}", style="dim", soft_wrap=True)

    def _send(self, status: EditionStatus, audience: int) -> int:
        first = len(self._catcher.messages)
        with Progress(TextColumn("[bold]4.[/] Sending"), BarColumn(), MofNCompleteColumn(), console=self._say) as bar:
            task = bar.add_task("", total=audience)
            asyncio.run(self._drain(status, lambda _: bar.advance(task)))
        with self._database.read() as db:
            sent = deliveries.tally(db, status.id).count(DeliveryState.SENT)
        began = self._catcher.messages[first].at if sent else datetime.now(UTC)
        seconds = self._elapsed - (datetime.now(UTC) - began).total_seconds()
        self._say.print(f"   {sent} of {audience} taken by the mail server; the first {seconds:.1f} s after the start")
        return sent

    async def _drain(self, status: EditionStatus, progress: Callable[[DeliveryState], None]) -> None:
        owner = new_owner()
        with owners.Presence(self._database, owner):
            shift = Shift(owner=owner, edition_id=status.id, progress=progress)
            await Drain(self._settings, self._database, shift).run()
            tidy(self._database, now=datetime.now(UTC))

    @property
    def _elapsed(self) -> float:
        return time.monotonic() - self._begun

    # --- the page ----------------------------------------------------------------------------------------------------

    def _make_inbox(self) -> Inbox:
        public = create_app(self._settings, self._database)
        return Inbox(self._catcher, self._articles, self.send_next, public)

    async def _dispatch(self, scope: object, receive: object, send: object) -> None:
        await self._inbox.app(scope, receive, send)  # type: ignore[arg-type]

    async def _serve(self, *, once: bool, show: Callable[[str], object] | None) -> None:
        assert self._server is not None
        inbox = f"{self._server.url}/inbox"
        serving = asyncio.create_task(self._server.serve())
        try:
            if once:
                await asyncio.to_thread(self._try_links)
                return
            with stopping() as stop, owners.Presence(self._database, owner := new_owner()):
                self._say.print(f"\n[bold]The inbox:[/] {inbox}   (Ctrl-C ends the demo)")
                if show:
                    show(inbox)
                # A worker, so that who signs up on the pages gets the mail that asks them to confirm.
                await keep_sending(self._settings, self._database, owner=owner, stop=stop, wake=asyncio.Event())
        finally:
            await self._server.stop()
            await serving

    def _try_links(self) -> None:
        """Leave by both ways, as two readers would, and see that the next edition honours it."""
        first, second = self._catcher.messages[:2]
        status, _ = _ask(first.one_click, {"List-Unsubscribe": "One-Click"})
        self._say.print(f"[bold]5.[/] One reader leaves by one-click POST: {status}")
        page, _ = _ask(second.one_click)
        status, _ = _ask(second.one_click, {})
        self._say.print(f"   Another opens the unsubscribe page ({page}) and presses the button: {status}")
        self._say.print(self.send_next())
        again = [one.recipient for one in self._catcher.messages].count
        if again(first.recipient) != 1 or again(second.recipient) != 1:
            raise DigestError("somebody who left was mailed again")
        self._say.print(f"   Neither of the two got it. Done in {self._elapsed:.1f} s.")


def _ask(url: str, form: dict[str, str] | None = None) -> tuple[int, bytes]:
    """GET, or POST with a form.  (status, body)."""
    data = None if form is None else urllib.parse.urlencode(form).encode()
    with urllib.request.urlopen(url, data=data, timeout=30) as answer:  # noqa: S310 - our own pages
        return answer.status, answer.read()

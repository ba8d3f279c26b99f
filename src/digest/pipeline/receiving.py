"""A Maildir, a mailbox and an LMTP port in; what comes there is read, and what was done with it removed."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from imaplib import IMAP4
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from digest.config import Settings
from digest.errors import DigestError
from digest.intake.mailfiles import maildir
from digest.pipeline.feedback import Effect, take
from digest.store.database import Database
from digest.transport.imap import ImapMailbox, Place

log = logging.getLogger(__name__)

OURS = "250 2.0.0 read"
NOT_OURS = "550 5.7.1 not about a mail of ours"


class Receiver:
    """Reads what came since it looked last.  What is not ours is looked at once, and again after a restart."""

    def __init__(
        self, settings: Settings, database: Database, *, mailbox: Callable[[], ImapMailbox] | None = None
    ) -> None:
        self._settings = settings
        self._database = database
        self._mailbox = mailbox or (lambda: ImapMailbox(settings.feedback.imap))
        self._left = frozenset[str]()  # names in the Maildir
        self._place = Place()
        self._stopped = False

    def stop(self) -> None:
        """Look at no further message: the one at hand is finished."""
        self._stopped = True

    def look(self) -> int:
        """Read the Maildir and the mailbox; how many messages had an effect.

        Raises:
            DigestError: one of them cannot be read.
        """
        done = 0
        if folder := self._settings.feedback.maildir:
            done += self._read_folder(folder)
        if self._settings.feedback.imap.host:
            done += self._read_mailbox()
        return done

    async def take(self, raw: bytes) -> str:
        """The answer to a message that came by LMTP: what is not ours is for the mail server to keep."""
        effect = await asyncio.to_thread(self._take, raw)
        return OURS if effect.is_done else NOT_OURS

    def _take(self, raw: bytes) -> Effect:
        return take(self._database, self._settings.site.keys, raw, now=datetime.now(UTC))

    def _is_done(self, raw: bytes) -> bool:
        """One message that nobody foresaw stays, and does not stop the others; a database that is away does."""
        try:
            return self._take(raw).is_done
        except DBAPIError:
            raise
        except Exception as error:  # noqa: BLE001 - as told above
            log.error("a message that came back cannot be read: %s", type(error).__name__)
            return False

    def _read_folder(self, folder: Path) -> int:
        done, left = 0, set[str]()
        try:
            for found in maildir(folder, without=self._left):
                if self._stopped:
                    break
                if self._is_done(found.raw) and found.remove:
                    found.remove()
                    done += 1
                else:
                    left.add(Path(found.path).name)
        except OSError as error:
            raise DigestError(f"feedback.maildir: {(error.strerror or 'cannot be read').lower()}") from None
        self._left |= left
        return done

    def _read_mailbox(self) -> int:
        done = 0
        try:
            with self._mailbox() as box:
                for uid, raw in box.after(self._place):
                    if self._stopped:
                        break
                    if raw and self._is_done(raw):
                        box.remove(uid)
                        done += 1
                    self._place = Place(validity=box.validity, uid=uid)
        except (OSError, IMAP4.error) as error:
            raise DigestError(f"feedback.imap: {type(error).__name__}: reading was interrupted") from None
        return done


async def keep_looking(receiver: Receiver, *, seconds: float) -> None:
    """Look again and again, until cancelled."""
    while True:
        try:
            if done := await asyncio.to_thread(receiver.look):
                log.info("%d messages came back and were dealt with", done)
        except DigestError as error:
            log.error("%s; trying again in %.0f s", error, seconds)
        except Exception as error:  # noqa: BLE001 - it has to be there tomorrow as well
            # Only the kind: a message may hold an address.
            log.error("reading what came back: %s; trying again in %.0f s", type(error).__name__, seconds)
        await asyncio.sleep(seconds)

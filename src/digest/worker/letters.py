"""Claimed deliveries in, what goes over the wire out."""

from collections.abc import Mapping
from functools import lru_cache

from digest import links
from digest.config import Settings, bounce_mailbox, dkim_keys
from digest.errors import Altered, ConfigError, NotFound
from digest.model import Delivery
from digest.outbox.dkim import Signer
from digest.outbox.skeleton import Draft, Skeleton
from digest.outbox.verify import signatures_hold
from digest.store import compositions
from digest.store.database import Database
from digest.transport.smtp import Content, content_of


class Letters:
    """Composes copies.  What an edition's copies share is read, and checked, once.  Safe to share between threads.

    Raises:
        ConfigError: a DKIM key cannot be used.
    """

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._keys = settings.site.keys
        self._signer = Signer(settings.dkim.domain, dkim_keys(settings.dkim)) if settings.dkim.keys else None
        self._skeleton = lru_cache(maxsize=256)(self._read)
        self._mailbox = lru_cache(maxsize=32)(self._bounces_of)

    @property
    def sign_slowly(self) -> bool:
        """Whether a signature takes so long that it is worth a thread."""
        return self._signer is not None and self._signer.is_slow

    @property
    def records(self) -> Mapping[str, str]:
        """By selector, what DNS has to say of each key; none where nothing is signed."""
        return self._signer.records if self._signer else {}

    def copy(self, delivery: Delivery) -> bytes:
        """The message of one delivery: the same bytes each time.  Raises what `draft` does."""
        return b"".join(self.draft(delivery).signed())

    def draft(self, delivery: Delivery) -> Draft:
        """The same, not signed yet; signed, it is what goes over the wire.

        Raises:
            AddressError: the address cannot be written in a message.
            Altered: its variant is not what was approved.
            ConfigError: the signatures of this variant would not hold.
        """
        newsletter = delivery.edition.partition("/")[0]
        skeleton = self._skeleton(delivery.edition_id, newsletter, delivery.variant)
        return skeleton.draft(delivery, newsletter=newsletter, keys=self._keys)

    def return_path(self, delivery: Delivery) -> str:
        """Where a bounce of this delivery goes (VERP)."""
        mailbox = self._mailbox(delivery.edition.partition("/")[0])
        return links.return_path(self._keys, mailbox, delivery.edition_id, delivery.uid)

    def sign(self, message: bytes) -> Content:
        return content_of(self._signer.sign(message) if self._signer else message)

    def _bounces_of(self, newsletter: str) -> str:
        letter = self._settings.newsletters.get(newsletter)
        domain = letter.sender_domain if letter else self._settings.site.contact.rpartition("@")[2]
        return bounce_mailbox(self._settings.smtp, domain)

    def _read(self, edition_id: int, newsletter: str, variant: str) -> Skeleton:
        with self._database.read() as db:
            found = compositions.of_variant(db, edition_id, variant)
        if found is None:
            raise NotFound(f"edition {edition_id} has no variant {variant}")
        if found.altered:
            raise Altered(edition_id, variant)
        skeleton = Skeleton(found.skeleton, signer=self._signer)
        if self._signer and not signatures_hold(
            skeleton.sample(newsletter=newsletter, keys=self._keys), self._signer.records
        ):
            raise ConfigError("dkim", [f"the signatures of edition {edition_id} do not hold; nothing was sent"])
        return skeleton

"""Claimed deliveries in, signed messages out."""

from functools import lru_cache

from digest.config import Settings, dkim_keys
from digest.errors import NotFound
from digest.model import Delivery
from digest.outbox.dkim import Signer
from digest.outbox.skeleton import Skeleton
from digest.store import editions
from digest.store.database import Database


class Letters:
    """Composes copies.  What an edition's copies share is read once.

    Raises:
        ConfigError: a DKIM key cannot be used.
    """

    def __init__(self, settings: Settings, database: Database) -> None:
        self._database = database
        self._keys = settings.site.keys
        self._signer = Signer(settings.dkim.domain, dkim_keys(settings.dkim)) if settings.dkim.keys else None
        self._skeleton = lru_cache(maxsize=32)(self._read)

    def copy(self, delivery: Delivery) -> bytes:
        """The message of one delivery: the same bytes each time.

        Raises:
            AddressError: the address cannot be written in a message.
        """
        newsletter = delivery.edition.partition("/")[0]
        skeleton = self._skeleton(delivery.edition_id, delivery.variant)
        return self.sign(skeleton.stamp(delivery, newsletter=newsletter, keys=self._keys))

    def sign(self, message: bytes) -> bytes:
        return self._signer.sign(message) if self._signer else message

    def _read(self, edition_id: int, variant: str) -> Skeleton:
        with self._database.read() as db:
            raw = editions.skeleton(db, edition_id, variant)
        if raw is None:
            raise NotFound(f"edition {edition_id} has no variant {variant}")
        return Skeleton(raw)

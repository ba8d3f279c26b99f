"""An edition in, what has to hold of its messages and whether it does out: copies are composed again and read."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from digest import links
from digest.config import Settings
from digest.model import Delivery, EditionStatus
from digest.outbox.headers import AddressError
from digest.outbox.skeleton import Skeleton, check, message_domain
from digest.outbox.verify import signatures_hold
from digest.store import compositions
from digest.store.audit import Proof, audit
from digest.store.compositions import Composition
from digest.store.database import Database
from digest.worker.letters import Letters

SAMPLE = 200  #: copies of each variant that are composed again, unless all are


def proofs(settings: Settings, database: Database, edition: EditionStatus, *, every: bool) -> Iterator[Proof]:
    """What an operator may rely on, of the rows and of the messages; all in one transaction.

    `every` copy is composed again, or a sample of each variant.

    Raises:
        ConfigError: a DKIM key cannot be used.
    """
    letters = Letters(settings, database), Letters(settings, database)
    with database.read() as db:
        yield from audit(db, edition.id)
        found = compositions.of_edition(db, edition.id)
        yield Proof(
            claim="each variant is what was approved",
            against=sum(one.altered for one in found),
            unknown=sum(one.hash is None for one in found),
        )
        # Of what was changed nothing is composed, and that has been said; without a secret there are no links.
        sound = [one for one in found if settings.site.keys and not one.altered]
        readers = _Readers(db=db, edition=edition, variants=sound)
        yield readers.composed(settings, letters[0], most=None if every else SAMPLE)
        yield readers.signed(letters)


@dataclass(frozen=True, kw_only=True)
class _Readers:
    db: Connection
    edition: EditionStatus
    variants: list[Composition]

    def composed(self, settings: Settings, letters: Letters, *, most: int | None) -> Proof:
        against = number = 0
        for one in self.variants:
            maker = _Maker(one.skeleton, settings, letters)
            for delivery in compositions.readers(self.db, self.edition, one.variant, most=most):
                number += 1
                against += not maker.is_well_made(delivery)
        return Proof(
            claim="each copy composed again is its variant, with what is the reader's in it",
            against=against,
            looked_at=number,
        )

    def signed(self, letters: tuple[Letters, Letters]) -> Proof:
        """The signatures of one copy of each variant: the others' are made in the same way."""
        against = number = 0
        for one in self.variants:
            for delivery in compositions.readers(self.db, self.edition, one.variant, most=1):
                first, second = (each.copy(delivery) for each in letters)
                number += 1
                against += first != second or not signatures_hold(first, letters[0].records)
        return Proof(
            claim="a copy composed twice is the same bytes, and its signatures hold", against=against, looked_at=number
        )


class _Maker:
    """Composes copies of one variant, and reads them."""

    def __init__(self, raw: bytes, settings: Settings, letters: Letters) -> None:
        self._skeleton = Skeleton(raw)
        self._domain = message_domain(raw)
        self._keys = settings.site.keys
        self._letters = letters

    def is_well_made(self, delivery: Delivery) -> bool:
        newsletter = delivery.edition.partition("/")[0]
        try:
            message = self._skeleton.stamp(delivery, newsletter=newsletter, keys=self._keys)
            check(message)
        except AddressError:
            return True  # of whom there is no copy, and whose delivery failed for it
        except ValueError:
            return False
        named = f"\r\nMessage-ID: {links.message_id(delivery.edition, delivery.uid, self._domain)}\r\n".encode()
        token = self._letters.return_path(delivery).rpartition("@")[0].rpartition("+")[2]
        theirs = links.read_delivery_token(self._keys, token)
        return (
            named in message
            and theirs == (delivery.edition_id, delivery.uid)
            and self._skeleton.is_copy(message, delivery, newsletter=newsletter, keys=self._keys)
        )

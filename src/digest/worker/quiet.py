"""What was claimed within the quiet hours of its newsletter is put off, in the transaction that claimed it.

By the clock of the newsletter's home, or of each reader where copies go out by these.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from digest.config import Newsletter, is_zone
from digest.model import Delivery
from digest.outbox.quiet import until
from digest.store import quiet
from digest.worker.moments import Now

MOST_MOVED = 5000  #: deliveries behind those claimed that are looked at as well, where most are put off

Group = tuple[str, int, str]  #: newsletter, edition, and the zone that the reader gave; "" where it does not matter


class Quiet:
    """Of one drain; costs nothing where no newsletter has quiet hours."""

    def __init__(self, newsletters: Mapping[str, Newsletter], clock: Now) -> None:
        self._newsletters = {name: one for name, one in newsletters.items() if one.quiet}
        self._clock = clock

    def pass_over(self, db: Connection, claimed: Sequence[Delivery]) -> Sequence[Delivery]:
        """Those that may leave; the others wait until their quiet hours are over."""
        if not self._newsletters or not claimed:
            return claimed
        now, going = self._clock(), [one for one in claimed if _newsletter(one) not in self._newsletters]
        for group, those in self._groups(db, claimed).items():
            end = self._until(group, now)
            if end is None:
                going += those
            else:
                self._put_off(db, group, those, end, now, most=len(those) > len(claimed) / 2)
        return going

    def _groups(self, db: Connection, claimed: Sequence[Delivery]) -> Mapping[Group, list[Delivery]]:
        mine = [one for one in claimed if _newsletter(one) in self._newsletters]
        local = [one for one in mine if self._is_local(_newsletter(one))]
        given = quiet.zones_of(db, local) if local else {}
        found: dict[Group, list[Delivery]] = defaultdict(list)
        for one in mine:
            found[_newsletter(one), one.edition_id, given.get(one.subscriber_id, "")].append(one)
        return found

    def _until(self, group: Group, now: datetime) -> datetime | None:
        newsletter = self._newsletters[group[0]]
        assert newsletter.quiet is not None
        return until(newsletter.quiet, group[2] if is_zone(group[2]) else newsletter.timezone, now)

    def _put_off(
        self, db: Connection, group: Group, those: Sequence[Delivery], end: datetime, now: datetime, *, most: bool
    ) -> None:
        """Where most are, as many are to be expected behind them: these are put off without being claimed."""
        name, edition_id, zone = group
        quiet.put_off(db, those, until=end, now=now)
        if most:
            zones = {zone} if self._is_local(name) else None
            quiet.put_off_next(db, edition_id, zones=zones, until=end, now=now, limit=MOST_MOVED)

    def _is_local(self, name: str) -> bool:
        return self._newsletters[name].deliver == "local"


def _newsletter(delivery: Delivery) -> str:
    return delivery.edition.partition("/")[0]

"""The quiet hours of a newsletter in, what `status`, `schedule` and `send` say of them out."""

from collections.abc import Collection, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from digest.config import Newsletter, zone
from digest.outbox.quiet import coming, until


def ends_at(newsletter: Newsletter | None, now: datetime) -> datetime | None:
    """Until when no copy leaves, by the clock of its home; None: they may, or it is each reader's clock that counts."""
    if newsletter is None or newsletter.quiet is None or newsletter.deliver == "local":
        return None
    end = until(newsletter.quiet, newsletter.timezone, now)
    return end.astimezone(zone(newsletter)) if end else None


def quiet_line(newsletter: Newsletter | None, now: datetime) -> str:
    """Why copies wait; "" where they do not for this."""
    if end := ends_at(newsletter, now):
        return f"quiet hours: no copy leaves before {end:%a %H:%M %Z}"
    if newsletter and newsletter.quiet and newsletter.deliver == "local":
        begin, end_ = newsletter.quiet.begin, newsletter.quiet.end
        return f"no copy leaves from {begin:%H:%M} to {end_:%H:%M} by the clock of its reader (quiet_hours)"
    return ""


def next_hours(newsletter: Newsletter | None, at: datetime) -> tuple[datetime, datetime] | None:
    """The quiet hours of its home that come next, or are; None: there are none, or it is each reader's clock."""
    if newsletter is None or newsletter.quiet is None or newsletter.deliver == "local":
        return None
    begin, end = coming(newsletter.quiet, newsletter.timezone, at)
    return begin.astimezone(zone(newsletter)), end.astimezone(zone(newsletter))


def quiet_json(newsletter: Newsletter | None, at: datetime) -> dict[str, datetime | None]:
    begin, end = next_hours(newsletter, at) or (None, None)
    return {"quiet_from": begin, "quiet_until": end}


def ahead_line(newsletter: Newsletter | None, at: datetime) -> str:
    """Until when mail is held back, or what becomes of what is left over; "" without quiet hours."""
    found = next_hours(newsletter, at)
    if found is None or found[0] <= at:
        return quiet_line(newsletter, at)
    return f"quiet hours: what has not left by {found[0]:%a %H:%M} waits until {found[1]:%a %H:%M %Z}"


def held_until(newsletter: Newsletter, at: datetime, zones: Collection[str]) -> Mapping[str, datetime]:
    """Until when what is due at a moment is held back, by the time zones whose clock counts; where it is."""
    if newsletter.quiet is None:
        return {}
    whose = zones if newsletter.deliver == "local" else [newsletter.timezone]
    ends = {name: until(newsletter.quiet, name, at) for name in whose}
    return {name: end.astimezone(ZoneInfo(name)) for name, end in ends.items() if end}


def held_words(held: Mapping[str, datetime]) -> str:
    ends = sorted({f"{end:%a %H:%M %Z}" for end in held.values()})
    return f"quiet hours hold it back until {', '.join(ends)}" if ends else ""

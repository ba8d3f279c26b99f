"""The quiet hours of a newsletter in, what `status` and `send` say of them out."""

from datetime import datetime

from digest.config import Newsletter, zone
from digest.outbox.quiet import until


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

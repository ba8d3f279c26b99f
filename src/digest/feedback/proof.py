"""What a message claims to be about, and our keys, in; what of it is proven out."""

from collections.abc import Iterator, Sequence

from digest import links
from digest.links import Purpose
from digest.model import Report

Signed = tuple[int, str]  #: edition id, uid


def signed(report: Report, keys: Sequence[str]) -> Signed | None:
    """The delivery that a signed token names: from the return path, or the header of the copy that came back."""
    found = (links.read_delivery_token(keys, token) for token in report.tokens)
    return next((one for one in found if one), None)


def by_message_id(report: Report) -> Iterator[tuple[str, str]]:
    """(edition's key, uid) of each Message-ID of ours.  Together with the reader's address it is proof enough."""
    return filter(None, map(links.read_message_id, report.message_ids))


def leaving(report: Report, keys: Sequence[str]) -> list[tuple[str, str]]:
    """(newsletter, uid) of each wish to leave whose token we signed."""
    found = ((name, links.verify(keys, Purpose.UNSUBSCRIBE, name, token)) for name, token in report.leaving)
    return [(name, uid) for name, uid in found if uid]

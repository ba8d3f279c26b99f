"""An edition and an address of the house in, a copy of it marked [TEST] sent there."""

from datetime import datetime

from digest.config import Settings
from digest.errors import DigestError, Refused
from digest.model import Edition, Outcome, Rendered
from digest.pipeline.printing import test_message
from digest.store import addresses
from digest.transport.envelope import Envelope
from digest.transport.smtp import Content, Relay, content_of


async def send_test(settings: Settings, edition: Edition, rendered: Rendered, to: str, *, now: datetime) -> str:
    """What the mail server answered.

    Raises:
        Refused: it is no address, or not among those that tests may go to.
        DigestError: the mail server did not take it.
    """
    try:
        address = addresses.check(to)
    except ValueError as error:
        raise Refused(f"{to}: {error}") from None
    if (allowed := settings.desk.test_addresses) and address not in allowed:
        raise Refused(f"{address}: tests go to the addresses in [desk] test_addresses alone")
    message, mailbox = test_message(settings, edition, rendered, address, now=now)
    outcome = await _deliver(Relay(settings.smtp), Envelope(sender=mailbox, recipient=address), content_of(message))
    if (outcome.code or 0) // 100 != 2:
        raise DigestError(f"the mail server did not take it ({outcome.stage}): {outcome.reply}")
    return outcome.reply


async def _deliver(relay: Relay, envelope: Envelope, message: Content) -> Outcome:
    try:
        return (await relay.open()) or (await relay.deliver(envelope, message))
    finally:
        await relay.close()

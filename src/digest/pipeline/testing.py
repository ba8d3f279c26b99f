"""An edition in, a copy marked [TEST] on its way to somebody in the house."""

from datetime import datetime

from digest.config import Settings
from digest.errors import DigestError, Refused
from digest.model import Outcome
from digest.pipeline.drafts import Proof
from digest.pipeline.printing import test_message
from digest.store import addresses
from digest.transport.envelope import Envelope
from digest.transport.smtp import content_of, deliver_alone


def recipient(settings: Settings, to: str, *, any_unless_listed: bool = False) -> str:
    """The address in its usual spelling, if a test may be sent to it.

    Args:
        to: As it was typed.
        any_unless_listed: Whether any will do while the configuration lists none; for who may read that anyway.

    Raises:
        Refused: it is no address, or not one of those in `desk.test_addresses`.
    """
    try:
        address = addresses.check(to)
    except ValueError as error:
        raise Refused(f"{to}: {error}") from None
    listed = {addresses.check(one) for one in settings.desk.test_addresses}
    if address not in listed and (listed or not any_unless_listed):
        raise Refused("tests go to the addresses in [desk] test_addresses only, and this is none of them")
    return address


async def send_test(settings: Settings, proof: Proof, address: str, *, now: datetime) -> Outcome:
    """Send a copy of what `drafts.proof` made to an address that `recipient` let pass.

    Raises:
        DigestError: the mail server did not take it.
    """
    message, mailbox = test_message(settings, proof.edition, proof.rendered, address, now=now)
    envelope = Envelope(sender=mailbox, recipient=address)
    outcome = await deliver_alone(settings.smtp, envelope, content_of(message))
    if (outcome.code or 0) // 100 != 2:
        raise DigestError(f"the mail server did not take it ({outcome.stage}): {outcome.reply}")
    return outcome

"""An edition in, a copy marked [TEST] at an address of the house out."""

import asyncio

from digest.edition.variants import Variant, cut
from digest.pipeline import testing
from digest.pipeline.drafts import Proof
from digest.web.desk.sheet import Desk, Sheet


def send(desk: Desk, sheet: Sheet, variant: Variant, to: str) -> str:
    """Send what is seen of a variant.  What the mail server answered.

    Raises:
        Refused: tests do not go to this address.
        DigestError: the mail server did not take it.
    """
    address = testing.recipient(desk.settings, to)
    proof = Proof(
        edition=cut(sheet.edition, variant),
        rendered=desk.rendered(sheet, variant),
        message=desk.message(sheet, variant),
        ranking=sheet.draft.ranking,
        replayed=sheet.draft.replayed,
    )
    return asyncio.run(testing.send_test(desk.settings, proof, address, now=desk.clock())).reply

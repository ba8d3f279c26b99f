"""An edition in, a copy marked [TEST] at an address of the house out."""

import asyncio

from digest.edition.variants import Variant, cut
from digest.pipeline.trying import send_test
from digest.web.desk.sheet import Desk, Sheet


def send(desk: Desk, sheet: Sheet, variant: Variant, address: str) -> str:
    """What the mail server answered.

    Raises:
        DigestError: it did not take it.
    """
    edition, rendered = cut(sheet.edition, variant), desk.rendered(sheet, variant)
    return asyncio.run(send_test(desk.settings, edition, rendered, address, now=desk.clock()))

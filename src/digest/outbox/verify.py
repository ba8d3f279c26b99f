"""A signed message and the records of its keys in, whether its signatures hold out.  The only module that knows dkimpy.

Our signatures are made of pieces; this program has never seen them, and reads the message as a receiver will.
"""

import re
from collections.abc import Mapping

import dkim

_SIGNATURE = re.compile(rb"(?im)^DKIM-Signature:")  # a subject may name one


def signatures_hold(message: bytes, records: Mapping[str, str]) -> bool:
    """Whether the message has a signature by each key and all of them hold.

    Args:
        records: What DNS says for each selector, in place of DNS.
    """

    def look_up(name: bytes, timeout: int = 5) -> bytes | None:  # noqa: ARG001 - called with it
        record = records.get(name.decode("ascii").partition("._domainkey.")[0])
        return record.encode("ascii") if record else None

    count = len(_SIGNATURE.findall(message.partition(b"\r\n\r\n")[0]))
    try:
        return count == len(records) and all(
            dkim.DKIM(message).verify(idx=number, dnsfunc=look_up) for number in range(count)
        )
    except dkim.DKIMException:
        return False

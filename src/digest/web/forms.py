"""A request in, the fields of its form out, within limits of length and time."""

import asyncio
from collections.abc import Mapping, Sequence

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

SECONDS = 10.0  #: to send it


async def read(request: Request, *, most: int, fields: int) -> Mapping[str, Sequence[str]]:
    """The fields of a form in either encoding, each with its values; none when it cannot be read, as a mailbox
    provider's one-click counts whatever it looks like.

    Args:
        request: A POST.
        most: Bytes.
        fields: How many there may be.

    Raises:
        HTTPException: as `body` does.
    """
    raw = await body(request, most=most)

    async def replay() -> Message:
        return {"type": "http.request", "body": raw, "more_body": False}

    try:
        form = await Request(request.scope, replay).form(max_files=0, max_fields=fields)
    except HTTPException:
        return {}
    found: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            found.setdefault(name, []).append(value)
    return found


async def body(request: Request, *, most: int) -> bytes:
    """All of what a request brings.

    Raises:
        HTTPException: 413 when it is longer than `most` bytes, 408 when it does not come, 400 when it is cut off.
    """
    found = b""
    try:
        async with asyncio.timeout(SECONDS):
            async for chunk in request.stream():
                found += chunk
                if len(found) > most:
                    raise HTTPException(413)
    except TimeoutError:
        raise HTTPException(408) from None
    except ClientDisconnect:
        raise HTTPException(400) from None
    return found

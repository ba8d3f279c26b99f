"""What goes on beside other work, and ends with it."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Coroutine

from sqlalchemy.exc import DBAPIError

from digest.store.trouble import matter

log = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def meanwhile(*work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """What is under way when it ends is cancelled."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def repeated(sign_of_life: Callable[[], object], *, every: float) -> None:
    """`every`: seconds between the end of one and the next."""
    while True:
        await asyncio.sleep(every)
        await once(sign_of_life)


async def once(sign_of_life: Callable[[], object]) -> None:
    """From a thread; a database that is away is told of by who needs it."""
    try:
        await asyncio.to_thread(sign_of_life)
    except DBAPIError as error:
        log.debug("no sign of life: %s", matter(error))

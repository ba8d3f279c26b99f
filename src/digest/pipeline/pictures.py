"""A draft and a folder in, the same draft with its pictures in that folder out.

So readers load no picture from elsewhere, none is larger than it is shown, and all stay for as long as the folder does.
A picture that cannot be had stays where it is, and is told of.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

from digest import links
from digest.config import Settings
from digest.intake.http import Client, Failed, Fetched, Limits
from digest.model import Edition, Image, Item, Rejection
from digest.render import photo
from digest.render.view import LEAD_BOX, THUMB_BOX

AT_ONCE = 4  #: pictures that are fetched and made smaller at the same time
LEAD_SHARE = 0.4  #: of the budget, for the lead story's picture


@dataclass(frozen=True, kw_only=True)
class _Wanted:
    """A picture of an edition."""

    image: Image
    box: tuple[int, int]
    most: int  #: bytes
    path: Path

    @property
    def key(self) -> tuple[str, tuple[int, int]]:
        return self.image.url, self.box


def keep(settings: Settings, edition: Edition) -> tuple[Edition, list[Rejection]]:
    """Fetch the pictures of an edition that are not in the folder yet; what could not be had, and why.

    Without a folder in the configuration nothing changes.
    """
    folder = settings.images.folder
    if folder is None:
        return edition, []
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {one.key: one for one in _wanted(settings, edition, folder)}
    faults = asyncio.run(_get(settings, [one for one in wanted.values() if not one.path.exists()]))
    kept = {key: _kept(settings, one) for key, one in wanted.items() if one.path.exists()}
    return _with(edition, kept), faults


def _wanted(settings: Settings, edition: Edition, folder: Path) -> list[_Wanted]:
    """Each with its share of the budget, so that it is kept to however the pictures are."""
    budget = settings.images.budget * 1000
    small = [item for item in edition.smaller if item.image]
    lead = [edition.lead] if edition.lead and edition.lead.image else []
    for_lead = int(budget * LEAD_SHARE) if lead else 0
    each = (budget - for_lead) // max(1, len(small))
    own = links.image_url(settings.site.base_url, "")
    shares = [*((item, LEAD_BOX, for_lead) for item in lead), *((item, THUMB_BOX, each) for item in small)]
    return [
        _Wanted(image=item.image, box=box, most=most, path=folder / _name(item.image.url, box))
        for item, box, most in shares
        if item.image and not item.image.url.startswith(own)
    ]


def _name(url: str, box: tuple[int, int]) -> str:
    return f"{sha256(f'{url} {box[0]}x{box[1]}'.encode()).hexdigest()[:32]}.jpg"


async def _get(settings: Settings, wanted: Sequence[_Wanted]) -> list[Rejection]:
    limits = Limits(seconds=settings.fetch.timeout, bytes=settings.fetch.max_bytes)
    turn = asyncio.Semaphore(AT_ONCE)
    async with Client(limits=limits, allow=settings.fetch.allow) as client:
        found = await asyncio.gather(*(_one(client, one, turn) for one in wanted))
    return [fault for fault in found if fault]


async def _one(client: Client, wanted: _Wanted, turn: asyncio.Semaphore) -> Rejection | None:
    async with turn:
        answer = await client.get(wanted.image.url)
        if not isinstance(answer, Fetched):
            return _fault(wanted, answer.reason if isinstance(answer, Failed) else "not sent")
        try:
            made = await asyncio.to_thread(photo.photo, answer.body, wanted.box, most=wanted.most)
        except ValueError as error:
            return _fault(wanted, str(error))
        await asyncio.to_thread(_write, wanted.path, made.data)
        return None


def _fault(wanted: _Wanted, why: str) -> Rejection:
    return Rejection(path=wanted.image.url, where="", error=why)


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all: somebody may be reading it, and another process may be writing it too."""
    part = path.with_name(f"{path.stem}.{token_hex(4)}.part")
    part.write_bytes(data)
    part.replace(path)


def _kept(settings: Settings, wanted: _Wanted) -> Image:
    width, height = photo.size(wanted.path.read_bytes())
    url = links.image_url(settings.site.base_url, wanted.path.name)
    return replace(wanted.image, url=url, width=width, height=height)


def _with(edition: Edition, kept: dict[tuple[str, tuple[int, int]], Image]) -> Edition:
    def shown(item: Item, box: tuple[int, int]) -> Item:
        return replace(item, image=kept.get((item.image.url, box), item.image)) if item.image else item

    lead = shown(edition.lead, LEAD_BOX) if edition.lead else None
    return replace(edition, lead=lead).changed(lambda item: shown(item, THUMB_BOX))

"""Bytes with markers in, the same bytes with a reader's values in their places out.  Pure.

Cutting is done once; a copy is the same pieces with the values between them.
"""

import re
from collections.abc import Mapping


class Cut:
    """`raw`, cut wherever `marker` matches."""

    def __init__(self, raw: bytes, marker: re.Pattern[bytes]) -> None:
        self.slots = marker.findall(raw)
        self.first, *self._after = marker.split(raw)

    def join(self, values: Mapping[bytes, bytes]) -> bytes:
        return b"".join(self.pieces(values))

    def pieces(self, values: Mapping[bytes, bytes]) -> list[bytes]:
        """What `join` joins: copying 64 KB is most of what a copy costs, and this copies none of it."""
        return [self.first, *self.rest(values)]

    def rest(self, values: Mapping[bytes, bytes]) -> list[bytes]:
        """All that follows the first segment."""
        pieces: list[bytes] = []
        for slot, segment in zip(self.slots, self._after, strict=True):
            pieces += (values[slot], segment)
        return pieces

    def gaps(self, joined: bytes) -> list[tuple[bytes, bytes]] | None:
        """Each marker and what took its place; None where `joined` differs elsewhere."""
        if not joined.startswith(self.first):
            return None
        found, place = [], len(self.first)
        for number, (slot, segment) in enumerate(zip(self.slots, self._after, strict=True), 1):
            last = number == len(self.slots)
            end = len(joined) - len(segment) if last else joined.find(segment, place)
            if end < place or not joined.startswith(segment, end):
                return None
            found.append((slot, joined[place:end]))
            place = end + len(segment)
        return found if place == len(joined) else None

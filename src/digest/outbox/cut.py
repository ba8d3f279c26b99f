"""Bytes with markers in, the same bytes with a reader's values in their places out.  Pure.

Cutting is done once; a copy is one join.
"""

import re
from collections.abc import Mapping


class Cut:
    """`raw`, cut wherever `marker` matches."""

    def __init__(self, raw: bytes, marker: re.Pattern[bytes]) -> None:
        self.slots = marker.findall(raw)
        self.first, *self._after = marker.split(raw)

    def join(self, values: Mapping[bytes, bytes], *, before: bytes = b"") -> bytes:
        """The whole, after what comes `before` it: in one go, as copying 64 KB is most of what this costs."""
        return b"".join([before, self.first, *self._rest(values)])

    def rest(self, values: Mapping[bytes, bytes]) -> bytes:
        """All that follows the first segment."""
        return b"".join(self._rest(values))

    def _rest(self, values: Mapping[bytes, bytes]) -> list[bytes]:
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

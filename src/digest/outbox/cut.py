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

    def join(self, values: Mapping[bytes, bytes]) -> bytes:
        return self.first + self.rest(values)

    def rest(self, values: Mapping[bytes, bytes]) -> bytes:
        """All that follows the first segment."""
        pieces: list[bytes] = []
        for slot, segment in zip(self.slots, self._after, strict=True):
            pieces += (values[slot], segment)
        return b"".join(pieces)

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

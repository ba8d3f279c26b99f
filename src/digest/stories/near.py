"""Two texts of one source in, whether they are one article under two addresses out.  Pure.

Stricter than `copies`, as here a text is given up: both are long, most of their runs are common, and so are their
numbers.  Texts made from a template (the weather of two towns, the shares of two companies) differ in their numbers.
A sketch is the MinHash signature of a text in 192 bytes: it says who has to be compared.
"""

import re
from collections.abc import Sequence

import numpy as np

from digest.stories.copies import likeness, runs, signatures, words

LONG = 100  #: words of a text that is compared at all
NEAR = 0.6  #: share of common runs (Jaccard); figures in bench/README.md
LIKELY = 0.4  #: share of a sketch that agrees, from which the texts are compared: three deviations below `NEAR`
NUMBERS = 0.7  #: share of common numbers, of all in both

_NUMBER = re.compile(r"\b\d+(?:[.,:]\d+)*\b")


def sketch(text: str) -> bytes:
    """What is kept of a text to compare it; empty where it is too short."""
    found = words(text)
    return signatures([runs(found)])[0].astype("<u4").tobytes() if len(found) >= LONG else b""


def likely(one: bytes, others: Sequence[bytes]) -> list[int]:
    """The places of those sketches whose texts are worth a comparison, the most alike first."""
    if not one or not others:
        return []
    table = np.frombuffer(b"".join(others), dtype="<u4").reshape(len(others), -1)
    agreeing = (table == np.frombuffer(one, dtype="<u4")).mean(axis=1)
    return [int(place) for place in np.argsort(-agreeing, kind="stable") if agreeing[place] >= LIKELY]


def is_same(one: str, other: str) -> bool:
    """Whether two texts are one that was changed a little."""
    return likeness(one, other) >= NEAR and _common_numbers(one, other) >= NUMBERS


def _common_numbers(one: str, other: str) -> float:
    """1 where neither has any."""
    ours, theirs = set(_NUMBER.findall(one)), set(_NUMBER.findall(other))
    return len(ours & theirs) / len(ours | theirs) if ours | theirs else 1.0

"""A domain in, the DMARC records that concern it out: the walk up the tree (RFC 9989 4.10)."""

from digest.doctor.names import Names
from digest.doctor.published import tags, versioned

LABELS = 8  #: names that are asked, at most: of a longer one those near the root


def records(names: Names, domain: str) -> dict[str, list[str]]:
    """By domain, from `domain` upward, its DMARC records; ends where one says that it ends there (psd=)."""
    found: dict[str, list[str]] = {}
    for one in _path(domain):
        found[one] = versioned(names.txt(f"_dmarc.{one}"), "DMARC1")
        if _psd(found[one]) in ("y", "n"):
            break
    return found


def organisation(found: dict[str, list[str]]) -> str:
    """The domain that speaks for all below it, of the walk that began at the first: itself where nobody says more."""
    walked = list(found)
    for number, one in enumerate(walked):
        if _psd(found[one]) == "n":
            return one
        if _psd(found[one]) == "y" and number:
            return walked[number - 1]
    return next((one for one in reversed(walked) if len(found[one]) == 1), walked[0])


def _path(domain: str) -> list[str]:
    labels = domain.split(".")
    shortest = labels[-(LABELS - 1) :] if len(labels) > LABELS else labels[1:]
    ways = [labels, *(shortest[start:] for start in range(len(shortest)))]
    return [".".join(way) for way in ways]


def _psd(found: list[str]) -> str:
    return tags(found[0]).get("psd", "u").lower() if len(found) == 1 else "u"

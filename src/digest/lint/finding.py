"""What a rule is, and what it finds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from digest.lint.mail import Mail, Place


class Severity(StrEnum):
    ERROR = "error"  #: Readers lose something: the edition is not approved.
    WARNING = "warning"  #: Some readers, or a mail provider, will take it badly.
    NOTE = "note"  #: To know, not to mend.


RANKED = tuple(Severity)  #: the worst first


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A place where a rule found something.  What is None is as the rule has it."""

    place: Place
    wrong: str
    severity: Severity | None = None
    why: str | None = None
    source: str | None = None
    mend: str | None = None


@dataclass(frozen=True, kw_only=True)
class Rule:
    name: str
    severity: Severity  #: the worst it can be
    look: Callable[[Mail], Iterator[Spot]]
    why: str
    source: str  #: an RFC, a criterion of WCAG 2.2, a provider's rule, what mail programs were seen to do
    mend: str


@dataclass(frozen=True, kw_only=True)
class Finding:
    rule: str
    severity: Severity
    place: Place
    wrong: str
    why: str
    source: str
    mend: str  #: "" where there is nothing to do


def found(rule: Rule, spot: Spot) -> Finding:
    return Finding(
        rule=rule.name,
        severity=spot.severity or rule.severity,
        place=spot.place,
        wrong=spot.wrong,
        why=spot.why or rule.why,
        source=spot.source or rule.source,
        mend=rule.mend if spot.mend is None else spot.mend,
    )

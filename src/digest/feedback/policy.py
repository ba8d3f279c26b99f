"""What came back of an address so far, in; its score, and what is to be done now, out.

As Mailman scores it (a hard bounce 1, a soft one ½, at 5 an address gets no more mail), counted by edition and not by
day, so that a weekly letter is no slower to forgive or to learn: an edition that nothing came back of halves the score.
"""

from collections.abc import Iterable, Iterator, Sequence

from digest.model import Action, Copy, Failure, Kind, Report, Severity

THRESHOLD = 5.0  #: at this score an address is suppressed
WEIGHTS = {Severity.HARD: 1.0, Severity.SOFT: 0.5}
DECAY = 0.5  #: what an edition leaves of the score that nothing came back of

#: Says nothing of the address, so that the edition neither adds nor forgives.
_SILENT = frozenset({Severity.POLICY, Severity.DELAY})
_LEFT = frozenset({Kind.ORDINARY, Kind.CHALLENGE})

#: Reports that come in the form of a complaint, and are none (RFC 5965 7.3, RFC 6430, RFC 6591).
_COMPLAINTS = {
    "not-spam": Action.NOTED,
    "auth-failure": Action.ALARM,
    "opt-out": Action.UNSUBSCRIBED,
    "opt-out-list": Action.UNSUBSCRIBED,
}


def score(turns: Iterable[Sequence[Severity]]) -> float:
    """The score after these editions."""
    return next(iter([*scores(turns)][-1:]), 0.0)


def scores(turns: Iterable[Sequence[Severity]]) -> Iterator[float]:
    """The score after each edition, the oldest first, by what came back of it: the worst, and that once."""
    total = 0.0
    for severities in turns:
        if weight := max((WEIGHTS.get(one, 0.0) for one in severities), default=0.0):
            total += weight
        elif not _SILENT.intersection(severities):
            total *= DECAY
        yield total


def judge(turns: Iterable[Sequence[Severity]], failure: Failure, copy: Copy, *, same_address: bool) -> Action:
    """Whether a bounce is one too many.  `turns` has it already.

    One is enough where words and code say that nobody is there and the return path was ours.  A bounce of another
    address (not `same_address`) came from where the reader's mail is forwarded to, and only counts.
    """
    at_once = failure.severity is Severity.HARD and failure.certain and copy.signed and same_address
    return Action.SUPPRESSED if at_once or score(turns) >= THRESHOLD else Action.COUNTED


def action_for(report: Report, severity: Severity) -> Action:
    """What follows from a message about a mail of ours, before the score is looked at."""
    if report.kind in _LEFT:
        return Action.LEFT
    if report.kind is Kind.COMPLAINT:
        return _COMPLAINTS.get(report.complaint, Action.SUPPRESSED)
    if report.kind is Kind.UNSUBSCRIBE:
        return Action.UNSUBSCRIBED
    if severity is Severity.POLICY:
        return Action.ALARM
    return Action.COUNTED if severity in WEIGHTS else Action.NOTED

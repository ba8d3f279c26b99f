"""The score of an address, and what follows from it."""

import pytest

from digest.feedback.policy import THRESHOLD, action_for, judge, score
from digest.model import Action, Cause, Copy, Failure, Kind, Report, Severity

HARD, SOFT, POLICY, DELAY = (Severity.HARD,), (Severity.SOFT,), (Severity.POLICY,), (Severity.DELAY,)
COPY = Copy(edition_id=1, edition="daily/2026-11-23", newsletter="daily", subscriber_id=1, address="a@example.net")


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        ([], 0),
        ([HARD] * 5, 5),
        ([SOFT] * 10, 5),
        ([HARD, SOFT + HARD], 2),  # the worst of an edition counts, once
        ([HARD, ()], 0.5),
        ([HARD, (), (), ()], 0.125),
        ([HARD, POLICY, DELAY], 1),  # these say nothing of the address, for or against
    ],
)
def test_score(turns, expected):
    assert score(turns) == expected


def test_an_address_that_works_every_other_time_is_never_suppressed():
    assert score([HARD, ()] * 500) < THRESHOLD


def failure(severity=Severity.HARD, *, certain=True):
    return Failure(address="", severity=severity, cause=Cause.UNKNOWN_USER, status="5.1.1", said="", certain=certain)


def signed(yes=True):
    return Copy(**{name: getattr(COPY, name) for name in COPY.__dataclass_fields__} | {"signed": yes})


def test_one_bounce_is_enough_when_all_of_it_is_certain():
    assert judge([HARD], failure(), signed(), same_address=True) is Action.SUPPRESSED


@pytest.mark.parametrize(
    ("one", "copy", "same"),
    [
        (failure(certain=False), signed(), True),
        (failure(Severity.SOFT), signed(), True),
        (failure(), signed(False), True),
        (failure(), signed(), False),
    ],
)
def test_else_it_counts(one, copy, same):
    assert judge([HARD], one, copy, same_address=same) is Action.COUNTED
    assert judge([HARD] * 5, one, copy, same_address=same) is Action.SUPPRESSED


@pytest.mark.parametrize(
    ("kind", "severity", "action"),
    [
        (Kind.BOUNCE, Severity.HARD, Action.COUNTED),
        (Kind.BOUNCE, Severity.POLICY, Action.ALARM),
        (Kind.BOUNCE, Severity.DELAY, Action.NOTED),
        (Kind.COMPLAINT, Severity.NONE, Action.SUPPRESSED),
        (Kind.VACATION, Severity.NONE, Action.NOTED),
        (Kind.DELIVERED, Severity.NONE, Action.NOTED),
        (Kind.ORDINARY, Severity.NONE, Action.LEFT),
        (Kind.CHALLENGE, Severity.NONE, Action.LEFT),
    ],
)
def test_what_follows(kind, severity, action):
    assert action_for(Report(kind=kind), severity) is action


@pytest.mark.parametrize(
    ("complaint", "action"),
    [
        ("abuse", Action.SUPPRESSED),
        ("", Action.SUPPRESSED),
        ("not-spam", Action.NOTED),
        ("auth-failure", Action.ALARM),
        ("opt-out", Action.UNSUBSCRIBED),
    ],
)
def test_what_follows_from_a_complaint(complaint, action):
    assert action_for(Report(kind=Kind.COMPLAINT, complaint=complaint), Severity.NONE) is action

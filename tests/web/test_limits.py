"""A flood of forms: a victim gets one mail a day, whoever floods uses up their own share, and nobody is told of it."""

import logging
from datetime import timedelta

import pytest

from build import KEY, NOW
from digest.config import Joining
from digest.store import subscribers
from digest.web import limits, nonce
from digest.web.limits import network

LEASE = timedelta(minutes=30)


def limited(town, **over):
    joining = Joining.model_validate(over)
    return type(town)(town.settings.model_copy(update={"joining": joining}), town.database, town.clock, town.woken)


def post(town, name, *, ip="192.0.2.1", newsletter="daily"):
    """As a machine does that has learned to wait."""
    shown = nonce.issue([KEY], newsletter, now=town.clock() - timedelta(minutes=1))
    form = {"email": f"{name}@example.net", "shown": shown}
    town.client._transport.client = (ip, 50000)
    return town.client.post(f"/subscribe/{newsletter}", data=form)


def mailed(town):
    """Who gets a confirmation mail now, by name; each is sent."""
    with town.database.begin() as db:
        due = subscribers.due_confirmations(db, now=town.clock(), limit=1000, lease=LEASE)
        for one in due:
            subscribers.confirmation_sent(db, one.subscriber.id, one.newsletter, now=town.clock())
    return sorted(one.subscriber.address.partition("@")[0] for one in due)


def test_a_flood_from_many_networks_over_two_days_is_one_mail_a_day_for_each_victim(town):
    """Over all newsletters, whatever the clock of a span says."""
    mailed(town)
    sent = []
    for hour in range(48):
        for number in range(2):
            for newsletter in ("daily", "weekly"):
                post(town, f"victim{number}", ip=f"203.0.{hour}.{number}", newsletter=newsletter)
        sent += [(name, town.clock()) for name in mailed(town)]
        town.clock.advance(hours=1)
    for victim in ("victim0", "victim1"):
        times = [at for name, at in sent if name == victim]
        assert len(times) == 2
        assert times[1] - times[0] >= timedelta(hours=24)


@pytest.mark.parametrize(
    ("over", "posts", "wanted"),
    [
        ({"per_network": 2}, [("a", "192.0.2.1"), ("b", "192.0.2.250"), ("c", "192.0.2.3"), ("d", "192.0.3.1")], "abd"),
        ({"per_network": 1}, [("a", "2001:db8:0:1::1"), ("b", "2001:db8:0:ff::1"), ("c", "2001:db8:0:100::1")], "ac"),
        ({"per_domain": 2}, [("a", "192.0.2.1"), ("b", "192.0.3.1"), ("c", "192.0.4.1")], "ab"),
        ({"in_all": 1}, [("a", "192.0.2.1"), ("b", "192.0.3.1")], "a"),
        ({"per_mailbox": 1}, [("a", "192.0.2.1"), ("a+1", "192.0.3.1"), ("b", "192.0.4.1")], "ab"),
    ],
)
def test_a_limit_is_kept_with_the_same_answer_and_told_to_the_operator_once(town, caplog, over, posts, wanted):
    mailed(town)
    town = limited(town, **over)
    with caplog.at_level(logging.INFO):
        answers = [post(town, name, ip=ip) for name, ip in posts * 2]
    assert len({(answer.status_code, answer.text) for answer in answers}) == 1
    assert mailed(town) == list(wanted)
    (kind,) = over
    told = [line for line in caplog.text.splitlines() if kind in line]
    assert len(told) <= len({network(ip) for _, ip in posts})
    assert told
    assert "@" not in caplog.text


def test_a_flood_for_many_victims_fills_no_log(small_town, caplog):
    """What one mailbox has used up is that mailbox's affair; what all share is the operator's."""
    town = limited(small_town, per_mailbox=1, in_all=3)
    for name in "aabbccdd":
        post(town, name)
    assert [one.getMessage().split()[1] for one in caplog.records if one.levelno >= logging.WARNING] == ["in_all"]


def test_a_limit_ends_with_its_hour(small_town):
    mailed(small_town)
    town = limited(small_town, in_all=1)
    post(town, "a")
    post(town, "b")
    town.clock.advance(hours=1)
    post(town, "c")
    assert mailed(town) == ["a", "c"]


@pytest.mark.parametrize(
    ("ip", "wanted"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2ff::5", "2001:db8:1:200::/56"),
        ("fe80::1%eth0", "fe80::/56"),
        ("a socket", "a socket"),
    ],
)
def test_neighbours_are_one_network(ip, wanted):
    assert network(ip) == wanted


def test_without_an_address_of_the_asker_the_other_limits_count():
    kinds = [one.kind for one in limits.of_joining(Joining(), address="a@example.net", ip="")]
    assert kinds == ["per_mailbox", "per_domain", "in_all"]


def test_who_confirms_one_newsletter_is_asked_about_the_other_at_once(town):
    mailed(town)
    post(town, "ada")
    post(town, "ada", newsletter="weekly")
    assert mailed(town) == ["ada"]
    assert mailed(town) == []
    with town.database.begin() as db:
        assert subscribers.confirm(db, town.person("ada").uid, "daily", evidence="{}", now=NOW)
    assert mailed(town) == ["ada"]
    assert town.subscription("ada", "weekly").asked_at == NOW


def test_two_mails_to_one_person_do_not_leave_together_however_late(small_town):
    """A worker that was down finds both due."""
    mailed(small_town)
    post(small_town, "ada")
    post(small_town, "ada", newsletter="weekly")
    small_town.clock.advance(hours=30)
    assert mailed(small_town) == ["ada"]
    small_town.clock.advance(hours=23)
    assert mailed(small_town) == []
    small_town.clock.advance(hours=1)
    assert mailed(small_town) == ["ada"]

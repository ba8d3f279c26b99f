"""People: how they come, confirm, leave, come back and are forgotten."""

from datetime import timedelta

import pytest

from build import NOW, reader
from digest.model import Reason, SubscriptionState
from digest.store import newsletters, subscribers, suppressions
from digest.store.schema import suppressions as suppressions_table
from digest.store.suppressions import is_suppressed

DAY = timedelta(days=1)
LEASE = timedelta(minutes=10)
CONFIRMED, UNCONFIRMED, UNSUBSCRIBED = (
    SubscriptionState.CONFIRMED,
    SubscriptionState.UNCONFIRMED,
    SubscriptionState.UNSUBSCRIBED,
)


@pytest.fixture
def people(database):
    class People:
        def __getattr__(self, name):
            def call(*args, **kwargs):
                with database.begin() as db:
                    return getattr(subscribers, name)(db, *args, **kwargs)

            return call

        def ask(self, number=1, now=NOW, consent='{"form": 1}'):
            self.__getattr__("ask")(reader(number), newsletter="daily", consent=consent, now=now)

        def import_(self, *people, consent="paper form", now=NOW):
            return self.add(people, newsletter="daily", consent=consent, now=now)

        def one(self, number=1):
            with database.read() as db:
                person = subscribers.by_address(db, f"reader{number}@example.net")
                return person and subscribers.subscription(db, person.id, "daily")

        def click(self, number=1, now=NOW):
            return self.confirm(self.one(number).subscriber.uid, "daily", evidence='{"click": 1}', now=now)

        def leave(self, number=1, now=NOW):
            return self.unsubscribe(self.one(number).subscriber.id, None, now=now)

        def due(self, now=NOW):
            found = self.due_confirmations(now=now, limit=10, lease=LEASE)
            return [one.subscriber.address.partition("@")[0] for one in found]

    with database.begin() as db:
        newsletters.ensure(db, ["daily", "weekly"], now=NOW)
    return People()


# --- imports ---------------------------------------------------------------------------------------------------------


def test_with_consent_people_are_confirmed_and_the_evidence_is_kept(people):
    added = people.import_(reader(1), reader(2, language="de", sections=("Sport",)))
    assert (added.new, added.confirmed, added.asked, added.already, added.refused) == (2, 2, 0, 0, [])
    one = people.one(2)
    assert (one.state, one.consent, one.confirmed_at, one.sections) == (CONFIRMED, "paper form", NOW, ("Sport",))
    assert (one.subscriber.name, one.subscriber.language) == ("Reader 2", "de")
    assert people.due() == []


def test_without_consent_people_are_asked(people):
    assert people.import_(reader(1), consent=None).asked == 1
    assert people.one().state == UNCONFIRMED
    assert people.due() == ["reader1"]


def test_importing_twice_changes_nothing(people):
    people.import_(reader(1), reader(2))
    before = people.one()
    added = people.import_(reader(1, name="Other"), reader(2, address="READER2@EXAMPLE.NET"), consent="later")
    assert (added.new, added.confirmed, added.already) == (0, 0, 2)
    assert people.one() == before


def test_the_same_address_twice_in_a_list_is_one_person(people):
    added = people.import_(reader(1), reader(1, address="Reader1@example.NET"))
    assert (added.new, added.confirmed, added.already) == (1, 1, 1)


def test_consent_that_comes_later_confirms_those_who_were_asked(people):
    people.import_(reader(1), consent=None)
    assert people.import_(reader(1)).confirmed == 1
    assert (people.one().state, people.due()) == (CONFIRMED, [])


def test_an_import_brings_nobody_back(people, database):
    people.import_(reader(1), reader(2))
    people.leave(1)
    with database.begin() as db:
        suppressions.add(db, "reader2@example.net", reason=Reason.COMPLAINT, evidence="", now=NOW)
        suppressions.add(db, "reader3@example.net", reason=Reason.BOUNCE, evidence="", now=NOW)
    added = people.import_(reader(1), reader(2), reader(3), reader(4))
    assert (added.new, added.confirmed, added.already) == (1, 1, 0)
    assert sorted((one.where, one.error) for one in added.refused) == [
        ("row 1", "has unsubscribed"),
        ("row 2", "is suppressed"),
        ("row 3", "is suppressed"),
    ]
    assert "reader" not in str(added.refused), "no address in what may be logged"
    assert people.one(1).state == UNSUBSCRIBED
    assert people.one(3) is None


def test_a_long_list_is_taken_in_batches(people):
    assert people.import_(*[reader(n) for n in range(2500)]).confirmed == 2500
    assert people.import_(*[reader(n) for n in range(2501)]).already == 2500


# --- asking and confirming -------------------------------------------------------------------------------------------


def test_who_asks_gets_one_confirmation_mail_and_is_confirmed_by_its_link(people):
    assert not people.any_confirmation_due(now=NOW)
    people.ask()
    assert people.any_confirmation_due(now=NOW)
    assert people.due() == ["reader1"]
    assert people.due() == [], "claimed"
    people.confirmation_sent(people.one().subscriber.id, "daily", now=NOW)
    assert people.due(now=NOW + DAY) == []
    assert people.click()
    one = people.one()
    assert (one.state, one.confirmed_at, one.generation) == (CONFIRMED, NOW, 1)
    assert one.consent.splitlines() == ['{"form": 1}', '{"click": 1}']


def test_a_link_works_once(people):
    people.ask()
    assert people.click()
    assert not people.click()


def test_a_link_works_for_a_week(people):
    people.ask()
    assert not people.click(now=NOW + 7 * DAY + timedelta(seconds=1))
    assert people.click(now=NOW + 7 * DAY)


def test_at_most_one_mail_a_day_and_three_without_an_answer(people):
    """Whoever types in somebody else's address cannot flood them."""
    mails = 0
    for hour in range(0, 24 * 6, 5):
        now = NOW + timedelta(hours=hour)
        people.ask(now=now)
        if people.due(now=now):
            mails += 1
            people.confirmation_sent(people.one().subscriber.id, "daily", now=now)
    assert mails == 3


def test_asking_again_makes_the_earlier_links_useless(people):
    people.ask()
    people.ask(now=NOW + DAY)
    assert people.one().generation == 1


def test_a_reader_who_asks_again_gets_nothing(people):
    people.import_(reader(1))
    before = people.one()
    people.ask(now=NOW + DAY)
    assert people.one() == before
    assert people.due(now=NOW + DAY) == []


def test_the_suppressed_are_not_written_to(people, database):
    with database.begin() as db:
        suppressions.add(db, "reader1@example.net", reason=Reason.BOUNCE, evidence="", now=NOW)
    people.ask()
    assert people.one() is None


def test_who_is_suppressed_after_asking_is_neither_mailed_nor_confirmed(people, database):
    people.ask()
    with database.begin() as db:
        suppressions.add(db, "reader1@example.net", reason=Reason.COMPLAINT, evidence="", now=NOW)
    assert people.due() == []
    assert not people.click()


def test_a_confirmation_mail_that_failed_is_tried_again_or_given_up(people):
    people.ask()
    people.due()
    who = people.one().subscriber.id
    people.confirmation_failed(who, "daily", retry_at=NOW + timedelta(hours=1))
    assert people.due(now=NOW + timedelta(hours=1)) == ["reader1"]
    people.confirmation_failed(who, "daily", retry_at=None)
    assert people.due(now=NOW + 2 * DAY) == []


def test_a_confirmation_mail_whose_sender_died_is_due_after_the_lease(people):
    people.ask()
    assert people.due()
    assert people.due(now=NOW + LEASE) == ["reader1"]


def test_who_confirms_before_the_mail_is_noted_as_sent_stays_confirmed(people):
    people.ask()
    people.due()
    people.click()
    people.confirmation_sent(people.one().subscriber.id, "daily", now=NOW)
    assert people.one().state == CONFIRMED


# --- leaving ---------------------------------------------------------------------------------------------------------


def test_leaving_is_counted_once(people):
    people.import_(reader(1))
    people.add([reader(1)], newsletter="weekly", consent="{}", now=NOW)
    who = people.one().subscriber.id
    assert people.unsubscribe(who, "daily", now=NOW) == ["daily"]
    assert people.unsubscribe(who, "daily", now=NOW) == []
    assert people.unsubscribe(who, None, now=NOW) == ["weekly"]
    assert {one.state for one in people.subscriptions_of(who)} == {UNSUBSCRIBED}


def test_who_left_may_come_back_by_confirming(people):
    people.import_(reader(1))
    people.leave()
    people.ask(now=NOW + DAY)
    assert people.one().state == UNSUBSCRIBED, "until they confirm"
    assert people.due(now=NOW + DAY) == ["reader1"]
    assert people.click(now=NOW + DAY)
    assert (people.one().state, people.one().left_at) == (CONFIRMED, None)


def test_a_link_from_before_leaving_brings_nobody_back(people):
    people.ask()
    people.leave(now=NOW + timedelta(hours=1))
    assert not people.click(now=NOW + timedelta(hours=2))
    assert people.due(now=NOW + DAY) == []


def test_leaving_ends_a_wish_to_come_back(people):
    people.import_(reader(1))
    people.leave()
    people.ask(now=NOW + DAY)
    people.leave(now=NOW + DAY)
    assert not people.click(now=NOW + DAY)


def test_a_leave_by_mistake_can_be_taken_back(people, database):
    people.import_(reader(1))
    people.leave()
    who = people.one().subscriber.id
    assert not people.restore(who, "daily", left_after=NOW, now=NOW)
    assert people.restore(who, "daily", left_after=NOW - DAY, now=NOW)
    assert people.one().state == CONFIRMED
    with database.begin() as db:
        suppressions.add(db, "reader1@example.net", reason=Reason.COMPLAINT, evidence="", now=NOW)
    people.leave()
    assert not people.restore(who, "daily", left_after=NOW - DAY, now=NOW)


def test_what_was_never_confirmed_is_not_restored(people):
    people.ask()
    people.leave()
    assert not people.restore(people.one().subscriber.id, "daily", left_after=NOW - DAY, now=NOW)


def test_a_pause_begins_and_ends(people):
    people.import_(reader(1))
    who = people.one().subscriber.id
    people.pause(who, "daily", NOW + DAY)
    assert people.one().paused_until == NOW + DAY
    people.pause(who, "daily", None)
    assert people.one().paused_until is None


def test_the_erased_are_forgotten_and_not_brought_back(people, database):
    people.import_(reader(1))
    number = people.one().subscriber.id
    assert people.erase("READER1@example.net", now=NOW)
    assert not people.erase("reader1@example.net", now=NOW)
    assert people.one() is None
    assert people.import_(reader(1)).refused[0].error == "is suppressed"
    people.import_(reader(2))
    assert people.one(2).subscriber.id > number, "an id is never given twice"
    with database.read() as db:
        assert "reader1" not in str(db.execute(suppressions_table.select()).all())
        assert is_suppressed(db, "reader1@example.net")


# --- lists -----------------------------------------------------------------------------------------------------------


def test_subscriptions_are_listed_by_newsletter_and_state(people, database):
    people.import_(reader(1), reader(2))
    people.import_(reader(3), consent=None)
    people.add([reader(1)], newsletter="weekly", consent="{}", now=NOW)
    with database.read() as db:

        def names(**over):
            return [one.subscriber.name for one in subscribers.listing(db, **over)]

        assert names() == ["Reader 1", "Reader 1", "Reader 2", "Reader 3"]
        assert names(newsletter="daily", state=CONFIRMED) == ["Reader 1", "Reader 2"]
        assert names(state=UNCONFIRMED) == ["Reader 3"]


def test_people_are_found_by_uid_and_by_any_spelling(people):
    people.import_(reader(1))
    person = people.by_address("Reader1@EXAMPLE.NET")
    assert people.by_uid(person.uid) == person
    assert len(bytes.fromhex(person.uid)) == 8
    assert people.by_uid("0" * 16) is None


def test_suppressions_are_listed_and_removed(database):
    with database.begin() as db:
        assert suppressions.add(db, "a@example.net", reason=Reason.MANUAL, evidence="asked", now=NOW)
        assert not suppressions.add(db, "A@example.net", reason=Reason.BOUNCE, evidence="", now=NOW)
        found = suppressions.listing(db)
        assert [(one.address, one.reason, one.evidence, one.since) for one in found] == [
            ("a@example.net", Reason.MANUAL, "asked", NOW)
        ]
        assert suppressions.is_suppressed(db, "A@Example.net")
        assert suppressions.remove(db, "A@Example.net")
        assert not suppressions.remove(db, "a@example.net")

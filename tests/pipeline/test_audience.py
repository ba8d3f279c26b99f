"""Who gets what: each reader one variant of one of the day's editions, or none for a reason that can be told."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st
from sqlalchemy import delete, select

from build import NOW, edition, item, reader
from digest.config import WEEKDAYS, Newsletter
from digest.edition import cadences
from digest.edition.variants import DEFAULT
from digest.errors import Refused
from digest.model import Cadence, Section
from digest.pipeline.audience import plan, wanted
from digest.store import audiences, deliveries, editions, newsletters, schema, subscribers

SECTIONS = ("World", "Economy", "Sport", "Culture")
READERS = st.lists(
    st.fixed_dictionaries(
        {
            "frequency": st.sampled_from(list(Cadence)),
            "sections": st.lists(st.sampled_from((*SECTIONS, "world", "Chess")), unique=True).map(tuple),
            "language": st.sampled_from(("", "de", "ar-EG", "xx")),
        }
    ),
    max_size=12,
)


def whole(day, cadence, sections):
    """An edition with a story of each of these sections."""
    lead, *rest = (item(n, rank=n, section=name) for n, name in enumerate(sections, start=1))
    return replace(
        edition(day=day, cadence=cadence),
        lead=lead,
        sections=tuple(Section(name=one.section, items=(one,)) for one in rest),
    )


DAYS = st.fixed_dictionaries(
    {
        "days": st.lists(st.sampled_from(WEEKDAYS), unique=True).map(tuple),
        "number": st.integers(0, 6),
        "told": st.lists(st.sampled_from((*SECTIONS, "")), min_size=1, unique=True),
        "people": READERS,
        "states": st.lists(st.sampled_from(["active"] * 4 + ["left", "paused"]), min_size=12, max_size=12),
    }
)


@how(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=DAYS)
def test_each_active_reader_gets_one_variant_or_is_passed_over_for_a_reason(settings, database, one):
    people, states, told = one["people"], one["states"], one["told"]
    day = date(2026, 11, 23) + timedelta(days=one["number"])
    letter = Newsletter(days=one["days"], weekly_day="mon")
    settings = settings.model_copy(update={"newsletters": {"daily": letter}})
    with database.begin() as db:
        fill(db, people, states)
        planned, got = frozen(settings, db, letter, day, told)
    circles = {frequency: made.circle for made in planned for frequency in made.circle.frequencies}
    without = Counter()
    for n, (person, state) in enumerate(zip(people, states, strict=False)):
        circle = circles.get(person["frequency"])
        chosen = {name.casefold() for name in person["sections"]}
        has_some = not chosen or "" in told or bool(chosen & {name.casefold() for name in told})
        gets = state == "active" and circle is not None and has_some
        assert got[reader(n).address] == gets, (person, state)
        without[circle] += state == "active" and not has_some
    assert [made.without for made in planned] == [without[made.circle] for made in planned]


def frozen(settings, db, letter, day, told):
    """The plans of a day's editions, and how many copies each address is to get once they are frozen."""
    planned = []
    for cadence in cadences.due(letter, day):
        status = editions.save_draft(db, whole(day, cadence, told), [], due_at=None)
        made = plan(settings, db, status, now=NOW)
        count = audiences.freeze(db, status.id, made.circle, variant=made.named, now=NOW)
        assert count == sum(made.readers.values()), "a plan counts what a freeze does"
        assert deliveries.by_variant(db, status.id) == made.readers
        planned.append(made)
    return planned, Counter(address for (address,) in db.execute(select(schema.deliveries.c.address)))


def fill(db, people, states):
    """These readers and nobody else."""
    for table in (schema.deliveries, schema.editions, schema.subscribers):
        db.execute(delete(table))
    newsletters.ensure(db, ["daily"], now=NOW)
    new = [reader(n, **person) for n, person in enumerate(people)]
    subscribers.add(db, new, newsletter="daily", consent="{}", now=NOW)
    for one, state in zip(new, states, strict=False):
        person = subscribers.by_address(db, one.address).id
        if state == "left":
            subscribers.unsubscribe(db, person, None, now=NOW)
        if state == "paused":
            subscribers.pause(db, person, "daily", NOW + timedelta(days=1))


def test_a_day_has_no_edition_that_nobody_gets(settings, database):
    letter, monday = settings.newsletters["daily"], date(2026, 11, 23)
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        subscribers.add(db, [reader(1)], newsletter="daily", consent="{}", now=NOW)
        assert wanted(db, "daily", letter, monday, now=NOW) == [Cadence.DAILY]
        subscribers.add(db, [reader(2, frequency="weekly")], newsletter="daily", consent="{}", now=NOW)
        assert wanted(db, "daily", letter, monday, now=NOW) == [Cadence.DAILY, Cadence.WEEKLY]
        subscribers.add(db, [reader(3, frequency="weekdays")], newsletter="daily", consent="{}", now=NOW)
        assert wanted(db, "daily", letter, monday, now=NOW) == list(Cadence)
        assert wanted(db, "daily", letter, monday + timedelta(days=1), now=NOW) == [Cadence.DAILY]


def test_a_plan_needs_the_newsletter(settings, sqlite_database):
    with sqlite_database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        status = editions.save_draft(db, edition(), [], due_at=None)
        without = settings.model_copy(update={"newsletters": {}})
        with pytest.raises(Refused, match="not in the configuration"):
            plan(without, db, status, now=NOW)
        assert plan(settings, db, status, now=NOW).readers.get(DEFAULT) is None

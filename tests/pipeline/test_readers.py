"""Lists of readers: what is taken in, what is refused and told, and that an export comes back as it was."""

import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from build import NOW, reader
from digest.config import Newsletter, Smtp
from digest.errors import DigestError
from digest.model import Reason, SubscriptionState
from digest.pipeline.columns import defused, undefused
from digest.pipeline.readers import Order, import_readers
from digest.pipeline.roster import write_lines, write_table
from digest.pipeline.tables import size
from digest.store import newsletters, subscribers, suppressions
from digest.store.enrolling import Enrolment

DAY = timedelta(days=1)


@pytest.fixture
def take_in(settings, database, tmp_path):
    """`take_in(text or {name: text}, consent=…)`: the summary."""

    def run(given_, *, now=NOW, smtputf8=False, **order):
        files = given_ if isinstance(given_, dict) else {"readers.csv": given_}
        paths = []
        for name, content in files.items():
            paths.append(tmp_path / name)
            paths[-1].write_bytes(content if isinstance(content, bytes) else content.encode())
        newsletters = {"daily": Newsletter(sections=("World", "Sport"))}
        mine = settings.model_copy(update={"newsletters": newsletters, "smtp": Smtp(smtputf8=smtputf8)})
        return import_readers(mine, database, paths, Order(**order), now=now)

    return run


@pytest.fixture
def everyone(database):
    """Address → subscription and why it is suppressed."""

    def read():
        with database.read() as db:
            return {one.subscriber.address: (one, why) for one, why in subscribers.export(db)}

    return read


@pytest.fixture
def suppressed(database):
    def read():
        with database.read() as db:
            return {one.address: one for one in suppressions.listing(db)}

    return read


def counts(done):
    return {str(one): count for one, count in done.enrolments.items() if count}


def faults(done):
    return [(one.where, one.error) for one in done.refused]


# --- lists of any kind -----------------------------------------------------------------------------------------------


def test_columns_are_known_under_many_names(take_in, everyone):
    done = take_in("E-Mail Address;First_Name;LAST NAME;Zeitzone;Ressorts\na@example.net;Ada;L.;Europe/Berlin;World;\n")
    assert counts(done) == {"asked": 1}
    person = everyone()["a@example.net"][0].subscriber
    assert (person.name, person.timezone) == ("Ada L.", "Europe/Berlin")


def test_columns_that_nothing_is_made_of_are_named_once(take_in):
    done = take_in("email,state,shoe size\na@example.net,CA,43\nb@example.net,NY,44\n")
    assert [list(form.ignored) for form in done.forms.values()] == [["state", "shoe size"]]
    assert counts(done) == {"asked": 2}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name\nAda\n", "no column named email in the first line"),
        ("ada@example.net\nbela@example.net\n", "the first line has an address"),
        ("email,name,E-Mail\n", r"two columns for email: 1 \(email\) and 3 \(E-Mail\)"),
        ("", "no column named email"),
    ],
)
def test_a_header_that_cannot_be_used_is_told(take_in, text, told):
    with pytest.raises(DigestError, match=told) as caught:
        take_in(text)
    assert "ada@" not in str(caught.value)


def test_one_bad_file_does_not_stop_the_others(take_in):
    done = take_in({"a.csv": "nothing\n", "b.csv": "email\na@example.net\n"})
    assert counts(done) == {"asked": 1}
    assert [one.error for one in done.files] == ["no column named email in the first line"]


def test_bad_rows_are_told_with_their_line_and_the_rest_goes_in(take_in, everyone):
    done = take_in(
        b"email,name,timezone\na@example.net,A,\nnobody,N,\nb@example.net,\xfc,\nc@example.net,C,Mars\nd@example.net,D,\n"
    )
    assert [where for where, _ in faults(done)] == ["line 3", "line 4", "line 5"]
    assert "not UTF-8" in faults(done)[1][1]
    assert sorted(everyone()) == ["a@example.net", "d@example.net"]
    assert (done.read, done.unusable) == (5, 3)


def test_the_same_file_twice_changes_nothing(take_in, everyone):
    text = "email,name\na@example.net,Ada\nb@example.net,Bela\nA@example.net,Again\n"
    assert counts(take_in(text, consent="form")) == {"confirmed": 2, "already": 1}
    before = everyone()
    assert counts(take_in(text, consent="other", now=NOW + DAY)) == {"already": 3}
    assert everyone() == before


LEFT = "left@example.net"
MIXED = (
    "email,newsletter,state,consent,suppressed\n"
    "new@example.net,daily,confirmed,form,\nnew@example.net,daily,unsubscribed,form,\nnew@example.net,daily,,,\n"
    f"{LEFT},daily,confirmed,form,\nbad,,,,\nb@example.net,daily,,,\nb@example.net,daily,confirmed,form,\n"
    "c@example.net,daily,confirmed,form,bounce\nc@example.net,daily,confirmed,form,\nd@example.net,weekly,,,\n"
)


@pytest.mark.parametrize("consent", [None, "form"])
def test_a_dry_run_tells_just_what_the_run_does(take_in, everyone, suppressed, database, consent):
    """Also of addresses that stand there several times, the later rows of which depend on the earlier ones."""
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        subscribers.add(db, [reader(1, address=LEFT)], newsletter="daily", consent="form", now=NOW)
        who = subscribers.by_address(db, LEFT)
        subscribers.unsubscribe(db, who.id, None, now=NOW)
    before = everyone(), suppressed()
    told = take_in(MIXED, consent=consent, dry_run=True)
    assert (everyone(), suppressed()) == before
    done = take_in(MIXED, consent=consent)
    assert (told.enrolments, told.refused, told.read) == (done.enrolments, done.refused, done.read)
    happened = {one for one, count in done.enrolments.items() if count}
    assert happened >= {Enrolment.LEFT, Enrolment.SUPPRESSED, Enrolment.HAS_LEFT}
    assert everyone()["new@example.net"][0].state == SubscriptionState.UNSUBSCRIBED


def test_who_left_here_stays_away_whatever_the_list_says(take_in, everyone, database):
    take_in("email\na@example.net\nb@example.net\n", consent="form")
    with database.begin() as db:
        subscribers.unsubscribe(db, subscribers.by_address(db, "a@example.net").id, None, now=NOW)
        suppressions.add(db, "b@example.net", reason=Reason.BOUNCE, evidence="550", now=NOW)
    text = "email,newsletter,state,consent\na@example.net,daily,confirmed,f\nb@example.net,daily,confirmed,f\n"
    done = take_in(text, consent="form", now=NOW + DAY)
    assert faults(done) == [("line 2", "has unsubscribed"), ("line 3", "is suppressed")]
    assert everyone()["a@example.net"][0].state == SubscriptionState.UNSUBSCRIBED


def test_nothing_is_stored_anew_of_who_asked_to_be_forgotten(take_in, everyone, database):
    take_in("email\na@example.net\n", consent="form")
    with database.begin() as db:
        subscribers.erase(db, "a@example.net", now=NOW)
    text = (
        "email,newsletter,state,consent,suppressed\na@example.net,daily,unsubscribed,f,\na@example.net,daily,,,bounce\n"
    )
    assert counts(take_in(text)) == {"already": 2}
    assert everyone() == {}


def test_who_came_back_after_leaving_elsewhere_stays(take_in, everyone):
    take_in("email\na@example.net\n", consent="form")
    text = "email,newsletter,state,consent,left_at\na@example.net,daily,unsubscribed,,{}\n"
    assert counts(take_in(text.format((NOW - DAY).isoformat()))) == {"already": 1}
    assert counts(take_in(text.format((NOW + DAY).isoformat()))) == {"left": 1}
    one, _ = everyone()["a@example.net"]
    assert (one.state, one.left_at) == (SubscriptionState.UNSUBSCRIBED, NOW + DAY)


def test_domains_that_pass_for_others_are_shown(take_in):
    done = take_in("email\nada@аррӏе.com\nbela@bücher.example\n".encode())
    (one,) = done.look_alikes
    assert (one.where, one.domain, one.like) == ("line 2", "xn--80ak6aa92e.com", "apple.com")
    assert counts(done) == {"asked": 2}


def test_letters_beyond_ascii_before_the_at_are_let_in_where_they_can_be_sent_to(take_in, everyone):
    text = "email\njürgen@example.net\n"
    assert faults(take_in(text)) == [("line 2", "not an e-mail address")]
    assert counts(take_in(text, smtputf8=True)) == {"asked": 1}
    assert list(everyone()) == ["jürgen@example.net"]


# --- our own export --------------------------------------------------------------------------------------------------


@pytest.fixture
def export(database):
    def run(write=write_table):
        file = io.StringIO(newline="")
        with database.read() as db:
            write(file, subscribers.export(db))
        return file.getvalue()

    return run


@pytest.fixture
def forget(database):
    def run():
        with database.begin() as db:
            for one in [*subscribers.listing(db)]:
                subscribers.erase(db, one.subscriber.address, now=NOW)
            db.exec_driver_sql("DELETE FROM suppressions")

    return run


FULL = (
    "email,name,newsletter,frequency,hour,sections,state,consent,uid,suppressed,created_at,asked_at,confirmed_at,left_at,"
    "paused_until\n"
    'a@example.net,=cmd(),daily,weekly,7:30,World;Sport,confirmed,"\'=1\n{""at"": 2}",00000000000000aa,,'
    "2020-01-02T03:04:05+00:00,2020-01-02T03:04:05+00:00,2020-01-03T03:04:05+00:00,,2027-01-01T00:00:00+00:00\n"
    "b@example.net,''+49,daily,daily,,,unsubscribed,form,00000000000000bb,complaint,2020-01-02T03:04:05+00:00,,"
    "2020-01-03T03:04:05+00:00,2021-01-03T03:04:05.678901+00:00,\n"
    "c@example.net,,daily,daily,18:00,,unconfirmed,form,00000000000000cc,,2020-01-02T03:04:05+00:00,"
    "2026-11-22T00:00:00+00:00,,,\n"
)


def test_an_export_comes_back_as_the_same_people(take_in, everyone, export, forget):
    assert not take_in(FULL).refused
    before, text = everyone(), export()
    forget()
    assert not take_in(text).refused
    after = everyone()
    assert export() == text

    def known(found):
        return {
            address: (replace(one, subscriber=replace(one.subscriber, id=0)), why)
            for address, (one, why) in found.items()
        }

    assert known(after) == known(before)
    assert after["a@example.net"][0].subscriber.name == "=cmd()"
    assert after["b@example.net"][1] is Reason.COMPLAINT


def test_no_cell_of_an_export_is_run_by_a_spreadsheet(take_in, export):
    take_in(FULL)
    cells = [cell for row in csv.reader(io.StringIO(export(), newline="")) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]


def test_an_export_as_json_has_an_object_a_line(take_in, export):
    take_in(FULL)
    first = json.loads(export(write_lines).splitlines()[0])
    assert (first["email"], first["sections"], first["state"]) == ("a@example.net", ["World", "Sport"], "confirmed")
    assert first["hour"] == "07:30"
    assert first["created_at"] == "2020-01-02T03:04:05+00:00"


def test_confirmed_without_evidence_is_asked(take_in):
    text = "email,newsletter,state,consent\na@example.net,daily,confirmed,\n"
    assert counts(take_in(text)) == {"asked": 1}


def test_rows_of_other_newsletters_are_not_mixed_in(take_in):
    text = "email,newsletter,state,consent\na@example.net,weekly,,\nb@example.net,daily,,\n"
    done = take_in(text)
    assert counts(done) == {"asked": 1}
    assert faults(done)[0][1].startswith("no newsletter 'weekly'")


LETTERS = ("daily", "weekly")
HEADER = "email,newsletter,state,consent,suppressed\n"


@pytest.fixture
def take_in_both(settings, database, tmp_path):
    """As `take_in`, for two newsletters."""

    def run(text, **order):
        path = tmp_path / "readers.csv"
        path.write_text(HEADER + text)
        mine = settings.model_copy(update={"newsletters": dict.fromkeys(LETTERS, Newsletter())})
        return import_readers(mine, database, [path], Order(**order), now=NOW)

    return run


def test_rows_of_one_person_are_taken_in_their_order_whichever_newsletter_they_are_for(take_in_both, suppressed):
    text = (
        "a@example.net,daily,confirmed,form,\na@example.net,weekly,confirmed,form,\nb@example.net,daily,,,\n"
        "c@example.net,weekly,confirmed,form,bounce\nc@example.net,daily,confirmed,form,\n"
    )
    done = take_in_both(text, dry_run=True)
    assert counts(done) == {"confirmed": 2, "asked": 1, "suppressed": 1, "is suppressed": 1}
    assert faults(done) == [("line 6", "is suppressed")]
    assert take_in_both(text) == done
    assert list(suppressed()) == ["c@example.net"]


def test_however_newsletters_alternate_it_takes_as_many_statements(take_in_both, database):
    asked = []
    event.listen(database.engine, "before_cursor_execute", lambda *of: asked.append(of[2]))

    def statements(first, people):
        names = [f"{number}@example.net,{letter}" for number in range(first, first + people) for letter in LETTERS]
        asked.clear()
        assert take_in_both("".join(f"{name},confirmed,form,\n" for name in names)).confirmed == 2 * people
        return len(asked)

    statements(0, 1)  # the first asks what the server is
    assert statements(1, 2) == statements(3, 200)


@given(st.text(max_size=20))
def test_what_is_defused_comes_back(cell):
    assert undefused(defused(cell)) == cell


# --- of other programs -----------------------------------------------------------------------------------------------

LISTMONK = (
    "uuid,email,name,attributes,status,created_at,updated_at\n"
    'u-1,a@example.net,Ada,"{""lang"": ""de"", ""tags"": [""sport"", ""vip""]}",enabled,'
    "2024-05-06 07:08:09.123456 +0000 UTC,2024-06-06 07:08:09 +0200 CEST\n"
    "u-2,b@example.net,Bela,{},blocklisted,2024-05-06 07:08:09 +0000 UTC,2024-06-06 07:08:09 +0000 UTC\n"
    "u-3,c@example.net,Cleo,{},disabled,2024-05-06 07:08:09 +0000 UTC,2024-06-06 07:08:09 +0000 UTC\n"
    "u-4,d@example.net,Dora,{,enabled,2024-05-06 07:08:09 +0000 UTC,\n"
)


def test_listmonk(take_in, everyone, suppressed):
    done = take_in(LISTMONK)
    assert counts(done) == {"asked": 1, "suppressed": 1, "left": 1}
    assert faults(done) == [("line 5", "the attributes are no JSON")]
    found = everyone()
    one = found["a@example.net"][0]
    assert (one.subscriber.language, one.sections) == ("de", ("Sport",))
    assert one.subscriber.created_at.isoformat() == "2024-05-06T07:08:09.123456+00:00"
    assert "b@example.net" not in found
    assert suppressed()["b@example.net"].reason is Reason.MANUAL
    assert found["c@example.net"][0].state == SubscriptionState.UNSUBSCRIBED
    assert "does not say who confirmed" in next(iter(done.forms.values())).remark


def test_evidence_of_the_whole_list_stands_beside_that_of_the_export(take_in, everyone):
    assert take_in(LISTMONK, consent="Double opt-in in listmonk").confirmed == 1
    first, second = everyone()["a@example.net"][0].consent.splitlines()
    assert json.loads(first)["from"] == "listmonk"
    assert second == "Double opt-in in listmonk"


BEFORE = (
    "Email Address,First Name,Last Name,Birthday,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,TIMEZONE"
)
SUBSCRIBED = (
    f"{BEFORE},LAST_CHANGED,LEID,EUID,NOTES,TAGS\n"
    'a@example.net,Ada,L.,,2,"2024-05-06 07:08:09",192.0.2.1,"2024-05-06 08:00:00",192.0.2.2,Europe/Rome,'
    '"2024-05-06 08:00:00",1,e1,,"""VIP"",""world"""\n'
    'b@example.net,Bela,,,2,,,"2024-05-06 08:00:00",,Nowhere/Land,,2,e2,,\n'
)
GONE = f'{BEFORE},UNSUB_TIME,UNSUB_REASON,LEID,EUID\nc@example.net,C,,,2,,,,,,"2024-07-01 00:00:00",NORMAL,3,e3\n'
CLEANED = f'{BEFORE},CLEAN_TIME,LEID,EUID\nd@example.net,D,,,2,,,,,,"2024-08-01 00:00:00",4,e4\n'
NEVER = f"{BEFORE},LEID,EUID\ne@example.net,E,,,2,,,,,,5,e5\n"


def archive():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zipped:
        zipped.writestr("subscribed_members_export_1a.csv", SUBSCRIBED)
        zipped.writestr("unsubscribed_members_export_1a.csv", GONE)
        zipped.writestr("cleaned_members_export_1a.csv", CLEANED)
        zipped.writestr("nonsubscribed_members_export_1a.csv", NEVER)
        zipped.writestr("readme.txt", "no table")
    return file.getvalue()


@pytest.mark.parametrize(
    "files",
    [
        {"audience.zip": archive()},
        {
            "1.csv": SUBSCRIBED,
            "2.csv": GONE,
            "3.csv": CLEANED,
            "nonsubscribed_members_export_1a.csv": NEVER,
        },
    ],
    ids=["zip", "renamed"],
)
def test_mailchimp(take_in, everyone, suppressed, files):
    done = take_in(files)
    assert counts(done) == {"confirmed": 1, "asked": 1, "left": 1, "suppressed": 1}
    assert [error for _, error in faults(done)] == ["Mailchimp says nonsubscribed: has not agreed to a newsletter"]
    assert {tuple(form.ignored) for form in done.forms.values()} == {("Birthday",)}
    found = everyone()
    one = found["a@example.net"][0]
    assert one.state == SubscriptionState.CONFIRMED
    assert (one.subscriber.name, one.subscriber.timezone, one.sections) == ("Ada L.", "Europe/Rome", ("World",))
    assert json.loads(one.consent) == {
        "from": "Mailchimp",
        "opted_in_at": "2024-05-06T07:08:09+00:00",
        "opted_in_ip": "192.0.2.1",
        "confirmed_at": "2024-05-06T08:00:00+00:00",
        "confirmed_ip": "192.0.2.2",
    }
    assert one.confirmed_at.isoformat() == "2024-05-06T08:00:00+00:00"
    assert found["b@example.net"][0].state == SubscriptionState.UNCONFIRMED
    assert found["c@example.net"][0].left_at.isoformat() == "2024-07-01T00:00:00+00:00"
    assert set(found) == {"a@example.net", "b@example.net", "c@example.net"}
    assert suppressed()["d@example.net"].reason is Reason.BOUNCE


def test_a_zip_counts_as_large_as_what_is_in_it(tmp_path):
    path = tmp_path / "audience.zip"
    path.write_bytes(archive())
    assert size([path]) == sum(len(one.encode()) for one in (SUBSCRIBED, GONE, CLEANED, NEVER))
    with zipfile.ZipFile(path, "w") as zipped:
        zipped.writestr("readme.txt", "no table")


GHOST = (
    "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers\n"
    'm1,a@example.net,Ada,"early, backer",true,true,cus_1,2024-01-15T10:00:00.000Z,,"Sport,VIP",\n'
    "m2,b@example.net,Bela,,false,false,,2024-02-01T12:30:00.000Z,,,\n"
    "m3,c@example.net,Cleo,,true,false,,2024-02-01T12:30:00.000Z,2024-03-01T12:30:00.000Z,,\n"
    "m4,d@example.net,Dora,,,false,,2024-02-01T12:30:00.000Z,,,\n"
)


def test_ghost(take_in, everyone):
    done = take_in(GHOST)
    assert counts(done) == {"asked": 1, "left": 2}
    assert faults(done) == [("line 5", "subscribed_to_emails is neither true nor false")]
    found = everyone()
    assert found["a@example.net"][0].sections == ("Sport",)
    assert found["a@example.net"][0].subscriber.created_at.isoformat() == "2024-01-15T10:00:00+00:00"
    assert found["c@example.net"][0].left_at.isoformat() == "2024-03-01T12:30:00+00:00"
    assert [list(form.ignored) for form in done.forms.values()] == [[]]


@pytest.mark.parametrize("text", [LISTMONK, GHOST, SUBSCRIBED, GONE, CLEANED])
def test_an_export_twice_changes_nothing(take_in, everyone, suppressed, text):
    first = take_in(text)
    before = everyone(), suppressed()
    second = take_in(text, now=NOW + DAY)
    assert set(counts(second)) <= {"already"}
    assert second.refused == first.refused
    assert (everyone(), suppressed()) == before


def test_whose_export_it_is_can_be_said(take_in):
    text = "Email Address,OPTIN_TIME,CONFIRM_TIME\na@example.net,2024-05-06 07:08:09,2024-05-06 08:00:00\n"
    assert counts(take_in(text, dry_run=True)) == {"asked": 1}
    assert counts(take_in(text, form="mailchimp")) == {"confirmed": 1}
    with pytest.raises(DigestError, match="no export of digest"):
        take_in(text, form="digest")


def test_an_archive_without_a_table_is_told(take_in):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zipped:
        zipped.writestr("readme.txt", "no table")
    with pytest.raises(DigestError, match=r"no \.csv file in the archive"):
        take_in({"audience.zip": file.getvalue()})

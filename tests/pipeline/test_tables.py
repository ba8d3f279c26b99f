"""Tables of readers as batches: the same from another process as from this one."""

import csv
import pickle
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model import NO_PAST
from digest.pipeline.tables import BATCH, Reading, batches, read, size

APART = 0  #: bytes from which a process of its own reads

OWN = (
    "email,name,newsletter,sections,state,consent,suppressed,left_at\n"
    "a@example.net,Ada,daily,World;Sport,confirmed,form,,\n"
    "b@example.net,Bela,weekly,,unsubscribed,,complaint,2026-11-20T07:00:00+02:00\n"
    "c@example.net,Cleo,daily,,elsewhere,,,\n"
)
GHOST = (
    "id,email,subscribed_to_emails,complimentary_plan,created_at,labels\n1,d@example.net,true,true,2024-01-15,Sport\n"
)


@pytest.fixture
def folder(tmp_path):
    """Tables of several kinds, some of which cannot be read."""
    plain = "\n".join(f"reader{number}@mail{number % 7}.example,Reader {number}" for number in range(BATCH + 5))
    bad = "nobody,N\n\ne@example.net,\0\nf@аррӏе.com,F\n".encode() + b"g@example.net,\xfc\n" + b'h@example.net,"open'
    (tmp_path / "plain.csv").write_bytes(b"email,name\n" + plain.encode() + b"\n" + bad)
    (tmp_path / "own.csv").write_text(OWN)
    (tmp_path / "none.csv").write_text("name\nAda\n")
    with zipfile.ZipFile(tmp_path / "some.zip", "w") as zipped:
        zipped.writestr("b.csv", GHOST)
        zipped.writestr("a.csv", OWN.encode("utf-16"))
    damaged = (tmp_path / "some.zip").read_bytes().replace(b"PK\1\2", b"PK\0\0")
    (tmp_path / "broken.zip").write_bytes(damaged)
    return tmp_path


def test_another_process_reads_the_same(folder):
    paths = [*sorted(folder.iterdir()), folder / "missing.csv"]
    reading = Reading(paths=paths, sections=("Sport",))
    here = [*batches(reading)]
    assert [*read(reading, much=APART)] == here
    assert [len(one.entries) for one in here if one.entries] == [2, BATCH, 7, 2, 1]
    assert [line for one in here for line, _ in one.refused] == [4, BATCH + 7, BATCH + 9, BATCH + 11, 4]
    assert [one.like for batch in here for one in batch.look_alikes] == ["apple.com"]
    assert {one.path.rpartition("/")[2]: one.fault for one in here if one.fault} == {
        "broken.zip": "Bad magic number for central directory",
        "missing.csv": "No such file or directory",
        "none.csv": "no column named email in the first line",
    }


def test_sizes_add_up(folder):
    """Also where a table cannot be read to its end, or at all."""
    paths = [folder / name for name in ("own.csv", "plain.csv", "some.zip")]
    assert sum(one.size for one in batches(Reading(paths=paths))) == size(paths) > 0
    assert size([folder / "missing.csv", folder / "broken.zip"]) == 0


CELLS = st.text(st.sampled_from("ab@.é;'= "), max_size=8)
STATES = st.sampled_from(["", "confirmed", "unsubscribed", "elsewhere"])


@given(st.lists(st.tuples(CELLS, CELLS, STATES, CELLS, CELLS), max_size=5), st.booleans())
def test_what_goes_to_another_process_comes_there_as_it_was(tmp_path_factory, rows, own):
    path = tmp_path_factory.mktemp("tables") / "readers.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        header = ["email", "name", "state", "sections", "consent"] + ["newsletter"] * own
        csv.writer(file).writerows([header, *([f"{email}@example.net", *others] for email, *others in rows)])
    here = [*batches(Reading(paths=[path]))]
    there = pickle.loads(pickle.dumps(here))
    assert there == here
    plain = [person.past is NO_PAST for batch in there for *_, person in batch.entries]
    assert all(plain) or own, "who has no past keeps having the one that is looked for"

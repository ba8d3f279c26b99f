"""`digest edition`: an editor's session in the terminal."""

from datetime import UTC, datetime

import pytest

NEWS = "https://news.example.org"


@pytest.fixture
def today() -> str:
    return f"daily/{datetime.now(UTC):%Y-%m-%d}"


@pytest.fixture
def edition(digest, news, today):
    """`edition("pin", "2")`: an operation on the draft of today, which has three stories."""
    digest("import", str(news))
    assert len(digest("build", "--json").json["stories"]) == 3

    def run(command, *words):
        return digest("edition", command, today, *words)

    return run


def headlines(said):
    return [story["headline"] for story in said.json["stories"]]


def test_a_session(edition, digest, today):
    before = headlines(digest("editions", "show", today, "--json"))
    moved = edition("move", f"{NEWS}/storm", "--place", "1", "--who", "anna", "--json")
    assert headlines(moved)[0] == "Storm closes the northern ports for a second day"
    assert moved.json["revision"] == 1
    assert moved.json["operations"][0]["operation"]["kind"] == "move"

    assert edition("reword", f"{NEWS}/storm", "--headline", "Ports closed").code == 0
    assert edition("drop", f"{NEWS}/chips").code == 0
    assert edition("split", f"{NEWS}/bank-2").code == 0
    assert edition("lead", f"{NEWS}/bank-3").code == 0
    assert edition("section", "1", "World").code == 0
    assert edition("image", "1", "https://img.example.org/port.jpg", "--alt", "Ships").code == 0
    assert edition("preheader", "And a cut of rates").code == 0
    assert edition("note", "Good *morning*.").code == 0
    shown = edition("sponsor", "Example Bank", "No fee.", "https://bank.example.com", "--json")
    assert shown.json["preheader"] == "And a cut of rates"
    assert shown.json["subject"] == "Ports closed"
    assert [one["fate"] for one in shown.json["operations"]] == ["applied"] * 10
    shown = edition("subject", "Storm and rates")
    assert "Subject: Storm and rates" in shown.out
    assert "Ports closed" in shown.out

    log = edition("log", "--json").json
    assert [one["operation"]["kind"] for one in log["operations"]][:3] == ["move", "reword", "drop"]
    assert log["operations"][0]["who"] == "anna"
    assert edition("undo").code == 0
    assert edition("undo", "--all").code == 0
    assert headlines(digest("editions", "show", today, "--json")) == before
    assert "nothing to undo" in edition("undo").err
    assert "undone by" in edition("log").out


def test_two_stories_are_one_and_subjects_are_proposed(edition):
    merged = edition("merge", f"{NEWS}/storm", f"{NEWS}/chips", "--json")
    assert len(merged.json["stories"]) == 2
    proposals = edition("subject", "--propose", "--json").json["proposals"]
    assert proposals[0] == merged.json["subject"]
    assert len(proposals) == 2
    assert all(len(one) <= 70 for one in proposals)


def test_what_is_left_out_has_the_number_that_it_is_put_in_by(edition, digest, today):
    edition("drop", f"{NEWS}/chips")
    shown = digest("editions", "show", today)
    (left,) = digest("editions", "show", today, "--json").json["runners_up"]
    assert (left["number"], left["url"]) == (3, f"{NEWS}/chips")
    assert f"  3. left out: {left['headline']}  ({left['reason']})" in shown.out.splitlines()
    assert headlines(edition("pin", str(left["number"]), "--json"))[0] == left["headline"]


def test_who_was_overtaken_is_told(edition):
    assert edition("reword", "1", "--headline", "One").code == 0
    said = edition("reword", "1", "--headline", "Two", "--revision", "0")
    assert (said.code, said.out) == (1, "")
    assert "others have changed the same since revision 0: reword" in said.err


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("pin", "99"), "no story 99"),
        (("move", "1"), "say one: a place from 1 on, or before which story"),
        (("reword", "1"), "say a headline, a blurb or both"),
        (("sponsor", "A", "B", "ftp://x"), "has to begin with https://"),
        (("undo", "7"), "no operation 7; `digest edition log daily/"),
        (("split", "1"), "1 is not the address of an article of “"),
        (("split", f"{NEWS}/storm"), "it has no other article"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(edition, words, error):
    said = edition(*words)
    assert said.code == 1
    assert error in said.err
    assert said.err.count("\n") == 1


def test_who_signed_it_off_is_in_the_record(edition, digest, today):
    assert digest("hold", today, "--who", "anna").code == 0
    assert digest("approve", today, "--who", "ben").code == 0
    assert [(one["action"], one["who"]) for one in edition("log", "--json").json["signed"]] == [
        ("held", "anna"), ("lifted", "ben"), ("approved", "ben"),
    ]  # fmt: skip
    assert "only a draft can change" in edition("note", "Late").err

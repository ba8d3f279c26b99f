"""`digest feedback`, and `digest suppressions explain`, from the files to the story of an address."""

import mailbox

import pytest

from bounces import complaint, plain, report
from postbox import Mailbox


@pytest.fixture
def sent(digest, news, readers, mailbox: Mailbox, tmp_path):
    """An edition that two readers have; the copies by address."""
    assert digest("import", str(news)).code == 0
    assert digest("subscribers", "import", str(readers), "--consent", "Yes").code == 0
    said = digest("build", "--json")
    said = digest("send", said.json["edition"], "--json")
    assert said.json["sent"] == 2
    return {one.recipient: one for one in mailbox.messages}


def bounce(copy, **over):
    return report(copy.recipient, to=copy.sender, **over)


def test_files_folders_maildirs_and_mboxes(digest, sent, tmp_path):
    ada, bela = sent["ada@example.net"], sent["bela@example.net"]
    folder = tmp_path / "came"
    folder.mkdir()
    box = mailbox.Maildir(folder / "Maildir")
    box.add(bounce(ada))
    (folder / "Maildir" / "tmp" / "half").write_bytes(b"From: nobody")
    (folder / "one.eml").write_bytes(plain("Lunch?", "At noon?", sender="friend@example.com"))
    mbox = mailbox.mbox(tmp_path / "some.mbox")
    token = str(bela.parsed["CFBL-Feedback-ID"]).partition(":")[2]
    mbox.add(complaint("redacted", token=token))
    mbox.add(bounce(ada))
    mbox.close()
    said = digest("feedback", str(folder), str(tmp_path / "some.mbox"), "--json")
    rows = said.json["messages"]
    assert [(row["kind"], row["severity"], row["status"], row["address"], row["action"]) for row in rows] == [
        ("ordinary", "", "", "friend@example.com", "not ours"),
        ("bounce", "hard", "5.1.1", "ada@example.net", "suppressed"),
        ("complaint", "", "", "bela@example.net", "suppressed"),
        ("bounce", "hard", "5.1.1", "ada@example.net", "known"),
    ]
    assert rows[2]["path"] == f"{tmp_path / 'some.mbox'}, message 1"
    assert rows[1]["edition"].startswith("daily/")
    assert len(list(folder.rglob("*.eml"))) == 1
    assert len(mailbox.Maildir(folder / "Maildir")) == 1  # files stay as they are


def test_a_dry_run_and_words_for_people(digest, sent, tmp_path):
    file = tmp_path / "one.eml"
    file.write_bytes(bounce(sent["ada@example.net"]))
    said = digest("feedback", str(file), "--dry-run")
    assert "1 message read, 1 would have an effect, 0 could not be read" in said.out
    assert digest("suppressions", "list", "--json").json == {"suppressions": []}


def test_what_cannot_be_read_is_told_and_does_not_stop_the_rest(digest, sent, tmp_path):
    folder = tmp_path / "came"
    folder.mkdir()
    (folder / "a.eml").symlink_to(folder / "nowhere")
    (folder / "b.eml").write_bytes(bounce(sent["ada@example.net"]))
    said = digest("feedback", str(folder), "--json")
    assert (said.code, len(said.json["messages"])) == (0, 1)
    assert said.json["rejected"] == [{"path": str(folder / "a.eml"), "error": "no such file or directory"}]
    (folder / "b.eml").unlink()
    assert digest("feedback", str(folder)).code == 1


def test_the_mailto_of_a_copy_unsubscribes(digest, sent, tmp_path):
    copy = sent["ada@example.net"]
    _, mailto = str(copy.parsed["List-Unsubscribe"]).split(",")
    subject = mailto.strip(" <>").partition("?subject=")[2].replace("%20", " ")
    file = tmp_path / "leave.eml"
    file.write_bytes(plain(subject, "", sender="ada@example.net"))
    (row,) = digest("feedback", str(file), "--json").json["messages"]
    assert (row["kind"], row["action"], row["address"]) == ("unsubscribe", "unsubscribed", "ada@example.net")
    (one,) = digest("subscribers", "show", "ada@example.net", "--json").json["subscriptions"]
    assert one["state"] == "unsubscribed"


def test_the_story_of_an_address(digest, sent, tmp_path):
    file = tmp_path / "one.eml"
    file.write_bytes(bounce(sent["ada@example.net"], said="552 5.2.2 over quota", status="5.2.2"))
    digest("feedback", str(file))
    told = digest("suppressions", "explain", "Ada@example.net", "--json").json
    assert (told["suppression"], told["score"], told["threshold"]) == (None, 0.5, 5.0)
    assert [(one["state"], one["came_back"], one["score"]) for one in told["turns"]] == [("sent", ["soft"], 0.5)]
    assert [(one["kind"], one["cause"], one["action"]) for one in told["events"]] == [
        ("bounce", "mailbox full", "counted")
    ]
    assert [one["state"] for one in told["subscriptions"]] == ["confirmed"]
    said = digest("suppressions", "explain", "ada@example.net").out
    assert said.splitlines()[0] == "ada@example.net is not suppressed"
    assert "soft bounce 5.2.2 mailbox full: counted (552 5.2.2 over quota)" in said


def test_an_operator_who_lets_an_address_have_mail_again_begins_anew(digest, sent, tmp_path):
    file = tmp_path / "one.eml"
    file.write_bytes(bounce(sent["ada@example.net"]))
    digest("feedback", str(file))
    assert digest("suppressions", "explain", "ada@example.net").out.startswith("ada@example.net is suppressed (bounce)")
    digest("suppressions", "remove", "ada@example.net")
    told = digest("suppressions", "explain", "ada@example.net", "--json").json
    assert (told["suppression"], told["score"]) == (None, 0)
    assert [one["kind"] for one in told["events"]] == ["bounce", "cleared"]


def test_an_address_that_nobody_has(digest):
    told = digest("suppressions", "explain", "nobody@example.net", "--json").json
    assert (told["suppression"], told["turns"], told["events"]) == (None, [], [])

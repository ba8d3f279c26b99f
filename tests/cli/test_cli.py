"""The contract of the command line: what is printed, and the exit codes."""

import json
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner
from PIL import Image

from digest.cli import main
from digest.config import WEEKDAYS


@pytest.fixture
def today() -> str:
    return f"daily/{datetime.now(UTC):%Y-%m-%d}"


def test_the_walk(digest, news, readers, mailbox, today):
    """Articles in, stories, an edition, readers, mail, and nobody twice."""
    imported = digest("import", str(news), "--json")
    assert imported.code == 0
    counts = {key: imported.json[key] for key in ("read", "stored", "updated", "duplicate")}
    assert counts == {"read": 6, "stored": 5, "updated": 0, "duplicate": 0}
    (rejected,) = imported.json["rejected"]
    assert rejected["where"] == "line 6"
    assert digest("import", str(news), "--json").json["duplicate"] == 5

    stories = digest("stories", "--all", "--json").json
    urls = [one["url"] for story in stories["stories"] for one in story["articles"]]
    assert len(urls) == len(set(urls)) == stories["articles"] == 5
    for story in stories["stories"]:
        assert sum(point["points"] for point in story["ledger"]) == pytest.approx(story["score"], abs=1e-4)
        assert story["change"]["in"] == (story["change"]["bar"] is None) == (not story["change"]["reason"])
        assert story["change"]["sentence"].endswith(".")

    built = digest("build", "daily", "--json").json
    assert built["edition"] == today
    assert built["state"] == "draft"
    assert built["stories"][0]["headline"]

    done = digest("subscribers", "import", str(readers), "--newsletter", "daily", "--consent", "asked", "--json").json
    assert (done["confirmed"], len(done["refused"])) == (2, 1)

    sent = digest("send", "--json")
    assert sent.code == 0
    assert sent.json["edition"] == today
    assert (sent.json["audience"], sent.json["sent"], sent.json["waiting"]) == (2, 2, 0)
    assert sorted(mailbox.addresses) == ["ada@example.net", "bela@example.net"]
    assert digest("send", today, "--json").json["sent"] == 2
    assert len(mailbox.messages) == 2

    rows = digest("deliveries", "list", today, "--json").json["deliveries"]
    listed = {row["address"]: row for row in rows}
    assert listed["ada@example.net"]["state"] == "sent"
    assert listed["ada@example.net"]["code"].startswith("250")
    assert {row["message_id"] for row in rows} == {one.parsed["Message-ID"] for one in mailbox.messages}
    assert digest("editions", "show", today, "--json").json["state"] == "done"


def test_why_speaks_of_an_article(digest, news):
    digest("import", str(news))
    said = digest("why", "https://news.example.org/storm")
    assert said.code == 0
    assert "Storm closes" in said.out or "story" in said.out
    missing = digest("why", "https://news.example.org/nothing")
    assert missing.code == 1
    assert missing.err.startswith("digest: no article")


def test_a_story_that_is_out_is_told_what_it_lacks(digest, news, monkeypatch):
    monkeypatch.setenv("DIGEST_NEWSLETTERS__DAILY__STORIES", "1")
    digest("import", str(news))
    first, second, *_ = digest("stories", "--json").json["stories"]
    assert first["change"]["in"]
    assert first["change"]["points"] == pytest.approx(second["change"]["points"])
    assert second["change"]["bar"] == "full"
    assert second["change"]["signal"]
    assert second["change"]["sentence"] in digest("why", second["url"]).out


def test_an_editor_overrules_the_ranking(digest, news):
    digest("import", str(news))
    assert digest("decide", "pin", "https://news.example.org/chips").code == 0
    assert digest("decide", "drop", "https://news.example.org/storm").code == 0
    headlines = [story["headline"] for story in digest("build", "--json").json["stories"]]
    assert headlines[0].startswith("Chipmaker")
    assert not any(headline.startswith("Storm") for headline in headlines)
    assert digest("decide", "clear", "https://news.example.org/storm").code == 0
    assert digest("decide", "clear", "https://news.example.org/storm").code == 1


def test_waiting_deliveries_end_send_with_75(digest, news, readers, mailbox, today):
    mailbox.refuse["ada@example.net"] = "451 4.3.0 later"
    digest("import", str(news))
    digest("build")
    digest("subscribers", "import", str(readers), "--consent", "asked")
    said = digest("send", "--json")
    assert said.code == 75
    assert (said.json["sent"], said.json["waiting"]) == (1, 1)
    mailbox.refuse.clear()
    assert digest("deliveries", "retry", today).code == 0
    assert digest("send", today).code == 0


def test_a_refusing_server_pauses_sending_with_one_line(digest, news, readers, mailbox, today):
    mailbox.refuse["mail"] = "550 5.7.1 sender refused"
    digest("import", str(news))
    digest("build")
    digest("subscribers", "import", str(readers), "--consent", "asked")
    for _ in range(3):
        said = digest("send", "--json")
        digest("deliveries", "retry", today) if said.code == 75 else None
    assert said.code in (1, 75)
    assert said.json["failed"] == 0
    assert "Traceback" not in said.err


def test_nobody_without_consent_is_mailed(digest, news, readers, mailbox):
    digest("import", str(news))
    digest("build")
    assert digest("subscribers", "import", str(readers), "--json").json["asked"] == 2
    assert digest("send", "--json").json["audience"] == 0
    assert mailbox.messages == []


def test_an_import_brings_back_nobody_who_left(digest, readers):
    digest("subscribers", "import", str(readers), "--consent", "asked")
    assert digest("unsubscribe", "ada@example.net").code == 0
    digest("subscribers", "import", str(readers), "--consent", "asked again")
    states = {row["address"]: row["state"] for row in digest("subscribers", "list", "--json").json["subscribers"]}
    assert states["ada@example.net"] == "unsubscribed"


def test_a_dry_run_changes_nothing(digest, news, readers, mailbox, today):
    done = digest("subscribers", "import", str(readers), "--consent", "asked", "--dry-run", "--json").json
    assert done["confirmed"] == 2
    assert digest("subscribers", "list", "--json").json["subscribers"] == []
    digest("subscribers", "import", str(readers), "--consent", "asked")
    digest("import", str(news))
    digest("build")
    assert digest("send", "--dry-run", "--json").json["would_send"] == 2
    assert mailbox.messages == []
    assert digest("editions", "show", today, "--json").json["state"] == "draft"


@pytest.fixture
def of_the_week(digest, news, tmp_path, monkeypatch):
    """News, a daily reader, one of a section that has none, and a weekly one on the day of the week."""
    monkeypatch.setenv("DIGEST_NEWSLETTERS__DAILY__WEEKLY_DAY", WEEKDAYS[datetime.now(UTC).weekday()])
    path = tmp_path / "of-the-week.csv"
    rows = ["email,frequency,sections", "ada@example.net,daily,", "bela@example.net,daily,Chess"]
    path.write_text("\n".join([*rows, "cleo@example.net,weekly,"]))
    digest("import", str(news))
    digest("subscribers", "import", str(path), "--consent", "asked")


def test_a_dry_run_counts_whom_a_send_would_mail(digest, of_the_week, mailbox, today):
    digest("build")
    planned = digest("send", today, "--dry-run", "--json").json
    assert (planned["would_send"], planned["variants"], planned["without"]) == (1, {"default": 1}, 1)
    assert "1 reader would get it; 1 reader of other sections would not." in digest("send", today, "--dry-run").out
    assert digest("editions", "show", today, "--json").json["without"] == 1
    assert digest("send", today, "--json").json["sent"] == 1
    assert digest("send", today, "--dry-run", "--json").json["would_send"] == 0


def test_the_edition_of_the_week_goes_along(digest, of_the_week, mailbox, today):
    built = digest("build", "--json").json
    assert (built["edition"], built["cadence"]) == (today, "daily")
    assert [one["edition"] for one in built["also"]] == [f"{today}-weekly"]
    assert digest("preview", f"{today}-weekly", "--out", "out").code == 0
    sent = digest("send", "--json").json
    assert (sent["edition"], sent["sent"]) == (today, 1)
    assert [(one["edition"], one["sent"]) for one in sent["also"]] == [(f"{today}-weekly", 1)]
    subjects = {one.recipient: one.parsed["Subject"] for one in mailbox.messages}
    week = subjects["cleo@example.net"].removeprefix("The week: ")
    assert week != subjects["cleo@example.net"]
    assert subjects["ada@example.net"].startswith(week)
    again = digest("build")
    assert again.code == 1
    assert "only a draft can change" in again.err


def test_an_edition_on_hold_does_not_stop_that_of_the_week(digest, of_the_week, mailbox, today):
    digest("build")
    digest("hold", today)
    said = digest("send", "--json")
    assert said.code == 1
    assert "is on hold" in said.err
    assert (said.json["edition"], said.json["sent"]) == (f"{today}-weekly", 1)


def test_doctor_prints_what_mends_below_what_is_wrong(digest, tmp_path):
    (tmp_path / "config.toml").chmod(0o644)
    lines = digest("doctor", "--offline").out.splitlines()
    (at,) = [number for number, line in enumerate(lines) if "permissions: " in line and "config.toml" in line]
    assert lines[at + 1] == f"      chmod 600 {tmp_path / 'config.toml'}"
    assert digest("doctor", "--sends-from", "the relay").code == 2


def test_a_database_is_checked_and_what_is_wrong_is_told(digest, tmp_path):
    assert "and whole" in digest("database", "check").out
    damaged = sqlite3.connect(tmp_path / "digest.db")
    damaged.execute("INSERT INTO slots (newsletter, day, due_at, taken_at) VALUES ('nobody', '2026-11-23', '', '')")
    damaged.commit()
    damaged.close()
    said = digest("database", "check")
    assert said.code == 1
    assert "slots: row 1 refers to a row of newsletters" in said.out
    assert "1 fault" in said.err


def test_status_names_the_next_edition_of_the_week_where_it_has_readers(digest, of_the_week):
    assert [one["cadence"] for one in digest("status", "--json").json["next"]] == ["daily", "weekly"]
    assert "the next edition for weekly readers is due" in digest("status").out
    assert digest("unsubscribe", "cleo@example.net").code == 0
    assert [one["cadence"] for one in digest("status", "--json").json["next"]] == ["daily"]


def test_variants_are_shown_with_their_bound(digest, of_the_week, tmp_path, mailbox, today):
    path = tmp_path / "german.csv"
    path.write_text("email,language\ndora@example.net,de\n")
    digest("subscribers", "import", str(path), "--consent", "asked")
    digest("build")
    assert (
        "2 readers; 2 variants (at most 100); no mail for 1 reader of other sections: not frozen"
        in digest("editions", "show", today).out
    )
    assert "2 variants (at most 100)" in digest("approve", today).out
    assert "in 2 variants (at most 100)" in digest("status").out
    (one,) = digest("status", "--json").json["editions"]
    assert (one["variants"], one["variants_bound"]) == (2, 100)


def test_what_a_reader_wishes_is_shown(digest, of_the_week):
    assert "daily, Chess only" in digest("subscribers", "list").out
    assert "weekly, all sections" in digest("subscribers", "show", "cleo@example.net").out


def test_the_export_has_no_cell_that_a_spreadsheet_would_run(digest, readers):
    digest("subscribers", "import", str(readers), "--consent", "asked")
    assert "'=cmd()" in digest("subscribers", "export").out


def test_an_import_says_what_became_of_the_rows(digest, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("mail;shoe size\nada@аррӏе.com;43\nnobody;44\nleft@example.net;45\n")
    digest("subscribers", "add", "left@example.net", "--consent", "asked")
    digest("unsubscribe", "left@example.net")
    for words, would in ((("--dry-run",), "would be "), ((), "")):
        said = digest("subscribers", "import", str(path), *words)
        assert said.out == (
            f"3 rows read: 0 {would}confirmed, 1 {would}asked to confirm, 0 {would}noted as having left, "
            f"0 {would}suppressed, 0 known already, 2 refused (1 had left, 0 suppressed, 1 not usable)\n"
        )
        assert said.err.splitlines() == [
            f"{path}, line 3: not an e-mail address",
            f"{path}, line 4: has unsubscribed",
            f"{path}: columns that nothing is made of: shoe size",
            f"{path}, line 2: xn--80ak6aa92e.com can be taken for apple.com",
        ]
    counted = digest("subscribers", "import", str(path), "--json").json
    assert {key: counted[key] for key in ("read", "already", "has_left", "unusable")} == {
        "read": 3,
        "already": 1,
        "has_left": 1,
        "unusable": 1,
    }
    assert [one["where"] for one in counted["refused"]] == ["line 3", "line 4"]
    assert counted["files"] == [{"path": str(path), "form": "csv", "ignored": ["shoe size"]}]
    shown = digest("subscribers", "show", "ada@аррӏе.com").out
    assert "its owner writes it ada@аррӏе.com" in shown
    assert "the domain can be taken for apple.com" in shown


def test_a_list_in_another_encoding_can_be_named(digest, tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes("email,name\nada@example.net,Zoë\n".encode("cp1252"))
    assert "byte 0xeb in column 2 (name)" in digest("subscribers", "import", str(path)).err
    assert digest("subscribers", "import", str(path), "--encoding", "windows-1252", "--json").json["asked"] == 1
    assert digest("subscribers", "import", str(path), "--encoding", "windows-9").code == 2


def test_an_export_is_imported_again_by_itself(digest, readers, tmp_path):
    digest("subscribers", "import", str(readers), "--consent", "asked")
    path = tmp_path / "export.csv"
    assert digest("subscribers", "export", str(path)).code == 0
    assert digest("subscribers", "import", str(path), "--json").json["already"] == 2
    names = [json.loads(line)["name"] for line in digest("subscribers", "export", "--json").out.splitlines()]
    assert names == ["Ada", "=cmd()"]


def test_erasing_leaves_only_a_hash(digest, readers, tmp_path):
    digest("subscribers", "import", str(readers), "--consent", "asked")
    assert digest("subscribers", "erase", "ada@example.net", "--yes").code == 0
    assert digest("subscribers", "show", "ada@example.net").code == 1
    (row,) = digest("suppressions", "list", "--json").json["suppressions"]
    assert row["address"] == ""
    assert row["reason"] == "erased"


def test_preview_writes_the_files_of_the_contract(digest, news, tmp_path):
    digest("import", str(news))
    assert digest("preview", "--out", "out").code == 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"edition.html", "edition.txt", "web.html", "message.eml", "report.json"}
    html = (tmp_path / "out" / "edition.html").read_text()
    assert html.startswith("<!DOCTYPE html>")
    assert "DIGESTx" not in html
    assert b"\r\n" in (tmp_path / "out" / "message.eml").read_bytes()
    assert digest("editions", "list", "--json").json["editions"] == [], "a preview stores nothing"


def test_preview_shows_what_a_late_copy_says(digest, news, tmp_path):
    digest("import", str(news))
    said = {}
    for out, options in (("usual", ()), ("late", ("--late",))):
        assert digest("preview", "--out", out, *options).code == 0
        mails = [(tmp_path / out / name).read_text(encoding="utf-8") for name in ("edition.html", "edition.txt")]
        said[out] = ["reaches you later than usual" in " ".join(mail.split()) for mail in mails]
    assert said == {"usual": [False, False], "late": [True, True]}
    assert digest("preview", "--late", "--no-browser").code == 2


def test_preview_takes_pictures_where_a_browser_is(digest, news, tmp_path, browser, monkeypatch):
    monkeypatch.setenv("CHROME_PATH", browser.program)
    digest("import", str(news))
    report = digest("preview", "--out", "out", "--json").json
    assert report["pictures"] == ["edition.png", "edition-phone.png", "edition-dark.png", "web.png"]
    sizes = {name: Image.open(tmp_path / "out" / name).convert("L") for name in report["pictures"]}
    assert sizes["edition-phone.png"].width < sizes["edition.png"].width < sizes["web.png"].width
    assert all(300 < one.height < 9_000 for one in sizes.values())
    light, dark = (sizes[name].getpixel((5, 5)) for name in ("edition.png", "edition-dark.png"))
    assert dark < 60 < light


def test_preview_shows_what_readers_get_who_asked_for_a_language_or_sections(digest, news, tmp_path):
    digest("import", str(news))
    assert digest("preview", "--out", "all").code == 0
    assert digest("preview", "--out", "german", "--language", "de-AT", "--json").json["variant"] == "de"
    mail = (tmp_path / "german" / "edition.html").read_text()
    assert "Abbestellen" in mail
    assert "Unsubscribe" not in mail
    page = (tmp_path / "german" / "web.html").read_text()
    assert page == (tmp_path / "all" / "web.html").read_text(), "everyone is shown the same page"
    said = digest("preview", "--out", "none", "--section", "Opera")
    assert said.code == 1
    assert "no story in Opera; who asked for no more gets no mail" in said.err


def test_a_preview_of_sections_has_their_stories_alone(digest, news, tmp_path):
    lines = news.read_text().splitlines()
    moved = [one.replace('"Economy"', '"Science"') if "/storm" in one else one for one in lines]
    news.write_text("\n".join(moved))
    digest("import", str(news))
    report = digest("preview", "--out", "out", "--section", "science", "--json").json
    assert report["variant"] == "Science"
    assert [one["url"] for one in report["stories"]] == ["https://news.example.org/storm"]


def test_a_test_copy_goes_to_one_address_and_is_marked(digest, news, mailbox):
    digest("import", str(news))
    assert digest("preview", "--to", "me@example.org").code == 0
    assert mailbox.addresses == ["me@example.org"]
    assert mailbox.messages[0].parsed["Subject"].startswith("[TEST] ")


def test_holding_and_cancelling(digest, news, readers, mailbox, today):
    digest("import", str(news))
    digest("build")
    digest("subscribers", "import", str(readers), "--consent", "asked")
    assert digest("hold", today, "--json").json == {"edition": today, "state": "draft", "hold": True}
    assert digest("editions", "show", today, "--json").json["hold"] is True
    assert digest("approve", today).code == 0
    assert digest("cancel", today, "--yes", "--json").json["state"] == "cancelled"
    said = digest("send", today)
    assert said.code == 1
    assert "cancelled" in said.err
    assert mailbox.messages == []


def test_bad_configuration_ends_with_78_and_every_fault(digest, tmp_path):
    (tmp_path / "config.toml").write_text('[smtp]\nprot = 1\npassword = 7\n[web]\nport = "x"\n')
    said = digest("status")
    assert said.code == 78
    assert "smtp.prot" in said.err
    assert "web.port" in said.err


def test_an_older_database_is_refused_with_what_to_do(digest, tmp_path):
    (tmp_path / "digest.db").unlink()
    for extra in ("digest.db-wal", "digest.db-shm"):
        (tmp_path / extra).unlink(missing_ok=True)
    said = digest("stories")
    assert said.code == 1
    assert "digest database upgrade" in said.err


def test_init_overwrites_nothing(digest, tmp_path):
    before = (tmp_path / "config.toml").read_text()
    assert digest("init", ".").code == 1
    assert (tmp_path / "config.toml").read_text() == before


def test_the_settings_are_shown_without_secrets(digest, tmp_path):
    secret = (tmp_path / "config.toml").read_text().split('secrets = ["')[1].split('"')[0]
    said = digest("config")
    assert "smtp.port" in said.out
    assert secret not in said.out
    assert "environment" in said.out


def test_doctor_says_what_is_missing(digest):
    said = digest("doctor", "--offline", "--json")
    about = {one["about"]: one["level"] for one in said.json["findings"]}
    assert about["database"] == "good"
    assert about["SQLite"] == "good"
    assert about["dkim"] == "warning"


def test_status_names_the_next_edition_and_the_bound_of_doubt(digest):
    said = digest("status", "--json").json
    assert said["next"][0]["newsletter"] == "daily"
    assert said["doubt_bound"] == 4


@pytest.mark.parametrize("words", [["nonsense"], ["send", "--nonsense"], ["stories", "--at", "yesterday"]])
def test_wrong_usage_ends_with_2(digest, words):
    assert digest(*words).code == 2


def test_every_command_has_help():
    """Loads each module too."""
    for name in main.list_commands(None):
        result = CliRunner().invoke(main, [name, "--help"])
        assert result.exit_code == 0, name
        assert "Usage:" in result.output


def test_the_list_of_commands_is_quick_and_each_has_a_whole_line():
    """Without numpy, which alone takes longer to import than all of it; and no line is cut or broken."""
    code = "import sys; from digest.cli import main; main(['--help'], standalone_mode=False)"
    code += "; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    *said, slow = done.stdout.splitlines()
    assert slow == "False"
    for name in main.list_commands(None):
        (line,) = [line for line in said if line.split()[:1] == [name]]
        assert line.endswith((".", ")."))


def test_a_shell_completes_commands_and_their_options():
    def completed(*words: str) -> set[str]:
        asked = ShellComplete(main, {}, "digest", "_DIGEST_COMPLETE").get_completions([*words[:-1]], words[-1])
        return {one.value for one in asked}

    assert completed("se") == {"send", "serve"}
    assert "--dry-run" in completed("send", "--d")
    assert "--config" in completed("--c")


def test_logs_are_json_where_asked(digest, monkeypatch, capfd):
    """By the option, or by the configuration; the option goes before it."""
    import logging

    assert digest("--log", "json", "-v", "config").code == 0
    assert type(logging.getLogger().handlers[0].formatter).__name__ == "Json"
    monkeypatch.setenv("DIGEST_LOG__FORMAT", "json")
    assert digest("config").code == 0
    assert type(logging.getLogger().handlers[0].formatter).__name__ == "Json"
    assert digest("--log", "console", "config").code == 0
    assert type(logging.getLogger().handlers[0].formatter).__name__ == "Console"


def test_a_dry_run_of_what_cannot_be_sent_ends_as_the_send_would(digest, readers, today):
    digest("subscribers", "import", str(readers), "--consent", "asked")
    digest("build")
    planned, sent = digest("send", "--dry-run"), digest("send")
    assert (planned.code, planned.err) == (1, sent.err)
    assert digest("send", "--dry-run", "--json").json["would_send"] == 2
    assert f"{today} has no stories" in sent.err


def test_an_error_of_the_database_names_its_file(digest, tmp_path):
    (tmp_path / "digest.db").write_text("no database at all, but a text of some length " * 99)
    for ending in ("-wal", "-shm"):
        (tmp_path / f"digest.db{ending}").unlink(missing_ok=True)
    said = digest("status")
    assert (said.code, said.err) == (1, f"digest: database {tmp_path / 'digest.db'}: file is not a database\n")
    assert f"{tmp_path / 'digest.db'}: its file is none of SQLite (SQLITE_NOTADB)" in digest("doctor", "--offline").out


@pytest.mark.parametrize(
    "words",
    [("init", "readers.csv/here"), ("subscribers", "export", "gone/out.csv"), ("preview", "--out", "readers.csv")],
)
def test_what_cannot_be_written_is_told_in_a_line_with_its_place(digest, news, readers, words):
    digest("import", str(news))
    digest("build")
    said = digest(*words)
    assert (said.code in {1, 2}, said.out) == (True, "")
    assert words[-1].partition("/")[0] in said.err.splitlines()[-1]


def test_an_edition_that_is_done_is_not_asked_about(digest, news, readers, today):
    digest("subscribers", "import", str(readers), "--consent", "asked")
    digest("import", str(news))
    digest("build")
    assert digest("send").code == 0
    assert digest("cancel", today).err == f"digest: {today} is done already\n"
    assert digest("deliveries", "retry", today).out == f"{today}: no delivery waits, and nothing is paused\n"
    assert digest("deliveries", "release", today).out == f"{today}: no delivery is held\n"

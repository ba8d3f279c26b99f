"""`digest lint`, and what it stops: exit codes, JSON, overruling by name."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.assets import TEMPLATES
from digest.lint.rules import RULES

NO_ALT = '<img src="https://img.example.org/a.png" width="9" height="9" style="height:auto">'
NO_SIZE = '<img src="https://img.example.org/a.png" alt="A seal">'


@pytest.fixture
def today() -> str:
    return f"daily/{datetime.now(UTC):%Y-%m-%d}"


@pytest.fixture
def template(tmp_path, monkeypatch):
    """`template(html)` puts a piece of HTML at the end of every edition."""
    monkeypatch.setenv("DIGEST_SITE__TEMPLATES", "own")

    def write(html: str) -> None:
        shipped = (TEMPLATES / "email" / "edition.html.j2").read_text(encoding="utf-8")
        assert "</body>" in shipped
        own = tmp_path / "own" / "email" / "edition.html.j2"
        own.parent.mkdir(parents=True, exist_ok=True)
        own.write_text(shipped.replace("</body>", f"{html}</body>"), encoding="utf-8")

    return write


def test_the_samples_have_no_errors_and_no_warnings(digest):
    said = digest("lint", "--sample", "--strict")
    assert said.code == 0
    assert said.out.splitlines()[-1] == "the sample edition: 0 errors, 0 warnings"
    assert "To mend it" not in said.out


def test_what_would_be_built_now_is_looked_at_and_nothing_is_stored(digest, news, today):
    digest("import", str(news))
    assert digest("lint", "--strict").out.splitlines()[-1] == f"{today}: 0 errors, 0 warnings"
    assert digest("editions", "list", "--json").json["editions"] == []


def test_without_stories_it_says_so(digest):
    said = digest("lint")
    assert said.code == 1
    assert "no stories in the window" in said.err
    assert digest("lint", "daily/2020-01-01").err.startswith("digest: no edition")


@pytest.mark.parametrize("cause", ["{{ nonsense }}", "{% nonsense %}"])
def test_a_template_that_makes_no_mail_is_told_in_one_line(digest, template, cause):
    template(cause)
    said = digest("lint", "--sample")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("digest: daily/")
    assert "the templates make no mail: " in said.err
    assert "nonsense" in said.err


def test_errors_end_it_with_1_and_are_told_with_reason_and_mend(digest, news, template, today):
    template(NO_ALT)
    digest("import", str(news))
    digest("build")
    said = digest("lint", today)
    assert said.code == 1
    assert said.out.startswith("Errors\n  image-alt: ")
    assert "no alt on https://img.example.org/a.png" in said.out
    assert RULES["image-alt"].mend in " ".join(said.out.split())
    assert said.out.splitlines()[-1] == f"{today}: 1 error, 0 warnings"


def test_warnings_end_it_with_1_only_when_strict(digest, news, template):
    template(NO_SIZE)
    digest("import", str(news))
    assert digest("lint").code == 0
    assert digest("lint", "--strict").code == 1
    assert "Warnings\n  image-size: " in digest("lint").out


def test_json_is_one_document(digest, news, template, today):
    template(NO_ALT)
    digest("import", str(news))
    said = digest("lint", "--json")
    assert said.code == 1
    assert (said.json["about"], said.json["errors"], said.json["warnings"]) == (today, 1, 0)
    (error,) = [one for one in said.json["findings"] if one["severity"] == "error"]
    assert (error["rule"], error["part"], error["name"]) == ("image-alt", "html", None)
    assert error["line"] > 1
    assert error["column"] >= 1
    assert error["mail"] == "edition"
    assert error.keys() == {
        "rule",
        "severity",
        "mail",
        "part",
        "line",
        "column",
        "name",
        "wrong",
        "why",
        "source",
        "mend",
    }


def test_many_places_of_one_fault_are_cut_short(digest, news, template):
    template(NO_ALT * 9)
    digest("import", str(news))
    said = digest("lint").out
    assert said.count("no alt on") == 5
    assert "and 4 more" in said


def test_a_file_of_html_is_looked_at_alone(digest, news, tmp_path):
    digest("import", str(news))
    digest("preview", "--out", "out")
    assert digest("lint", "--html", "out/edition.html", "--strict").code == 0
    (tmp_path / "bare.html").write_text("<p>Hello")
    said = digest("lint", "--html", "bare.html", "--json")
    assert said.code == 1
    assert {one["part"] for one in said.json["findings"]} == {"html"}
    (tmp_path / "latin.html").write_bytes(b"\xe4")
    assert digest("lint", "--html", "latin.html").err.startswith("digest: latin.html: ")


def test_only_one_thing_is_looked_at(digest, tmp_path):
    (tmp_path / "a.html").write_text("")
    assert digest("lint", "--sample", "--html", "a.html").code == 2
    assert digest("lint", "daily/2026-11-23", "--sample").code == 2


def test_data_of_the_operator_is_read(digest, tmp_path):
    row = {"slug": "html-table", "title": "T", "url": "https://example.org/t", "stats": {"gmail": {"ios": {"1": "n"}}}}
    (tmp_path / "data.json").write_text(json.dumps({"data": [row]}))
    assert digest("lint", "--sample", "--strict").code == 0
    said = digest("lint", "--sample", "--strict", "--caniemail", "data.json")
    assert said.code == 1
    assert "T is lacking in Gmail on iOS" in said.out
    (tmp_path / "config.toml").write_text('lint.caniemail = "data.json"\n')
    assert digest("lint", "--sample", "--strict").code == 1
    (tmp_path / "data.json").write_text("{}")
    said = digest("lint", "--sample")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(f'digest: {tmp_path / "data.json"}: no list "data" in it')


# --- what it stops ---------------------------------------------------------------------------------------------------


@pytest.fixture
def drafted(digest, news, readers):
    """Today's draft, and two readers of it."""
    digest("import", str(news))
    digest("build")
    digest("subscribers", "import", str(readers), "--consent", "asked")


def test_an_edition_with_errors_is_not_approved_unless_overruled_by_name(digest, drafted, template, today):
    template(NO_ALT + "<p>{{ '{{ name }}' }}</p>")
    said = digest("approve", today)
    assert said.code == 1
    assert "image-alt" in said.err
    assert "unresolved" in said.err
    half = digest("approve", today, "--overrule", "image-alt")
    assert half.code == 1
    assert "image-alt" not in half.err
    assert digest("editions", "show", today, "--json").json["state"] == "draft"
    rules = sorted(
        {one["rule"] for one in digest("lint", today, "--json").json["findings"] if one["severity"] == "error"}
    )
    done = digest("approve", today, *(word for rule in rules for word in ("--overrule", rule)), "--json")
    assert done.code == 0
    assert (done.json["state"], done.json["audience"]) == ("approved", 2)
    (logged,) = [line for line in done.err.splitlines() if "overruled" in line]
    assert all(rule in logged for rule in rules)
    assert today in logged
    template("")
    assert digest("lint", today, "--json").json["errors"] == len(rules), "what was frozen is looked at"
    assert digest("send", today).code == 0


def test_overruling_what_found_nothing_is_not_logged(digest, drafted, today):
    said = digest("approve", today, "--overrule", "image-alt")
    assert (said.code, said.err) == (0, "")


def test_only_rules_can_be_overruled(digest, today):
    assert digest("approve", today, "--overrule", "everything").code == 2


def test_a_draft_with_errors_is_not_sent(digest, drafted, template, mailbox, today):
    template(NO_ALT * 2)
    said = digest("send")
    assert said.code == 1
    assert "errors: image-alt (2); " in said.err
    assert f"`digest approve {today} --overrule image-alt`" in said.err
    assert mailbox.messages == []


def test_a_refused_approval_lifts_no_hold(digest, drafted, template, today):
    template(NO_ALT)
    digest("hold", today)
    assert digest("approve", today).code == 1
    assert digest("editions", "show", today, "--json").json["hold"] is True


def test_doctor_tells_it_in_a_line(digest, news, template, today):
    def told() -> tuple[str, str]:
        one, _ = [one for one in digest("doctor", "--offline", "--json").json["findings"] if one["about"] == "mail"]
        return one["level"], one["text"]

    assert told() == ("good", "the sample edition has no errors and no warnings")
    template(NO_ALT)
    level, text = told()
    assert level == "bad"
    assert "image-alt" in text
    assert "`digest lint --sample`" in text
    template(NO_SIZE)
    digest("import", str(news))
    digest("build")
    level, text = told()
    assert (level, text.split(" has ")[0]) == ("warning", today)
    assert f"`digest lint {today}`" in text
    template("{{ nonsense }}")
    level, text = told()
    assert (level, "nonsense" in text) == ("bad", True)


@pytest.fixture
def asking(tmp_path, monkeypatch):
    """`asking(html)` is all there is of the mail that asks to confirm."""
    monkeypatch.setenv("DIGEST_SITE__TEMPLATES", "own")

    def write(html: str) -> None:
        own = tmp_path / "own" / "email" / "confirm.html.j2"
        own.parent.mkdir(parents=True, exist_ok=True)
        own.write_text(f"<!DOCTYPE html>{html}", encoding="utf-8")

    return write


def test_the_mail_that_asks_to_confirm_is_looked_at_too(digest, asking):
    asking("<p>Please confirm.</p>")
    said = digest("lint", "--sample")
    assert said.code == 1
    assert "confirmation, html: there is no confirm link" in said.out
    found = digest("lint", "--sample", "--json").json["findings"]
    assert {one["mail"] for one in found if one["severity"] == "error"} == {"confirmation"}
    asking("{{ nonsense }}")
    assert digest("lint", "--sample").err.startswith("digest: the confirmation mail of daily: the templates make no")


def test_doctor_looks_at_the_mail_that_asks_to_confirm(digest, asking):
    def told() -> tuple[str, str]:
        _, one = [one for one in digest("doctor", "--offline", "--json").json["findings"] if one["about"] == "mail"]
        return one["level"], one["text"]

    assert told() == ("good", "the confirmation mail of daily has no errors and no warnings")
    asking("<p>Please confirm.</p>")
    level, text = told()
    assert level == "bad"
    assert "confirm-link" in text
    asking("{{ nonsense }}")
    level, text = told()
    assert (level, "nonsense" in text) == ("bad", True)


def test_doctor_goes_on_where_the_data_on_mail_programs_cannot_be_read(digest, tmp_path, monkeypatch):
    (tmp_path / "data.json").write_text("nonsense")
    monkeypatch.setenv("DIGEST_LINT__CANIEMAIL", "data.json")
    found = digest("doctor", "--offline", "--json").json["findings"]
    assert [one["level"] for one in found if one["about"] == "mail"] == ["bad", "bad"]


def test_preview_shows_errors_and_warnings(digest, news, template, tmp_path: Path):
    template(NO_ALT)
    digest("import", str(news))
    digest("preview", "--out", "out")
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    (told,) = [one for one in report["findings"] if "image-alt" in one]
    assert told.startswith("Error, image-alt, html, line ")
    assert not any(one.startswith("Note") for one in report["findings"])

"""What a newcomer sees: the demo's output, its inbox in a real browser, and links that work."""

import re
from collections.abc import Iterator
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from digest.demo import Demo
from processes import Installation, stop


def test_once_it_goes_the_whole_way_and_ends(capsys):
    Demo(readers=5).run(once=True, show=None)
    said = capsys.readouterr().out
    assert "5 of 5 taken by the mail server" in said
    assert "by one-click POST: 200" in said
    assert "went to 3 of 5 readers" in said


@pytest.fixture
def inbox(tmp_path) -> Iterator[str]:
    """The address of the inbox of a running demo."""
    digest = Installation(tmp_path)
    demo = digest.start("demo", "--no-browser", "--port", "0", "--readers", "6")
    assert demo.stdout is not None
    for line in demo.stdout:
        if found := re.search(r"http://127\.0\.0\.1:\d+/inbox", line):
            yield found[0]
            break
    else:
        pytest.fail("the demo said nothing of an inbox")
    assert stop(demo, within=10) == 0


def read(url: str, form: dict[str, str] | None = None) -> str:
    with urlopen(url, data=None if form is None else urlencode(form).encode(), timeout=30) as answer:
        return str(answer.read().decode())


def test_leaving_is_honoured_by_the_next_edition(inbox):
    mail = read(f"{inbox}/2")
    one_click = re.search(r'action="([^"]+/unsubscribe/[^"]+)"', mail)[1]
    assert "left" in read(one_click, {"List-Unsubscribe": "One-Click"}).lower()
    assert "5 of 6 readers" in read(f"{inbox}/next", {})
    body = read(f"{inbox}/1/body")
    view = re.search(r'href="([^"]+/editions/daily/[^"]+)"', body)[1]
    assert "<h1" in read(view)
    assert "Manage preferences" in body


def test_a_browser_shows_inbox_and_mail(inbox, browser, tmp_path):
    assert browser.dom(inbox).count("@example.net") == 6
    picture = tmp_path / "mail.png"
    browser.screenshot(f"{inbox}/1", picture, width=800, height=1200)
    assert picture.stat().st_size > 20_000, "an empty page is smaller"

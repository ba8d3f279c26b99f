"""The editor's desk: shows a preview, and only to the browser of this machine that was given its address."""

import pytest
from jinja2 import DictLoader, Environment, StrictUndefined
from starlette.testclient import TestClient

from build import edition, story
from digest.errors import NotFound
from digest.model import Rendered
from digest.web.desk import TABS, create_desk
from digest.web.measure import Preview, headers, sizes

TOKEN = "t0ken"
MESSAGE = (
    b"Subject: =?utf-8?q?R=C3=A9sum=C3=A9?=\r\nList-Unsubscribe: <https://x>,\r\n <mailto:y>\r\n\r\nX-Body: no\r\n"
)


def preview(**over):
    html = "<!DOCTYPE html><style>p{color:red}</style><p>Mail</p><script>alert(1)</script>"
    rendered = Rendered(variant="default", subject="<b>Rates</b>", preheader="Pre", html=html, text="Text", web="Web")
    values = {
        "edition": edition(),
        "rendered": rendered,
        "message": MESSAGE,
        "stories": (story(1), story(2)),
        "chosen": ("s0001",),
        "left_out": {"s0002": "below the limit of one"},
        "findings": ("story 2 has no <image>",),
    }
    return Preview(**values | over)


def desk(load=preview, *, host="127.0.0.1:5000", **how):
    return TestClient(create_desk(load, token=TOKEN, **how), base_url=f"http://{host}", follow_redirects=False)


def test_every_tab_shows_its_part():
    shows = {
        "": ["mail.html", "1 to look at", "story 2 has no &lt;image&gt;", "&lt;b&gt;Rates&lt;/b&gt;"],
        "web": ["web.html"],
        "text": ["<pre>Text</pre>"],
        "headers": ["List-Unsubscribe", "&lt;https://x&gt;, &lt;mailto:y&gt;"],
        "sizes": ["102 KB", "16384 characters"],
        "stories": ["In, place 1", "Out: below the limit of one", "1 source reports it"],
    }
    assert shows.keys() == TABS.keys()
    client = desk()
    for tab, texts in shows.items():
        page = client.get(f"/{TOKEN}/{tab}")
        assert page.status_code == 200
        assert [text for text in texts if text not in page.text] == []


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "x@y"]
)
def test_another_host_is_refused(host):
    """A page elsewhere may have its own name lead to 127.0.0.1 (DNS rebinding): the Host header gives it away."""
    for path in (f"/{TOKEN}/", f"/{TOKEN}/version", f"/{TOKEN}/mail.html"):
        answer = desk().get(path, headers={"host": host})
        assert answer.status_code == 400
        assert "Mail" not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:5000", "localhost:5000"])
def test_this_machine_is_let_in(host):
    assert desk(host=host).get(f"/{TOKEN}/").status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/version", "/mail.html", "/wrong/", "/wrong/mail.html", f"/{TOKEN}", f"/{TOKEN}/x"]
)
def test_nothing_is_found_without_the_token(path):
    assert desk().get(path).status_code == 404


def test_the_mail_can_run_nothing():
    client = desk()
    mail = client.get(f"/{TOKEN}/mail.html").headers["content-security-policy"]
    assert "default-src 'none'" in mail
    assert "script-src" not in mail
    assert mail.endswith("sandbox allow-same-origin")
    page = client.get(f"/{TOKEN}/")
    assert 'sandbox="allow-same-origin"' in page.text
    assert "script-src 'self';" in page.headers["content-security-policy"]


def test_a_change_of_a_watched_file_loads_again(tmp_path):
    template, loads = tmp_path / "email" / "edition.html.j2", []
    template.parent.mkdir()
    template.write_text("one")

    def load():
        loads.append(template.read_text())
        return preview()

    client = desk(load, watch=[tmp_path])
    first = client.get(f"/{TOKEN}/version").text
    client.get(f"/{TOKEN}/")
    client.get(f"/{TOKEN}/mail.html")
    assert loads == ["one"]
    template.write_text("three")
    assert client.get(f"/{TOKEN}/version").text != first
    client.get(f"/{TOKEN}/")
    assert loads == ["one", "three"]


def test_a_change_of_the_data_loads_again():
    data = ["a"]
    client = desk(data_version=lambda: data[0])
    first = client.get(f"/{TOKEN}/version").text
    assert f'data-version="{first}"' in client.get(f"/{TOKEN}/").text
    data[0] = "b"
    assert client.get(f"/{TOKEN}/version").text != first


def _template_fault(source):
    templates = Environment(loader=DictLoader({"edition.html.j2": source}), undefined=StrictUndefined, autoescape=True)
    templates.get_template("edition.html.j2").render()


def _not_found():
    raise NotFound("there is no edition daily/2026-11-23")


def _crash():
    raise ZeroDivisionError("a fault of ours")


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (lambda: _template_fault("a\n{% if %}"), ["TemplateSyntaxError in edition.html.j2, line 2"]),
        (lambda: _template_fault("a\nb\n{{ nothing }}"), ["UndefinedError", "nothing"]),
        (_not_found, ["there is no edition daily/2026-11-23"]),
        (_crash, ["ZeroDivisionError: a fault of ours"]),
    ],
)
def test_a_failure_is_shown_and_the_next_change_recovers(fault, says):
    state = {"version": 1}

    def load():
        if state["version"] == 1:
            fault()
        return preview()

    client = desk(load, data_version=lambda: state["version"])
    page = client.get(f"/{TOKEN}/")
    assert page.status_code == 200
    assert [text for text in says if text not in page.text] == []
    assert client.get(f"/{TOKEN}/mail.html").status_code == 404
    state["version"] = 2
    assert "mail.html" in client.get(f"/{TOKEN}/").text


def test_headers_are_unfolded_and_end_where_the_body_begins():
    assert headers(MESSAGE) == [
        ("Subject", "=?utf-8?q?R=C3=A9sum=C3=A9?="),
        ("List-Unsubscribe", "<https://x>, <mailto:y>"),
    ]


def test_sizes_are_in_bytes_and_characters_and_know_gmails_limits():
    html = "<style>" + "a" * 16_385 + "</style>" + "é" * 52_224
    rendered = Rendered(variant="default", subject="", preheader="", html=html, text="", web="")
    found = {size.name: size for size in sizes(preview(rendered=rendered))}
    assert found["HTML"].value == (len(html) + 52_224) / 1024
    assert found["HTML"].over
    assert found["Style blocks"].value == 16_385
    assert found["Style blocks"].over
    assert not found["Message"].over


def test_the_message_can_be_taken_away_as_it_is():
    answer = desk().get(f"/{TOKEN}/message.eml")
    assert answer.content == MESSAGE
    assert answer.headers["content-type"] == "message/rfc822"

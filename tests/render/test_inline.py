"""What premailer must not do to a mail."""

import re
import socket

import pytest

from digest.render.inline import inline

PAGE = """<!DOCTYPE html>
<html lang="en"><head><title>t</title>
<!--[if mso]><style>td{mso-line-height-rule:exactly}</style><![endif]-->
<style>p { color: #123456; } img { width: 100%; height: auto; }
@media print { .a { color: #654321 !important; } }</style>
<style data-premailer="ignore">@media (max-width:599px){.a{color:#ffffff!important}}
[data-ogsc] .a{color:#000000}</style>
</head><body><p class="a">x<img src="https://a.example/1.png" alt="" width="600" height="338"></p>
<a href="https://a.example/?a=1&amp;b=2">y</a></body></html>"""


@pytest.fixture(scope="module")
def done():
    return inline(PAGE)


def test_rules_move_onto_the_elements(done):
    assert '<p class="a" style="color:#123456">' in done
    assert "p { color" not in done


def test_ignored_blocks_keep_every_rule_and_important(done):
    assert "@media (max-width:599px){.a{color:#ffffff!important}}" in done
    assert "[data-ogsc] .a{color:#000000}" in done
    assert "data-premailer" not in done


def test_important_stays_important_in_what_is_left_of_other_blocks(done):
    assert re.search(r"#654321\s*!important", done)


def test_sizes_of_pictures_stay_numbers(done):
    assert 'width="600" height="338"' in done


def test_addresses_and_conditional_comments_stay(done):
    assert 'href="https://a.example/?a=1&amp;b=2"' in done
    assert "<!--[if mso]><style>td{mso-line-height-rule:exactly}</style><![endif]-->" in done


def test_doctype_comes_first(done):
    assert done.startswith("<!DOCTYPE html>")
    with pytest.raises(AssertionError, match="DOCTYPE"):
        inline(PAGE.replace("DOCTYPE", "doctype"))


def test_nothing_is_fetched(monkeypatch):
    def refuse(*args):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    linked = PAGE.replace("<title>", '<link rel="stylesheet" href="http://127.0.0.1:9/x.css"><title>')
    assert "127.0.0.1:9" in inline(linked)

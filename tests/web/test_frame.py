"""A mail as others see it: dark or light whatever this browser is set to, without styles, with marks to jump to."""

from build import edition
from digest.pipeline.printing import render_edition
from digest.web.desk.frame import Look, clipped_at, shown
from digest.web.measure import GMAIL_CUTS_KB, KB

MAIL = (
    '<!DOCTYPE html>\n<html><head><meta name="color-scheme" content="light dark">\n'
    "<style>:root{color-scheme:light dark}@media (prefers-color-scheme:dark){p{color:#fff}}</style></head>\n"
    "<body><p>One</p>\n<p>Two</p></body></html>\n"
)  # fmt: skip


def test_dark_is_dark_on_every_screen():
    dark, light = shown(MAIL, Look(dark=True)), shown(MAIL, Look())
    assert "@media (min-width:0){p{color:#fff}}" in dark
    assert "@media (max-width:0){p{color:#fff}}" in light
    assert 'content="dark"' in dark
    assert "{color-scheme:light}" in light


def test_style_blocks_go_and_nothing_else():
    assert "<style" not in shown(MAIL, Look(styles=False))
    assert "<p>Two</p>" in shown(MAIL, Look(styles=False))


def test_marks_stand_at_their_tags_and_nowhere_else():
    marked = shown(MAIL, Look(), marks={"f0": (5, 1), "f1": (4, 7), "f2": (4, 8), "f3": (99, 1), "f4": (5, 1)})
    assert '<p data-mark="f1">One</p>' in marked
    assert '<p data-mark="f0 f4">Two</p>' in marked
    assert "f2" not in marked
    assert "f3" not in marked


def test_the_line_is_where_gmail_stops():
    limit = GMAIL_CUTS_KB * KB
    long = f"<p>{'é' * (limit // 2)}</p><p>after</p><p>later</p>"
    assert clipped_at(long) is not None
    assert clipped_at(MAIL) is None
    found = shown(long, Look())
    assert found.count("data-clipped") == 1
    assert "<p data-clipped>after" in found
    assert len(found.partition(" data-clipped")[0].encode()) >= limit


def test_a_real_mail_keeps_all_but_what_the_look_takes(settings):
    html = render_edition(settings, edition()).html
    plain = shown(html, Look())
    assert plain != html
    assert plain.count("<td") == html.count("<td")

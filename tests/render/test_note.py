"""An editor's note: what is read of its Markdown, and what is not."""

from dataclasses import replace

import pytest

from build import edition
from digest.pipeline.linting import lint_message
from digest.pipeline.printing import render_edition, sample_message
from digest.render.note import blocks

NOTE = """Good *morning*, **all**. See [the report](https://example.org/report?a=1&b=2).

- first
- [second](https://example.org/second)

3. third"""


def texts(markdown):
    return [str(block) for block in blocks(markdown)]


def test_paragraphs_lists_emphasis_and_links():
    assert texts(NOTE) == ["Good morning, all. See the report.", "• first", "• second", "3. third"]
    first = next(blocks(NOTE))
    assert [span.text for span in first.spans if span.emphasis] == ["morning"]
    assert [span.text for span in first.spans if span.strong] == ["all"]
    assert first.urls == ("https://example.org/report?a=1&b=2",)


@pytest.mark.parametrize("text", ["<b>bold</b>", "# heading", "`code`", "<!-- x -->", "<https://a.example>"])
def test_what_is_not_read_stays_as_it_was_written(text):
    (block,) = blocks(text)
    assert (str(block), block.urls) == (text, ())


def test_a_picture_is_a_link_at_most():
    (block,) = blocks("![A port](https://example.org/a.png)")
    assert (str(block), block.urls) == ("!A port", ("https://example.org/a.png",))


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "//a.example",
    ],
)
def test_a_link_that_is_no_web_address_is_no_link(settings, url):
    rendered = render_edition(settings, replace(edition(), note=f"[here]({url}) and on"))
    for part in (rendered.html, rendered.web, rendered.text):
        assert "here" in part
        assert f'href="{url}' not in part
        assert f"\n{url}\n" not in part


def test_nothing_in_a_note_is_markup(settings):
    hostile = (
        '<script>alert(1)</script> <img src=x onerror="alert(1)"> [a](https://a.example/"onmouseover="x) {{ 7 * 7 }}'
    )
    rendered = render_edition(settings, replace(edition(), note=hostile))
    for part in (rendered.html, rendered.web):
        assert "<script>alert" not in part
        assert "<img src=x" not in part
        assert '"onmouseover=' not in part
        assert "{{ 7 * 7 }}" in part


def test_a_note_cannot_spell_a_marker_of_a_readers_token(settings):
    rendered = render_edition(settings, replace(edition(), note="DIGESTx**TOKENx**UNSUBSCRIBExx"))
    plain = render_edition(settings, edition())
    assert rendered.text.count("DIGESTxTOKENx") == plain.text.count("DIGESTxTOKENx")
    assert rendered.html.count("DIGESTxTOKENx") == plain.html.count("DIGESTxTOKENx")


def test_a_mail_with_a_note_has_no_findings(settings):
    whole = replace(edition(), note=NOTE)
    rendered = render_edition(settings, whole)
    assert "<strong" in rendered.html
    assert 'href="https://example.org/report?a=1&amp;b=2"' in rendered.html
    assert "https://example.org/report?a=1&b=2" in rendered.text.splitlines()
    message = sample_message(settings, whole, rendered, now=whole.built_at)
    bare = sample_message(settings, edition(), render_edition(settings, edition()), now=whole.built_at)
    assert {one.rule for one in lint_message(settings, "daily", message)} == {
        one.rule for one in lint_message(settings, "daily", bare)
    }

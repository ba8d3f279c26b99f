import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from build import NOW
from digest.intake import jsonl
from digest.intake.origin import Origin
from digest.model import Article, Image, Rejection, Source

ORIGIN = Origin(path="rows.jsonl", now=NOW)
ROW = {"url": "https://example.org/a", "title": "A roof is saved", "published": "2026-11-23T06:00:00Z"}


def one(origin: Origin = ORIGIN, **over: Any) -> Article | Rejection:
    (only,) = jsonl.parse(json.dumps(ROW | over), origin)
    return only


def test_a_row_with_everything():
    article = one(
        source="Post", section="Local", language="en_gb", summary="Short.", body="One.\n\nTwo.", authors=["Ann", "Ben"],
        image={"url": "https://example.org/a.jpg", "alt": "A roof", "credit": "Cy", "width": 640, "height": 480},
        unknown={"keys": "are left alone"},
    )  # fmt: skip

    assert article == Article(
        url="https://example.org/a", title="A roof is saved", published=datetime(2026, 11, 23, 6, tzinfo=UTC),
        source="Post", section="Local", language="en-GB", summary="Short.", body="One.\n\nTwo.", authors=("Ann", "Ben"),
        image=Image(url="https://example.org/a.jpg", alt="A roof", credit="Cy", width=640, height=480),
    )  # fmt: skip


def test_a_row_with_the_least():
    article = one(summary=None, image=None)

    assert isinstance(article, Article)
    assert (article.source, article.section, article.image) == ("example.org", "", None)


def test_html_becomes_the_body_where_there_is_none():
    html = "<p>One</p><script>x</script><p>Two</p>"
    assert one(html=html).body == "One\n\nTwo"
    assert one(html=html, body="Own").body == "Own"


def test_a_title_is_text_not_markup():
    assert one(title="How <div> works & why").title == "How <div> works & why"


def test_a_known_source_fills_in_the_section():
    known = {"Post": Source(name="Post", section="Local")}
    origin = Origin(path="", now=NOW, known=known)

    assert one(origin, source="Post").section == "Local"
    assert one(origin, source="Post", section="World").section == "World"


def test_a_given_source_overrides_the_rows_own():
    origin = Origin(path="", now=NOW, source=Source(name="Wire", section="World"))
    article = one(origin, source="Post")

    assert (article.source, article.section) == ("Wire", "World")


@pytest.mark.parametrize(
    ("over", "error"),
    [
        ({"url": None}, "url: missing"),
        ({"url": 7}, "url: not a string"),
        ({"url": "ftp://example.org/"}, "url: not an absolute http(s) address"),
        ({"title": " \u200b "}, "title: missing"),
        ({"title": ["a"]}, "title: not a string"),
        ({"title": "a\0b"}, "title: contains a NUL character"),
        ({"published": ""}, "published: missing"),
        ({"published": 1_763_900_000}, "published: not a string"),
        ({"published": "2026-11-23T06:00:00"}, "published: a time without an offset from UTC, such as Z or +02:00"),
        ({"published": "2026-11-24T07:00:01Z"}, "published: more than a day in the future"),
        ({"modified": "yesterday"}, "modified: not an ISO 8601 or RFC 822 date"),
        ({"modified": "2026-11-24T07:00:01Z"}, "modified: more than a day in the future"),
        ({"language": "english"}, "language: not a tag such as en or pt-BR"),
        ({"authors": "Ann"}, "authors: not a list of strings"),
        ({"authors": [1]}, "authors: not a list of strings"),
        ({"image": "https://example.org/a.jpg"}, "image: not an object"),
        ({"image": {"url": "javascript:x"}}, "image.url: not an absolute http(s) address"),
        ({"image": {"alt": "a"}}, "image.url: missing"),
        ({"image": {"url": "https://example.org/a.jpg", "width": True}}, "image.width: not a number of pixels"),
    ],
)
def test_what_is_wrong_with_a_row_is_said_by_field(over, error):
    assert one(**over) == Rejection(path="rows.jsonl", where="line 1", error=error)


def test_all_faults_of_a_row_in_one_rejection():
    rejection = one(url="", title=3, published="soon")
    assert rejection.error == "url: missing; title: not a string; published: not an ISO 8601 or RFC 822 date"


def test_a_bad_row_keeps_the_rest_and_says_its_line():
    good = json.dumps(ROW).encode()
    data = b"\n".join(
        [b"\xef\xbb\xbf" + good, b"", b"{broken", b"\xff\xfe", b"[1]", b'{"a": "\0"}', b"[" * 99_999, good]
    )
    results = list(jsonl.parse(data, ORIGIN))

    assert [type(one) for one in results] == [Article, *[Rejection] * 5, Article]
    assert [(one.where, one.error) for one in results[1:-1]] == [
        ("line 3", "not JSON: Expecting property name enclosed in double quotes at character 2"),
        ("line 4", "not UTF-8 at byte 1"),
        ("line 5", "not a JSON object"),
        ("line 6", "contains a NUL character"),
        ("line 7", "not JSON that can be read: a number too long or brackets too deep"),
    ]


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(data):
    list(jsonl.parse(data, ORIGIN))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("https://example.org/x"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["url", "alt", "width"]), inner),
    max_leaves=5,
)
keys = st.sampled_from(["source", "section", "language", "summary", "body", "html", "authors", "image", "url", "title"])


@settings(deadline=None)
@given(st.dictionaries(keys, values))
def test_no_row_makes_it_raise_and_each_gives_one_result(row):
    assert len(list(jsonl.parse(json.dumps(ROW | row), ORIGIN))) == 1


@pytest.mark.parametrize(
    ("said", "kept"),
    [("2026-11-23T06:30:00Z", datetime(2026, 11, 23, 6, 30, tzinfo=UTC)), (ROW["published"], None), (None, None)],
)
def test_a_change_counts_that_came_after_publishing(said, kept):
    assert one(modified=said).modified == kept

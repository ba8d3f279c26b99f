from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from build import NOW
from digest.intake import scraped
from digest.intake.origin import Origin
from digest.model import Article, Image, Rejection, Source

PAGE = (Path(__file__).parent / "data" / "scraped.txt").read_text(encoding="utf-8")
TITLE = "Island Parliament Backs Ferry Treaty After All-Night Debate"
MODIFIED = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
LONG = "The council met for three hours on Tuesday and agreed to repair the roof of the old market hall before winter."
MORE = (
    "It will cost two million crowns, of which the region pays half, said the treasurer, who had asked for less money."
)


def parse(text: str | bytes, **over: str) -> Article:
    origin = Origin(path="page.txt", now=NOW, fallback=MODIFIED)
    (only,) = scraped.parse(text, origin, **{"stem": "page", "folder": "saved"} | over)
    assert isinstance(only, Article), only
    return only


def test_a_scraped_page_gives_title_section_body_and_credit():
    article = parse(PAGE)

    assert article.title == TITLE
    assert article.section == "Politics"
    assert article.image == Image(
        url="", alt=f"{TITLE}.", credit="Hanna Solberg, Northlight, Assembly Pool Photo via NP"
    )
    assert article.body.split("\n\n") == [line for line in PAGE.splitlines() if line[:3] in BEGINNINGS]


BEGINNINGS = {"The", "Pri", "“No", "As "}


def test_a_scraped_page_leaves_no_furniture():
    article = parse(PAGE)

    for word in ("Menu", "Search", "|", "Source:", "Market Data", "Close", "Welcome", "Sign up", "stories from", TITLE):
        assert word not in article.body
    assert "\n" not in article.title


def test_the_site_is_named_by_its_own_welcome():
    assert parse(PAGE).source == "NorthTimes"


def test_a_given_source_has_the_last_word():
    origin = Origin(path="", now=NOW, source=Source(name="Northern", section="World"))
    (article,) = scraped.parse(f"The roof is saved\n\n{LONG}", origin, stem="a")

    assert (article.source, article.section) == ("Northern", "World")


@pytest.mark.parametrize(
    ("header", "base", "url"),
    [
        ("URL: https://north.example/a?utm_source=x\n\n", "", "https://north.example/a"),
        ("Source URL: https://north.example/b\n", "https://other.example/", "https://north.example/b"),
        ("", "https://north.example/news?x=1", "https://north.example/news/page%201"),
        ("", "", "https://scraped.invalid/saved/page%201"),
        ("URL: https://user:pass@north.example/\n\n", "", "https://scraped.invalid/saved/page%201"),
    ],
)
def test_the_address_is_the_pages_own_or_made_of_where_it_lies(header, base, url):
    article = parse(f"{header}The roof is saved\n\n{LONG}\n", stem="page 1", base=base)

    assert article.url == url
    assert article.title == "The roof is saved"


@pytest.mark.parametrize(
    ("line", "published"),
    [
        ("2026-11-21T08:00:00+02:00", datetime(2026, 11, 21, 6, 0, tzinfo=UTC)),
        ("November 21, 2026 7:30 AM UTC", datetime(2026, 11, 21, 7, 30, tzinfo=UTC)),
        ("Published 21 November 2026", datetime(2026, 11, 21, tzinfo=UTC)),
        ("By Mara Lindqvist and Tom Ridge | Nov. 21, 2026", datetime(2026, 11, 21, tzinfo=UTC)),
        ("No date at all here", MODIFIED),
        ("November 21, 2099", NOW),
    ],
)
def test_the_time_is_in_the_head_or_else_the_files(line, published):
    assert parse(f"The roof of the hall is saved\n\n{line}\n\n{LONG}\n\n{MORE}").published == published


def test_a_byline_names_the_authors():
    article = parse(f"The roof is saved at last\n\nBy Mara Lindqvist and Tom Ridge | Nov. 21, 2026\n\n{LONG}")

    assert article.authors == ("Mara Lindqvist", "Tom Ridge")
    assert article.title == "The roof is saved at last"


@pytest.mark.parametrize(
    ("caption", "alt", "credit"),
    [
        ("The hall in May. (Photo: Ines Okafor)", "The hall in May.", "Ines Okafor"),
        ("The hall in May [AP Photo/Ines Okafor]", "The hall in May", "AP Photo/Ines Okafor"),
        ("Photo by Ines Okafor", "", "Ines Okafor"),
        ("Image: Ines Okafor / City", "", "Ines Okafor / City"),
    ],
)
def test_captions_in_other_shapes(caption, alt, credit):
    article = parse(f"Home > Local > Halls\nThe roof is saved\n\n{caption}\n\n{LONG}\n\n{MORE}")

    assert article.image == Image(url="", alt=alt, credit=credit)
    assert (article.title, article.section) == ("The roof is saved", "Local")
    assert article.body == f"{LONG}\n\n{MORE}"


def test_a_picture_of_prices_is_no_caption():
    """Words such as "picture:" within a sentence do not make a paragraph a caption."""
    text = f"{LONG} That is the bigger picture: prices rose again"
    assert parse(f"Prices rise again in the hall\n\n{text}.\n\n{MORE}").body == f"{text}.\n\n{MORE}"


def test_promotion_within_the_text_is_left_out():
    text = f"The roof is saved\n\n{LONG}\n\nAdvertisement\n\nSign up for our newsletter.\n\nShare this\n\n{MORE}"
    assert parse(text).body == f"{LONG}\n\n{MORE}"


def test_lines_without_blank_ones_between():
    article = parse(f"Menu\nNews\nSport\nThe roof is saved, says mayor\n{LONG} {MORE}\n{MORE}\nContact\n© 2026 Post")

    assert article.title == "The roof is saved, says mayor"
    assert article.body == f"{LONG} {MORE}\n\n{MORE}"


def test_lines_that_a_margin_broke_are_one_paragraph():
    wrapped = LONG.replace("agreed to", "agreed\nto")
    assert parse(f"The roof is saved\n\n{wrapped}\n\n{MORE}").body.startswith(LONG)


@pytest.mark.parametrize("text", ["", "Menu\n\nSearch\n", "Only a title\n", LONG])
def test_what_is_no_article_is_rejected(text):
    (only,) = scraped.parse(text, Origin(path="x.txt", now=NOW), stem="x")

    assert isinstance(only, Rejection)
    assert only.path == "x.txt"


@settings(deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=400), st.text(max_size=20), st.text(max_size=20))
def test_no_text_makes_it_raise(data, stem, base):
    assert len(list(scraped.parse(data, Origin(path="", now=NOW), stem=stem, folder=stem, base=base))) == 1


@settings(deadline=None)
@given(st.lists(st.sampled_from([*PAGE.splitlines(), LONG, "By: x, 1", "(Photo: a)", "URL: https://a.example"])))
def test_any_order_of_lines_gives_one_result(lines):
    assert len(list(scraped.parse("\n".join(lines), Origin(path="", now=NOW), stem="s"))) == 1

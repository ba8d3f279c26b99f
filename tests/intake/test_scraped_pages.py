"""Sample pages of twelve languages, each line marked for what it is (`bench/bench_scraped.py` reads the same ones)."""

from datetime import datetime
from pathlib import Path

import pytest

from build import NOW
from digest.intake import scraped
from digest.intake.origin import Origin
from digest.model import Article

PAGES = {path.stem: path.read_text(encoding="utf-8").splitlines() for path in Path(__file__).parent.glob("pages/*.txt")}
LONG = "The council met for three hours on Tuesday and agreed to repair the roof of the old market hall before winter."


def parse(text: str) -> Article:
    (only,) = scraped.parse(text, Origin(path="page.txt", now=NOW), stem="page")
    assert isinstance(only, Article), only
    return only


@pytest.mark.parametrize("between", ["\n\n", "\n"])
@pytest.mark.parametrize("name", PAGES)
def test_the_article_and_nothing_around_it(name, between):
    first, *marked = PAGES[name]
    said, authors, credit = (part.strip() for part in first.split("|"))
    moment, _, section = said.partition(" ")
    article = parse(between.join(line[1:] for line in marked))

    assert article.body.split("\n\n") == [line[1:] for line in marked if line[0] == "="]
    assert [article.title] == list(dict.fromkeys(line[1:] for line in marked if line[0] == "#"))
    assert article.published == datetime.fromisoformat(f"{moment}+00:00")
    assert (article.section, ", ".join(article.authors)) == (section, authors)
    assert (article.image.credit if article.image else "") == credit


def test_there_are_pages_of_ten_languages_and_two_that_nobody_wrote_words_for():
    languages = {name.partition("-")[0] for name in PAGES}
    assert languages == {"ar", "de", "en", "es", "fr", "it", "ja", "nl", "pt", "zh", "ru", "sv"}


def test_a_paragraph_may_end_in_any_quotation_mark():
    quote = (
        "„Wir hätten abbrechen können“, sagte sie nach der Vorstellung, „aber niemand ist aufgestanden und gegangen.“"
    )
    assert parse(f"Das Theater spielt wieder\n\n{LONG}\n\n{quote}").body.endswith(quote)


@pytest.mark.parametrize(
    "paragraph",
    [
        "Cookies are small files that a site leaves with its visitors, and the court asked for some.",
        "We use cookies to sweeten the punch, the director joked, when he handed round a plate of them after the tour.",
        "Wir verwenden Cookies, scherzte der Geschäftsführer, als er zum Kaffee Kekse reichte.",
        "Source: the ministry, which told us on Tuesday that the plan had been dropped and no other made.",
        "More from less: with half of the staff the yard built twice the ships, for a third of the pay.",
        "Related industries felt it too, among them the makers of ropes, who sold a tenth less.",
        "اشترك في المؤتمر أكثر من مئتي خبير من عشرين دولة ناقشوا سبل حماية الموانئ الصغيرة من العواصف.",
        "Más de mil personas siguieron la sesión desde la plaza, donde el ayuntamiento puso una pantalla.",
        "Ci sono più letti che malati, ha detto la direttrice dell'ospedale durante la visita.",
        "Subscribers rose by a tenth, the publisher said, although the price of the paper had doubled.",
    ],
)
def test_a_true_paragraph_is_never_taken_for_furniture(paragraph):
    assert (
        parse(f"The roof of the hall is saved\n\n{LONG}\n\n{paragraph}\n\n{LONG[4:]}").body.split("\n\n")[1]
        == paragraph
    )


@pytest.mark.parametrize(
    "title",
    [
        "Más de mil muertos", "Das könnte teuer werden", "個人情報が流出", "المزيد من القتلى", "قبل الانتخابات",
        "Who pays for the roof?", "Von Hamburg nach Wien zu Fuß", "更多学校停课",
    ],
)  # fmt: skip
def test_a_title_is_never_taken_for_furniture(title):
    assert parse(f"Menu\n\nSearch\n\n{title}\n\n{LONG}").title == title


@pytest.mark.parametrize(
    ("foot", "kept"),
    [
        (["Related", "A headline", "text", "Another one", "text"], 0),  # a sentence about each
        (["Related", "A headline", "text", "text"], 2),  # a box in the text
        (["Related", "A headline", "text"], 1),
        (["Comments (2)", "text"], 0),
    ],
)
def test_a_list_of_other_articles_ends_the_text_and_a_box_does_not(foot, kept):
    teaser = "The yard wants to take in thirty young people before the summer, its owners said on Friday morning."
    lines = [LONG, LONG[4:], f"{LONG} {LONG}", *(teaser if line == "text" else line for line in foot)]
    assert parse("\n\n".join(["The roof of the hall is saved", *lines])).body.count(teaser) == kept


def test_of_two_dates_the_one_by_the_title_counts():
    article = parse(f"Monday, November 23, 2026\n\nThe roof is saved again\n\nNovember 20, 2026\n\n{LONG}")
    assert article.published.day == 20


@pytest.mark.parametrize(("words", "month"), [("Le conseil a décidé que le toit serait réparé. ", 11), (f"{LONG} ", 0)])
def test_a_date_in_numbers_alone_is_read_where_the_language_tells_how(words, month):
    found = parse(f"Le toit est sauvé\n\n03/11/2025\n\n{words * 3}").published
    assert (found.month if found.year == 2025 else 0) == month

"""What is said of an article, and where texts are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build import article
from digest.edition.blurb import blurb
from digest.edition.sentences import is_whole, plain, sentences, shorten
from digest.edition.trimming import told

LONG = "The committee of ministers met " + "again and again " * 20


def said(summary="", body="", *, limit=240, **over):
    return blurb(article(**{"title": "Something else", "summary": summary, "body": body} | over), limit=limit)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("The U.S. Senate met Dr. Smith and J. P. Morgan. It rained.", 2),
        ("Rates rose 0.25 points. The bank of St. Louis agreed.", 2),
        ("Am 23. November sank der Kurs. Dann stieg er, z.B. in Ulm.", 2),
        ("See No. 5. He said no. Then he left.", ["See No. 5. He said no.", "Then he left."]),
        ("“We won. We are glad,” she said. They left.", ["“We won. We are glad,” she said.", "They left."]),
        ("„Wir gehen. Jetzt“, sagte er. Es regnete.", ["„Wir gehen. Jetzt“, sagte er.", "Es regnete."]),
        ("Yahoo! is sold. Good.", ["Yahoo! is sold.", "Good."]),
        ("今日は雨です。明日は晴れ！", ["今日は雨です。", "明日は晴れ！"]),
        ("هل ارتفعت الأسعار؟ نعم ارتفعت.", 2),
        ('A mark is "never closed. Two. Three.', 3),
        ("यह खबर है। दूसरी खबर।", ["यह खबर है।", "दूसरी खबर।"]),
        ("M. Macron et Mme. Borne partent. Il pleut.", 2),
        ("El Sr. Gil y la Sra. Paz votan. Llueve.", 2),
        ("Il sig. Rossi parla. Piove.", 2),
        ("O exmo. Sr. Lima falou. Chove.", 2),
        ("Dhr. Jansen en mevr. Bos komen, d.w.z. morgen. Het regent.", 2),
        ("「行きます。」と言った。雨です。", ["「行きます。」と言った。", "雨です。"]),
        ("No end", ["No end"]),
        ("", []),
    ],
)
def test_sentences(text, expected):
    found = sentences(text)
    assert (len(found) if isinstance(expected, int) else list(found)) == expected


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ("One here. Two here. Three here.", "One here. Two here."),
        ("LONDON, Nov 23 (Reuters) - The pound fell. It rained.", "The pound fell. It rained."),
        ("BEIJING -- China opposes the launch.", "China opposes the launch."),
        ("Berlin (dpa) - Der Kurs sank.", "Der Kurs sank."),
        ("МОСКВА — Курс упал.", "Курс упал."),
        ("NASA - the agency - flies again.", "NASA - the agency - flies again."),
        ("The pound fell. Read more", "The pound fell."),
        ("The pound fell. The bank said it wo…", "The pound fell."),
        ("The pound fell. The bank [...]", "The pound fell."),
        ("The pound fell.\nPhoto: A pound\nIt rained.", "The pound fell. It rained."),
        ("The pound fell (Photo: A. Smith). It rained.", "The pound fell. It rained."),
        ("Children should read more.", "Children should read more."),
        ("The post The pound fell appeared first on Money.", ""),
        ("Something else. It rained.", "It rained."),
        ("Something Else!", ""),
        ("Bank holds rates", "Bank holds rates"),
        ("雨です。晴れです。風です。", "雨です。晴れです。"),
    ],
)
def test_what_is_said(summary, expected):
    assert said(summary) == expected


@pytest.mark.parametrize(
    "furniture",
    [
        "Photo",
        "next",
        "By Ann Smith, staff writer",
        "Xinhua | Updated: 2017-09-15 17:52",
        "In this Nov. 2 file photo, a minister leaves the hall.",
        "A minister waves to the crowd after the vote in the capital, Sunday, Nov. 13, 2016.",
        "A minister leaves the hall. He smiles (Photo: A. Smith).",
        "Photos: Ministers and their cars",
        "Hide Caption 1 of 12 shows a minister.",
        "Story highlights Ministers met at night",
        "Ann Smith is the Herald's political correspondent covering parliament and the courts.",
        "Follow us on the network of your choice.",
        "Abonnez-vous à notre lettre du matin.",
        "Lesen Sie auch unseren Bericht vom Montag.",
        "Suscríbete a nuestro boletín de la mañana.",
        "CLOSE A minister speaks about the budget.",
    ],
)
def test_furniture_of_a_page_is_not_said(furniture):
    assert said(body=f"{furniture}\nParliament voted for the budget after a night of talks.\n{furniture}") == (
        "Parliament voted for the budget after a night of talks."
    )


@pytest.mark.parametrize(
    "dateline",
    [
        "(CNN) ",
        "(CNN)",
        "ERIE, Pa. (AP) — ",
        "WASHINGTON (Reuters) - ",
        "Madrid, 3 may (EFE).- ",
        "MOSCOW: ",
        "MOSCOW, March 3 – ",
    ],
)
def test_datelines_go(dateline):
    assert said(f"{dateline}Parliament voted for the budget.") == "Parliament voted for the budget."


@pytest.mark.parametrize("dateline", ["【東京】", "新华社北京11月3日电 ", "（新华社北京11月3日电）"])
def test_datelines_in_the_east_go_too(dateline):
    assert said(f"{dateline}议会投票通过了预算。") == "议会投票通过了预算。"


def test_a_sentence_that_adds_to_the_headline_goes_before_one_that_repeats_it():
    again = "Parliament votes for the budget, at last."
    found = said(f"{again} Two ministers resigned over it.", title="At last Parliament votes for the budget")
    assert found == "Two ministers resigned over it."


def test_a_paragraph_broken_into_lines_is_one():
    assert said(body="Parliament voted for the\nbudget after a night\nof talks.") == (
        "Parliament voted for the budget after a night of talks."
    )


@pytest.mark.parametrize("start", ["After", "Nachdem", "Après que", "“We have"])
def test_what_cannot_stand_alone_is_not_cut_off(start):
    """The next sentence that can is said instead."""
    torn = f"{start} the committee had met for the last time in spring, as was the custom, {LONG}."
    assert said(f"{torn} It was over. Parliament voted for the budget.") == "Parliament voted for the budget."


def test_a_short_question_is_not_the_last_word():
    assert said("A rocket will fly to Mars next month. Its cargo?") == "A rocket will fly to Mars next month."


def test_the_body_speaks_when_the_summary_only_repeats_the_headline():
    assert said("Something else", "It rained in Ulm.\n\nMore.") == "It rained in Ulm. More."


def test_whole_sentences_of_the_body_before_a_torn_summary():
    assert said("The bank left its key rate unch...", "The bank left its key rate unchanged.") == (
        "The bank left its key rate unchanged."
    )


def test_a_second_sentence_that_does_not_fit_is_left_out():
    assert said("It rained. " + LONG + ".") == "It rained."


def test_a_long_sentence_ends_at_its_last_clause_that_fits():
    text = "The committee of ministers met for the last time in spring, as was the custom, while " + LONG + "."
    assert said(text) == "The committee of ministers met for the last time in spring, as was the custom."


def test_without_a_clause_whole_words():
    found = said(LONG + ".")
    assert len(found) <= 240
    assert LONG.startswith(found)
    assert LONG[len(found)] == " "


def test_nothing_to_say():
    assert said() == ""


@given(st.text(max_size=600), st.text(max_size=600), st.integers(20, 240))
def test_never_longer_than_the_limit_on_one_line_and_never_raises(summary, body, limit):
    found = blurb(article(title="T", summary=summary, body=body), limit=limit)
    assert len(found) <= limit
    assert found == plain(found)


PIECES = st.sampled_from(
    [
        "The bank left its key rate at 3.5 percent on Monday.",
        "“We won,” said J. P. Smith of the U.S. delegation.",
        "After a night of talks (and two votes), they left!",
        "Rates rose, as was expected by all who were asked, and fell again later in the day.",
        "It rained",
        "Photo: A. Smith",
        "LONDON (Reuters) - The pound fell to its lowest in a year.",
        "今日は雨です。",
        "هل ارتفعت الأسعار اليوم كما قالوا؟",
        "Why did the bank leave its key rate unchanged?",
        "\n",
        "Read more",
        LONG + ", so they say.",
    ]
)
TEXTS = st.lists(PIECES, max_size=8).map(" ".join)


@given(TEXTS, TEXTS, st.sampled_from([60, 120, 240]))
def test_every_sentence_is_one_of_the_text_or_the_beginning_of_one(summary, body, limit):
    found = said(summary, body, limit=limit)
    text = plain(f"{summary} {body}")
    assert len(sentences(found)) <= 2
    assert len(found) <= limit
    for sentence in sentences(found):
        assert sentence in text or sentence.rstrip(".。") in text


@given(TEXTS)
def test_whole_sentences_are_kept_whole(text):
    found = said(text)
    if any(is_whole(one) and len(one) <= 240 for one in told(text)[:1]):
        assert all(one in told(text) for one in sentences(found))


@given(TEXTS, TEXTS)
def test_what_was_said_is_said_again(summary, body):
    found = said(summary, body)
    assert said(found) == found


@given(st.lists(st.sampled_from(["bank", "rates,", "fell.", "the", "of", "(so", "it)", "“why", "not”?"]), max_size=90))
def test_no_word_is_cut(words):
    text = " ".join(words)
    found = blurb(article(title="T", summary=text, body=""))
    bare = {word.strip(".,") for word in words}
    assert all(word.strip(".,") in bare for word in found.split())


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 70, "short"),
        ("Bank holds rates, two members vote for a cut in the spring", 40, "Bank holds rates"),
        ("Bank holds its key rate for the seventh time in a row", 40, "Bank holds its key rate for the seventh"),
        ("Bank holds its key rate for the", 30, "Bank holds its key rate"),
        ("Donaudampfschifffahrt", 10, "Donaudampf"),
    ],
)
def test_shorten(text, limit, expected):
    assert shorten(text, limit) == expected

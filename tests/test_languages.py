"""The words of mail and pages: every catalogue is whole, and every word goes through one; dates and numbers too."""

import ast
import gettext
import io
import re
from datetime import UTC, date, datetime, time
from html import unescape
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from digest import assets, languages
from digest.errors import ConfigError

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = sorted(path.parts[-3] for path in assets.CATALOGUES.glob("*/LC_MESSAGES/digest.po"))
TEMPLATES = sorted(
    path
    for part in ("email", "web")
    for path in (ROOT / "templates" / part).glob("*.j2")
    if path.name != "desk.html.j2"  # an editor's tool, in English as the command line is
)
SPOKEN = "alt|title|aria-label|aria-roledescription|placeholder"  #: attributes that somebody reads or hears
BERLIN = ZoneInfo("Europe/Berlin")


def key(message):
    return message.context, languages.forms(message.id)[0]


@pytest.fixture(scope="module")
def used(tmp_path_factory):
    """Every message that code and templates use, found as `make words` finds them."""
    found = tmp_path_factory.mktemp("words") / "digest.pot"
    words = [
        "pybabel",
        "--quiet",
        "extract",
        "--mapping",
        str(ROOT / "pyproject.toml"),
        "--output",
        str(found),
        str(ROOT),
    ]
    CommandLineInterface().run(words)
    with found.open("rb") as file:
        return {key(message): message for message in read_po(file) if message.id}


@pytest.fixture(scope="module", params=SHIPPED)
def catalogue(request):
    raw = (assets.CATALOGUES / request.param / "LC_MESSAGES" / "digest.po").read_bytes()
    return read_po(io.BytesIO(raw), locale=request.param, abort_invalid=True)


def test_the_languages_are_those_promised():
    assert SHIPPED == ["ar", "de", "es", "fr"]


def test_every_message_is_in_the_catalogue_and_no_other(used, catalogue):
    assert len(used) > 80
    assert {key(message) for message in catalogue if message.id} == set(used)
    assert not catalogue.obsolete


def test_every_message_is_translated_in_all_its_forms(catalogue):
    for message in (message for message in catalogue if message.id):
        texts = languages.forms(message.string)
        assert all(text.strip() for text in texts), message.id
        assert not message.fuzzy, message.id
        assert len(texts) == (1 if isinstance(message.id, str) else catalogue.num_plurals), message.id


def test_a_translation_has_the_placeholders_and_the_ends_of_its_source(catalogue):
    for message in (message for message in catalogue if message.id):
        wanted = set(re.findall(r"%\(\w+\)[sd]", languages.forms(message.id)[-1])) - {"%(num)d"}
        for text in languages.forms(message.string):
            assert set(re.findall(r"%\(\w+\)\w", text)) - {"%(num)d"} == wanted, text
            assert text.count("%") == len(re.findall(r"%\(\w+\)[sd]", text)), text
            assert not re.search("[<>&]", text), text  # they go into HTML as they are
            assert languages.forms(message.id)[0][-1].isalnum() == text[-1].isalnum() or text[-1] in "»“", text


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_words_outside_of_a_message(path):
    source = re.sub(r"(?s)\{#.*?#\}", "", path.read_text(encoding="utf-8"))
    shown = re.sub(r"(?s)<style.*?</style>|<!--.*?-->|\{\{.*?\}\}|\{%.*?%\}", "", source)
    text = unescape(re.sub(r'<[^>]*>| (lang|dir)=""', "", shown))
    assert not re.search(r"[^\W\d_]{2,}", text)
    for tag in re.findall(r"<[^>]*>", shown):
        assert not re.search(rf'\s({SPOKEN})="[^"]*[^\W\d_]', tag), tag
    for literal in literals(source):
        assert not re.search(r"[^\W\d_]{2,} [^\W\d_]{2,}|^[A-Z][a-z]+$", literal), literal


@pytest.mark.parametrize("name", ["choices", "editions", "leave", "pages", "preferences", "subscribe", "visit"])
def test_no_page_says_anything_outside_of_a_message(name):
    assert unspoken((ROOT / "src" / "digest" / "web" / f"{name}.py").read_text(encoding="utf-8")) == []


def unspoken(source):
    """What looks like a sentence in code, but for docstrings and what a catalogue is asked for."""
    nodes = [*ast.walk(ast.parse(source))]
    known = {id(word) for call in nodes if is_gettext(call) for word in call.args}
    known |= {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    words = [node for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [one.value for one in words if id(one) not in known and re.search(r"^[A-Z][\w’',]* \w+", one.value)]


def is_gettext(node):
    if not isinstance(node, ast.Call):
        return False
    return getattr(node.func, "attr", getattr(node.func, "id", "")) == "gettext"


def literals(source):
    """The strings within expressions, but for those that a catalogue is asked for."""
    for expression in re.findall(r"(?s)\{\{(.*?)\}\}|\{%(.*?)%\}", source):
        rest = re.sub(r'\b(_|gettext|pgettext|ngettext)\(("[^"]*"(, )?)+', "", "".join(expression))
        yield from re.findall(r'"([^"]*)"', rest)


def test_the_search_for_words_finds_some():
    assert unspoken('"""A text."""\na = gettext("Not you", b=1), "Paused, as you wished.", "no-store"') == [
        "Paused, as you wished."
    ]
    assert [*literals('{{ "You are" if back else _("Not you") }}{% set a = pgettext("b c", "d e") %}')] == ["You are"]


def test_arabic_has_six_plurals():
    said = {
        number: languages.voice("ar").words.ngettext("%(num)d story", "%(num)d stories", number) % {"num": number}
        for number in (1, 2, 3, 10, 11, 99, 100, 102, 103)
    }
    assert said == {
        1: "خبر واحد",
        2: "خبران",
        3: "3 أخبار",
        10: "10 أخبار",
        11: "11 خبرًا",
        99: "99 خبرًا",
        100: "100 خبر",
        102: "102 خبر",
        103: "103 أخبار",
    }


@pytest.mark.parametrize(
    ("asked", "spoken", "word"),
    [
        ("en", "en", "Unsubscribe"),
        ("en-US", "en-US", "Unsubscribe"),
        ("de", "de", "Abbestellen"),
        ("DE-at", "DE-at", "Abbestellen"),
        ("fr-CA", "fr-CA", "Se désabonner"),
        ("ar-Arab-EG", "ar-Arab-EG", "إلغاء الاشتراك"),
        ("it", "en", "Unsubscribe"),
        ("pt-BR", "en", "Unsubscribe"),
        ("x9", "en", "Unsubscribe"),
    ],
)
def test_a_language_without_a_catalogue_speaks_english_and_says_so(asked, spoken, word):
    voice = languages.voice(asked)
    assert (voice.language, voice.gettext("Unsubscribe")) == (spoken, word)
    assert languages.translations(asked).gettext("Unsubscribe") == word


def lay(folder, language, text, head=""):
    path = folder / "locales" / language / "LC_MESSAGES" / "digest.po"
    path.parent.mkdir(parents=True)
    path.write_text(
        f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n{head}\n{text}', encoding="utf-8"
    )
    return path


def test_a_sites_own_catalogue_goes_before_ours_and_need_not_be_whole(tmp_path):
    lay(tmp_path, "pt", 'msgid "Unsubscribe"\nmsgstr "Cancelar"\n\nmsgid "Help"\nmsgstr ""\n')
    lay(tmp_path, "pt_BR", 'msgid "Contact"\nmsgstr "Contato"\n')
    lay(tmp_path, "de", 'msgid "Unsubscribe"\nmsgstr "Kündigen"\n\n#, fuzzy\nmsgid "Help"\nmsgstr "Hülfe"\n')
    lay(tmp_path, "en", 'msgid "Help"\nmsgstr "Questions"\n')
    brazil, german = languages.voice("pt-BR", tmp_path), languages.voice("de", tmp_path)
    assert [brazil.gettext(text) for text in ("Contact", "Unsubscribe", "Help")] == ["Contato", "Cancelar", "Questions"]
    assert (brazil.language, brazil.long_date(date(2026, 11, 23))) == ("pt-BR", "segunda-feira, 23 de novembro de 2026")
    assert [german.gettext(text) for text in ("Unsubscribe", "Help")] == ["Kündigen", "Hilfe"]
    assert languages.voice("it", tmp_path).gettext("Help") == "Questions"
    assert languages.voice("en", tmp_path).gettext("Help") == "Questions"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('msgid "Leave %(title)s"\nmsgstr "Via %(titolo)s"\n', r"line 5: no value for %\(titolo\)s"),
        ('msgid "Help"\nmsgstr "100 %"\n', "line 5: incomplete format"),
        ('msgid "Help"\nAiuto\n', "line 6: Unknown or misformatted keyword$"),
        ('msgid "Help"\nmsgstr "\ud800"\n', "utf-8"),
    ],
)
def test_a_fault_in_a_sites_catalogue_is_told_with_its_place(tmp_path, text, fault):
    path = lay(tmp_path, "it", "")
    path.write_bytes(path.read_bytes() + text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ConfigError, match=fault) as raised:
        languages.voice("it", tmp_path)
    assert str(path) in str(raised.value)


def test_plurals_that_cannot_be_counted_are_told(tmp_path):
    lay(tmp_path, "it", 'msgid "Help"\nmsgstr "Aiuto"\n', head='"Plural-Forms: nplurals=2; plural=import os;\\n"\n')
    with pytest.raises(ConfigError, match="Plural"):
        languages.voice("it", tmp_path)


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "Monday, 23 November 2026|23 November 2026, 00:30 CET|07:00|Mon and Fri|−1,234.50%"),
        ("en-US", "Monday, November 23, 2026|November 23, 2026, 12:30 AM CET|7:00 AM|Mon and Fri|−1,234.50%"),
        ("de", "Montag, 23. November 2026|23. November 2026, 00:30 MEZ|07:00|Mo und Fr|−1.234,50 %"),
        ("de-CH", "Montag, 23. November 2026|23. November 2026, 00:30 MEZ|07:00|Mo und Fr|−1’234.50%"),
        ("fr", "lundi 23 novembre 2026|23 novembre 2026, 00:30 CET|07:00|lun. et ven.|−1 234,50 %"),
        ("es", "lunes, 23 de noviembre de 2026|23 de noviembre de 2026, 0:30 CET|7:00|lun y vie|−1.234,50 %"),
        ("ar", "الاثنين، 23 نوفمبر 2026|23 نوفمبر 2026، 12:30 ص CET|7:00 ص|الاثنين والجمعة|−1,234.50%"),
        ("it", "Monday, 23 November 2026|23 November 2026, 00:30 CET|07:00|Mon and Fri|−1,234.50%"),
    ],
)
def test_dates_and_numbers_are_those_of_the_language(language, written):
    voice = languages.voice(language)
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    said = [
        voice.long_date(date(2026, 11, 23)),
        voice.moment(late, BERLIN),
        voice.clock(time(7)),
        voice.weekdays(["mon", "fri"]),
        voice.change(-1234.5)[0],
    ]
    assert re.sub(r"\s", " ", re.sub("[\u200e\u200f]", "", "|".join(said))) == written


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "The week of 30 Nov – 6 Dec 2026"),
        ("de", "Die Woche vom 30. Nov. – 6. Dez. 2026"),
        ("fr", "La semaine du 30 nov. – 6 déc. 2026"),
        ("es", "La semana del 30 de noviembre – 6 de diciembre de 2026"),
        ("ar", "أسبوع 30 نوفمبر – 6 ديسمبر 2026"),
    ],
)
def test_a_week_is_told_by_its_first_and_last_day(language, written):
    said = languages.voice(language).week(date(2026, 11, 30), date(2026, 12, 6))
    assert re.sub(r"\s", " ", said) == written


def test_a_zone_without_a_short_name_in_a_language_has_that_of_its_clock():
    noon = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    assert languages.voice("en").moment(noon, ZoneInfo("America/New_York")).endswith(" EST")
    assert languages.voice("de").moment(noon, ZoneInfo("Asia/Kolkata")).endswith(" IST")


@pytest.mark.parametrize(
    ("percent", "printed"),
    [(0.42, ("+0.42%", "up")), (-1.255, ("−1.25%", "down")), (-0.004, ("0.00%", "flat")), (0.0, ("0.00%", "flat"))],
)
def test_a_change_prints_its_sign(percent, printed):
    assert languages.voice("en").change(percent) == printed


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["en", "ar", "de", "tr", "hi-IN"]))
def test_every_change_can_be_printed(percent, language):
    assert languages.voice(language).change(percent)[1] == (
        "flat" if abs(percent) < 0.005 else "up" if percent > 0 else "down"
    )


@pytest.mark.parametrize(
    ("language", "way"),
    [
        ("en", "ltr"),
        ("ar", "rtl"),
        ("AR-eg", "rtl"),
        ("az-Arab", "rtl"),
        ("ar-Latn", "ltr"),
        ("he", "rtl"),
        ("", "ltr"),
    ],
)
def test_direction_goes_by_script_then_language(language, way):
    assert languages.direction(language) == way


def test_english_needs_no_catalogue():
    assert type(languages.translations("en")) is gettext.NullTranslations

"""A domain in, how its owner writes it and what it can be taken for out.  Pure."""

import unicodedata

import idna

#: Letters that look like Latin ones in most typefaces, each before the one: Cyrillic, Greek, Armenian, Latin itself.
_PAIRS = "аaсcԁdеeһhіiјjӏlоoрpԛqѕsԝwхxуyѵvαaοoρpνvυuιiκkօoսuհhոnցgզqɑaɡgıiʟl"
_ALIKE = str.maketrans(_PAIRS[::2], _PAIRS[1::2])

#: Under which most mailboxes are: what an address would pretend to be at.
_PROVIDERS = (
    "gmail.com googlemail.com outlook.com hotmail.com live.com yahoo.com icloud.com aol.com gmx.de gmx.net web.de"
    " t-online.de mail.ru yandex.ru proton.me protonmail.com orange.fr free.fr laposte.net libero.it"
)


def looks_like(domain: str) -> str:
    """What a person may take this domain for: "" unless it is in other letters that pass for Latin ones.

    Either a whole word of it is ("аррӏе" in Cyrillic), or all of it comes to a provider of mailboxes once its accents
    are off ("gmàil.com").
    """
    try:
        shown = idna.decode(domain) if "xn--" in domain else domain
    except (idna.IDNAError, UnicodeError):
        return ""
    plain = _plain(shown)
    if shown.isascii() or not plain.isascii():
        return ""
    whole = any(not word.isascii() and _plain(word).isascii() and not _is_latin(word) for word in shown.split("."))
    return plain if whole or plain in _PROVIDERS.split() else ""


def shown(address: str) -> str:
    """The domain as its owner writes it."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{idna.decode(domain)}"
    except (idna.IDNAError, UnicodeError):
        return address


def _plain(text: str) -> str:
    """Letters that look Latin as Latin ones, without accents."""
    letters = "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))
    return letters.translate(_ALIKE)


def _is_latin(word: str) -> bool:
    return all(unicodedata.name(letter, "").startswith("LATIN") for letter in word if letter.isalpha())

"""A text in, the sentences that tell something out: without datelines, captions, bylines and invitations.  Pure.

What is taken away is known by its words, in seven languages, or by its shape, in any: beside sentences, a line without
an end is a heading, a button or a byline.
"""

import re
from collections.abc import Iterator

from digest.edition.sentences import is_whole, plain, sentences

READ = 12_000  #: characters of a text that are looked at: what tells the story stands above
PROSE = 5  #: words of a line that can be a paragraph; in scripts without spaces so many characters, twice

_AGENCIES = (
    "reuters|ap|afp|dpa|dpa-afx|upi|efe|ansa|apa|sda|ats|tass|xinhua|bloomberg|cnn|pa|pti|ani|ians|kyodo|yonhap|"
    "associated press|europa press|belga|lusa|cp|aap|kna|epd|sid|anp|agência brasil|adnkronos|askanews|keystone-sda|"
    "cnbc|cbs|abc|nbc|marketwatch|sputnik|رويترز|أ ف ب|रॉयटर्स|भाषा"
)
_CLOSE = re.compile(r"^CLOSE (?=[A-Z])")  #: the button of a video, and its caption
_AGENCY_LINE = re.compile(
    rf"^(?:[^.!?()]|\b\w{{1,4}}\.(?= ?[\d(,])){{0,60}}\((?:{_AGENCIES})(?:/\w+)?\)"
    r"\s*(?:\.?\s*(?:--|[-–—:])\s*|(?=[\"“A-Z]))",
    re.IGNORECASE,
)
_PLACE_LINE = re.compile(r"^(?P<place>[^,–—()!?:]{4,40})(?:,[^–—()!?:]{1,30})?(?:\s+(?:--|[–—-])|:)\s+(?=(?P<next>\S))")
_EAST_LINE = re.compile(r"^(?:【[^】]{1,20}】|[（(][^）)]{2,30}[电電][）)]|新[华華]社[^，。]{2,20}[电電])\s*")
_LABEL = re.compile(
    r"^\W*(?:(?:file )?photos?|images?|pictures?|captions?|credits?|fotos?|bild(?:er)?|symbolbild|archivbild|crédits?|"
    r"imagen|immagine|foto d['’]archivio|foto de (?:archivo|arquivo)|archieffoto|photo d['’]archives|videos?|watch|"
    r"story highlights?|key points|im video|vidéo)"
    r"(?: (?:by|credit|caption|courtesy|source|von|de))?\s*(?:[:/|]|(?<=highlights)\s|(?<=highlight)\s)",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"^(?:file\W+)?(?:in|on) (?:this|an?) .{0,60}\b(?:photo(?:graph)?|picture|image)\b|"
    r"\bfile (?:photo|picture|image)\b|\bhide caption\b|\bundated (?:photo|picture|image)|"
    r"\b(?:is|are|was|were|be) pictured\b|\bpictured (?:in|on|at|here|above|left|right)\b|"
    r"\b(?:poses?|posing) (?:at|for|with|on|during)\b|\blooks? on (?:during|as|after)\b|"
    r"\([1-9]\d?\) .{0,90}\([1-9]\d?\)|"  # players' numbers
    r"\b(?:jan|feb|mar|apr|may|june?|july?|aug|sep|sept|oct|nov|dec)[a-z]{0,6}\.? \d{1,2}, \d{4}\.?$|"
    r"\b(?:getty images?|shutterstock|ap photo|afp/\w+|epa-efe|imago|picture[- ]alliance)\b|"
    r"\(photo by [^)]*\)|/(?:afp|ap|dpa|reuters|efe|ansa)[\s)\]]*$|"
    r"\b(?:archivfoto|archivbild|symbolfoto|photo d['’]archives?|foto d['’]archivio|archieffoto)\b|"
    r"\bfoto de (?:archivo|arquivo)\b",
    re.IGNORECASE,
)
_INVITATION = re.compile(
    r"^\W*(?:read (?:more|also|next|the full|her|his|their)|continue reading|click (?:here|to)|see also|"
    r"scroll (?:down|to|on)|license for|related(?: \w+)?:|sign up (?:for|to)|log in|enter your|"
    r"please (?:enter|try|check)|subscribe (?:to|now|today)|"
    r"chat with|find out what|external links|follow (?:us|him|her|them|@)|share (?:this|on)|"
    r"download (?:the|our)|get (?:the|our) (?:app|newsletter)|"
    r"this (?:article|story|post) (?:was|is|has been|originally)|"
    r"updated?:|published:|posted:|last (?:updated|modified)|more from|most read|advertisement|"
    r"lesen sie|mehr (?:dazu|lesen|zum)|weiterlesen|jetzt (?:anmelden|abonnieren)|anzeige\s*$|stand:|"
    r"lire (?:aussi|la suite)|abonnez-vous|inscrivez-vous|publié le|mis à jour|leer más|lea (?:también|más)|suscríb\w*|"
    r"leggi (?:anche|tutto)|iscriviti|leia (?:também|mais)|assine|lees (?:meer|ook)|meld je aan|"
    r"阅读全文|点击|续きを読む|続きを読む|اقرأ أيضا|यह भी पढ़ें|"
    r"the post .* appeared first on|copyright|all rights reserved|alle rechte)(?!\w)|^©|"
    r"\b(?:email (?:address|cannot)|newsletter sign|cookies? (?:policy|to)|all rights reserved|min(?:ute)?s? read|"
    r"has contributed to this (?:report|story|article)|contributed to this (?:report|story|article)|"
    r"on (?:twitter|facebook|instagram)(?: at)? @|(?:play|watch) (?:the )?video (?:above|below))\b",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"^(?:by|von|par|por|di|da|door|af|av)\s+[A-ZÀ-Þ][^.!?]{2,70}$|"
    r"\b(?:is|ist|est|es|è|é) (?:an?|the|our|[A-Z][\w ]{1,30}['’]s|ein|eine|der|die|un|une|la|le|el|il|o|a)\b.{0,60}"
    r"\b(?:correspondent|columnist|reporter|editor(?:-at-large)?|staff writer|freelance (?:writer|journalist)|"
    r"writer|journalist|author|"
    r"korrespondent(?:in)?|redakteur(?:in)?|correspondant(?:e)?|corresponsal|corrispondente)\b.{0,40}"
    r"(?:\b(?:covering|covers|based|at|for|and|bei|für|chez|de|del|di)\b|\.$)|(?:^|\s)@\w{3,}[.\s]*$"
)
_TRAILER = re.compile(
    r"(?:(?<=[.!?…\])])|^)\s*[\[(]?(?:…|\.\.\.)?[\])]?\s*(?:read more|continue reading|weiterlesen|mehr lesen|"
    r"lire la suite|leer más|leggi tutto|leia mais|lees meer|the post .{0,200} appeared first on .{0,80})"
    r"\s*[\])]?(?:\.\.\.|…|[.»›>→])*\s*$",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"\s*\((?:photo|foto|image|bild|credit|credits|crédit|picture|video|imagen|immagine)\b[^)]*\)", re.IGNORECASE
)
#: A line that ends so stands below a picture.
_CREDITED = re.compile(
    r"\((?:photo|foto|image|bild|credit|crédit|picture)\b[^)]*\)[.\s]*$|"
    r"[(/|][^()/|]{0,40}/ ?(?:associated press|ap|afp|reuters|epa|dpa|getty images?|pa|ansa|efe)\)?$",
    re.IGNORECASE,
)
_GLUED = re.compile(r"(?<=[a-zà-ÿ]{3}[.!?])(?=[A-ZÀ-Þ][a-zà-ÿ]* \w)")  #: "It rained.Then it"
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")


def told(text: str) -> tuple[str, ...]:
    """The sentences of a text without its furniture.  Lines without an end only where there is nothing better."""
    lines = [found for line in _lines(text[:READ]) if (found := _sentences(line))]
    prose = [line for line in lines if any(is_prose(sentence) for sentence in line)]
    return tuple(sentence for line in prose or lines for sentence in line)


def is_prose(sentence: str) -> bool:
    """Whether it ends as a sentence does, and is long enough to be one."""
    count = len(sentence.split()) + len(_UNSPACED.findall(sentence)) // 2
    return is_whole(sentence) and count >= PROSE


def _lines(text: str) -> Iterator[str]:
    """The lines, those together that a paragraph was broken into: without an end, and going on in small letters."""
    held = ""
    for line in map(plain, text.splitlines()):
        if held and (is_whole(held) or not line[:1].islower()):
            yield held
            held = ""
        held = f"{held} {line}".strip()
    if held:
        yield held


def _sentences(line: str) -> tuple[str, ...]:
    if any(pattern.search(line) for pattern in (_LABEL, _CLOSE, _CREDITED)) or _INVITATION.match(line):
        return ()
    line = _TRAILER.sub("", _GLUED.sub(" ", _CREDIT.sub("", line)))
    found = tuple(map(_without_dateline, sentences(_without_dateline(line))))
    if found and _CAPTION.search(found[0]):
        return ()  # what follows a caption in its line belongs to it
    return tuple(one for one in found if not _is_furniture(one))


def _is_furniture(sentence: str) -> bool:
    return any(pattern.search(sentence) for pattern in (_LABEL, _CAPTION, _INVITATION, _BYLINE))


def _without_dateline(line: str) -> str:
    """Without ``LONDON, Nov 23 (Reuters) -``, ``(CNN)``, ``BEIJING --`` or ``【東京】``."""
    line = _EAST_LINE.sub("", _AGENCY_LINE.sub("", line, count=1), count=1)
    match = _PLACE_LINE.match(line)
    return line[match.end() :] if match and match["place"].isupper() and not match["next"].islower() else line

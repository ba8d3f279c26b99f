"""The plain text of a scraped article page in, its article or a rejection out.  Pure.

A scraper leaves the article between lines of menu and boxes of promotion.  Told apart by shape rather than by site:

    body     the run of long paragraphs, with the short ones between that end like a sentence
    title    before the body: the line that comes twice, or that a caption follows; else the last that looks like one
    caption  a line near the title that ends in a credit: ``Title. Source: …)``, ``(Photo: …)``, ``[AP Photo/…]``
    section  a line ``|   Name`` or a trail ``Home > Name``
    time     a date in the lines before the body

Such a page has no address of its own.  It is the one in a first line ``URL: …`` or ``Source URL: …``; else the
source's address with the file's name behind it; else ``https://scraped.invalid/FOLDER/NAME`` (RFC 2606: a name that
never leads anywhere), so that the same file is the same article each time.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from digest.intake import clean, dates
from digest.intake.canonical import canonical_url
from digest.intake.furniture import BULLET, SECTION, TRAIL, is_furniture, is_promotion, without_bullet
from digest.intake.origin import Origin, article
from digest.model import Article, Image, Rejection

NOWHERE = "https://scraped.invalid"
LONG = 80  #: characters of a paragraph that can only be body text
SENTENCE = 12  #: characters of a paragraph that may be, if it ends like a sentence
MARGIN = 120  #: characters: a text with longer lines was not broken by a right margin
GAP = 3  #: blocks of furniture that body text may go on after
MAX_CAPTION = 600  #: characters
MAX_TEXT = 4 * clean.MAX_BODY  #: characters that are looked at

_LABELLED = re.compile(r"(?:section|category|filed under)\s*:\s*(?P<name>.{2,40})", re.IGNORECASE)
_WELCOME = re.compile(r"welcome to (?:the )?(?P<name>\S+(?: \S+){0,2}?)[.!]?", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:source )?(?:url|link)\s*:\s*(?P<url>https?://\S+)", re.IGNORECASE)
_BYLINE = re.compile(r"by:?\s+(?P<names>[^\d|]{3,100}?)\s*(?:[|•·–,]\s*(?:.*\d.*)?)?", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…。！？।][\"'”’»)\]]*$")
_CREDIT = re.compile(
    # a label at the start, in a bracket or behind a sentence: "… in Oslo. Source: Jane Doe via AP)"
    r"(?:^|[(\[]|(?<=[.!?\"”’])\s)\s*(?:(?:source|photo(?:graph)?|image|picture|credit)s?(?: credit| courtesy| by)?\s*:"
    r"|(?:photo(?:graph)?|image|picture)s? (?:by|courtesy of))\s*(?P<labelled>[^()\[\]]{2,200})[)\]]?$"
    # or a bracket at the end that can be nothing else: "… in Oslo. (Jane Doe/Pool Photo via AP)"
    r"|[(\[](?P<bracketed>[^()\[\]]{0,80}\b(?:photo|image|getty|reuters|afp|ap)\b[^()\[\]]{0,150})[)\]]\.?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class _Caption:
    text: str  #: without the credit
    credit: str


def parse(
    data: bytes | str, origin: Origin, *, stem: str, folder: str = "", base: str = ""
) -> Iterator[Article | Rejection]:
    """One article or one rejection.

    Args:
        data: the text, in UTF-8 or else windows-1252.
        stem: the file's name without its ending: the last part of the address.
        folder: the name of the folder it lies in.
        base: the address of the source, "" when that is not known.
    """
    lines = _lines(data if isinstance(data, str) else _decoded(data))
    blocks = _blocks(lines)
    body, start = _body(blocks)
    if not body:
        yield origin.rejection("", "no article text found: no paragraph is long enough")
        return
    head = blocks[:start]
    captions = _captions(head)
    title = _title(head, captions)
    if not title:
        yield origin.rejection("", "no title found before the text")
        return
    when = (dates.found_in(block) for block in head if len(block) <= 200 and block != title)
    url = _url(lines, base=base, folder=folder, stem=stem)
    yield article(
        origin,
        url=url,
        title=title,
        published=origin.moment(next(filter(None, when), None)),
        source=_site(lines, url, folder),
        section=_section(lines),
        body="\n\n".join(block for block in body if block != title),
        image=_image(title, captions),
        authors=_authors(head),
    )


def address(base: str, folder: str, stem: str) -> str:
    """The address of a page that has none: a function of where it lies."""
    name = quote(stem.encode("utf-8", "surrogatepass"), safe="")
    try:
        split = urlsplit(canonical_url(base))
        return canonical_url(f"{split.scheme}://{split.netloc}{split.path.rstrip('/')}/{name}")
    except ValueError:
        place = quote(folder.encode("utf-8", "surrogatepass"), safe="") or "-"
        return f"{NOWHERE}/{place[:500]}/{name[:1_000]}"


def _url(lines: Sequence[str], *, base: str, folder: str, stem: str) -> str:
    for match in (_ADDRESS.fullmatch(line) for line in list(filter(None, lines))[:5]):
        if match:
            try:
                return canonical_url(match["url"])
            except ValueError:
                break
    return address(base, folder, stem)


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("windows-1252", "replace")


def _lines(text: str) -> list[str]:
    return [clean.fold(line) for line in text[:MAX_TEXT].splitlines()]


def _blocks(lines: Sequence[str]) -> list[str]:
    """Paragraphs: lines up to a blank one, where a right margin broke them or the next goes on in lower case.

    Furniture and bullets stand alone.
    """
    wrapped = max(map(len, lines), default=0) <= MARGIN
    blocks: list[list[str]] = []
    joinable = False
    for line in lines:
        alone = not line or BULLET.match(line) or is_furniture(line) or _ADDRESS.match(line)
        if joinable and not alone and (wrapped or line[0].islower()):
            blocks[-1].append(line)
        elif line:
            blocks.append([line])
        joinable = bool(line) and (not alone or is_promotion(line))
    return [" ".join(block) for block in blocks]


def _body(blocks: Sequence[str]) -> tuple[list[str], int]:
    """The paragraphs of the article and the index of the first: the runs of body text that hang together."""
    runs: list[list[int]] = []
    for index, block in enumerate(blocks):
        if not _is_body(block):
            continue
        if runs and index - runs[-1][-1] <= GAP + 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    weights = [sum(len(blocks[index]) for index in run if len(blocks[index]) >= LONG) for run in runs]
    if not weights or not max(weights):
        return [], 0
    best = runs[weights.index(max(weights))]
    long = [place for place, index in enumerate(best) if len(blocks[index]) >= LONG]
    first, last = long[0], long[-1]  # a short line before belongs to the head; one behind only if nothing is between
    while last + 1 < len(best) and best[last + 1] == best[last] + 1:
        last += 1
    return [without_bullet(blocks[index]) for index in best[first : last + 1]], best[first]


def _is_body(block: str) -> bool:
    if len(block) < SENTENCE or is_furniture(block) or _caption(block):
        return False
    return bool(_SENTENCE_END.search(block[-8:])) or len(block) >= 2 * LONG


def _title(head: Sequence[str], captions: Mapping[int, _Caption]) -> str:
    """The title among the blocks before the body, or ""."""
    named = [index for index, block in enumerate(head) if index not in captions and _is_heading(block)]
    counts = Counter(head[index] for index in named)
    begun = [caption.text for caption in captions.values()]
    twice = [index for index in named if counts[head[index]] > 1 or any(one.startswith(head[index]) for one in begun)]
    whole = [index for index in named if len(head[index].split()) >= 3 and not _SENTENCE_END.search(head[index])]
    found = (
        max(twice, key=lambda index: len(head[index]), default=None),
        next((index for index in named if index + 1 in captions), None),
        *reversed(whole),
        *reversed(named),
    )
    return next((head[index] for index in found if index is not None), "")


def _captions(head: Sequence[str]) -> dict[int, _Caption]:
    return {index: caption for index, block in enumerate(head) if (caption := _caption(block))}


def _image(title: str, captions: Mapping[int, _Caption]) -> Image | None:
    """What is known of the picture: the page's text has no address of it, so `url` is "" and only the credit counts."""
    said = sorted(captions.values(), key=lambda caption: not caption.text.startswith(title))
    if not said:
        return None
    alt, credit = clean.line(said[0].text, clean.MAX_TITLE), clean.line(said[0].credit, clean.MAX_TITLE)
    return Image(url="", alt=alt, credit=credit)


def _is_heading(block: str) -> bool:
    if is_furniture(block) or _ADDRESS.match(block) or _LABELLED.fullmatch(block) or _BYLINE.fullmatch(block):
        return False
    return len(block) <= clean.MAX_TITLE and not (len(block) < 60 and dates.found_in(block))


def _caption(block: str) -> _Caption | None:
    match = _CREDIT.search(block) if len(block) <= MAX_CAPTION else None
    if match is None or (match["bracketed"] and len(block) > MAX_CAPTION // 2):
        return None  # a long paragraph may end in a bracket that names an agency
    credit = match["labelled"] or match["bracketed"] or ""
    return _Caption(text=block[: match.start()].strip(), credit=credit.strip(" .;,"))


def _section(lines: Sequence[str]) -> str:
    """The name that most of the section lines give."""
    names: Counter[str] = Counter()
    for line in lines:
        match = SECTION.fullmatch(line) or TRAIL.fullmatch(line) or _LABELLED.fullmatch(line)
        if match:
            names[match["name"].strip()] += 1
    return names.most_common(1)[0][0] if names else ""


def _site(lines: Sequence[str], url: str, folder: str) -> str:
    """The site's name where a box says ``Welcome to NAME``; else its folder's, where the address is of nowhere."""
    welcome = next(filter(None, (_WELCOME.fullmatch(line) for line in lines)), None)
    if welcome:
        return welcome["name"]
    return folder if url.startswith(NOWHERE) else ""


def _authors(head: Sequence[str]) -> list[str]:
    match = next(filter(None, (_BYLINE.fullmatch(block) for block in head if len(block) <= 150)), None)
    return re.split(r"\s*(?:,|&|\band\b)\s*", match["names"]) if match else []

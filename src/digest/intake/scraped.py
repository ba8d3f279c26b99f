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
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from urllib.parse import quote, urlsplit

from digest.intake import bylines, clean, dates, vocabulary
from digest.intake.bylines import Caption
from digest.intake.canonical import canonical_url
from digest.intake.furniture import (
    BULLET,
    SECTION,
    TRAIL,
    any_of,
    is_discussion,
    is_furniture,
    is_promotion,
    leads_elsewhere,
    without_bullet,
)
from digest.intake.origin import Origin, article
from digest.model import Article, Image, Rejection

NOWHERE = "https://scraped.invalid"
LONG = 80  #: characters of a paragraph that can only be body text
SENTENCE = 12  #: characters of a paragraph that may be, if it ends like a sentence
MARGIN = 120  #: characters: a text with longer lines was not broken by a right margin
NEAR = 5  #: blocks before the date in which the title is looked for
GAP = 3  #: blocks of furniture that body text may go on after
MAX_TEXT = 4 * clean.MAX_BODY  #: characters that are looked at
MAX_LINES = 5_000  #: lines that are looked at

_LABELLED = re.compile(rf"{any_of(vocabulary.SECTION_LABELS)}\s*[:：]\s*(?P<name>.{{2,40}})", re.IGNORECASE)
_WELCOME = re.compile(r"welcome to (?:the )?(?P<name>\S+(?: \S+){0,2}?)[.!]?", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:source )?(?:url|link)\s*:\s*(?P<url>https?://\S+)", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?…。！？।؟۔][\"'”“’‘»«›‹)\]」』]*$")
_STATEMENT_END = re.compile(r"[.…。।۔][\"'”“’‘»«›‹)\]」』]*$")  # a title may ask, or cry out
_BEFORE_SITE = re.compile(r".{10,}(?=\s+[|–—-]\s+\S.{1,38}$)")  # Title | Site
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff]")  # a sign of these says what two or three letters say


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
    url = _url(lines, base=base, folder=folder, stem=stem)
    yield article(
        origin,
        url=url,
        title=title,
        published=origin.moment(_published(head, title, day_first=not _is_english(body))),
        source=_site(lines, url, folder),
        section=_section(lines),
        body="\n\n".join(block for block in body if block != title),
        image=_image(title, captions),
        authors=bylines.first_authors(head),
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
    return [clean.fold(line) for line in unicodedata.normalize("NFC", text[:MAX_TEXT]).splitlines()[:MAX_LINES]]


def _size(text: str) -> int:
    """Characters, as many as a text of letters would have."""
    return len(text) + (0 if text.isascii() else len(_DENSE.findall(text)))


def _words(text: str) -> int:
    return len(text.split()) + len(_DENSE.findall(text)) // 2


def _blocks(lines: Sequence[str]) -> list[str]:
    """Paragraphs: lines up to a blank one, where a right margin broke them or the next goes on in lower case.

    Furniture and bullets stand alone, and so does each line of Chinese and Japanese.
    """
    wrapped = _is_wrapped(lines)
    blocks: list[list[str]] = []
    joinable = False
    for line in lines:
        alone = not line or BULLET.match(line) or is_furniture(line) or _ADDRESS.match(line) or bylines.authors(line)
        if joinable and not alone and (wrapped or _goes_on(blocks[-1][-1], line)):
            blocks[-1].append(line)
        elif line:
            blocks.append([line])
        joinable = bool(line) and (not alone or is_promotion(line))
    return [" ".join(block) for block in blocks]


def _is_wrapped(lines: Sequence[str]) -> bool:
    """Whether a right margin broke the lines: none is longer, and most of the full ones end within a sentence."""
    full = [line for line in lines if len(line) >= MARGIN // 3]
    ended = sum(bool(_SENTENCE_END.search(line[-8:])) for line in full)
    return max(map(len, lines), default=0) <= MARGIN and 2 * ended <= len(full) and not any(map(_DENSE.search, full))


def _goes_on(before: str, line: str) -> bool:
    return line[0].islower() and not _SENTENCE_END.search(before[-8:])


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
    weights = [_weight(blocks, run) for run in runs]
    if not weights or not max(weights):
        return [], 0
    best = _without_foot(blocks, runs[weights.index(max(weights))])
    long = [place for place, index in enumerate(best) if _size(blocks[index]) >= LONG]
    first, last = long[0], long[-1]  # a short line before belongs to the head; one behind only if nothing is between
    while last + 1 < len(best) and best[last + 1] == best[last] + 1:
        last += 1
    return [without_bullet(blocks[index]) for index in best[first : last + 1]], best[first]


def _weight(blocks: Sequence[str], run: Sequence[int]) -> int:
    return sum(size for index in run if (size := _size(blocks[index])) >= LONG)


def _without_foot(blocks: Sequence[str], run: list[int]) -> list[int]:
    """The run up to what readers say, or up to a list of other articles with a sentence about each.

    In such a list each sentence stands alone between two headings.  Where two paragraphs follow each other, the list
    was a box within the text.  Less than half of the text never outweighs the rest.
    """
    for place in reversed(range(run[0], run[-1])):
        if not leads_elsewhere(blocks[place]):
            continue  # what leads elsewhere is furniture, and so never in the run
        before, after = [one for one in run if one < place], [one for one in run if one > place]
        apart = len(after) > 1 and all(later - one > 1 for one, later in pairwise(after))
        if (apart or is_discussion(blocks[place])) and _weight(blocks, before) > _weight(blocks, after):
            run = before
    return run


def _is_body(block: str) -> bool:
    if _size(block) < SENTENCE or is_furniture(block) or bylines.caption(block):
        return False
    return bool(_SENTENCE_END.search(block[-8:])) or _size(block) >= 2 * LONG


def _title(head: Sequence[str], captions: Mapping[int, Caption]) -> str:
    """The title among the blocks before the body, or ""."""
    named = [index for index, block in enumerate(head) if index not in captions and _is_heading(block)]
    counts = Counter(head[index] for index in named)
    begun = [caption.text for caption in captions.values()]
    begun += [site[0].strip() for site in map(_BEFORE_SITE.match, head) if site]
    twice = [index for index in named if counts[head[index]] > 1 or any(one.startswith(head[index]) for one in begun)]
    whole = [index for index in named if _words(head[index]) >= 3 and not _STATEMENT_END.search(head[index])]
    way = max((index for index, block in enumerate(head) if TRAIL.fullmatch(block)), default=len(head))
    found = (
        max(twice, key=lambda index: len(head[index]), default=None),
        next((index for index in named if index + 1 in captions), None),
        next((index for index in whole if index > way), None),  # what follows it may be a line under the title
        _by_the_date(head, whole),
        *reversed(whole),
        *reversed(named),
    )
    return next((head[index] for index in found if index is not None), "")


def _by_the_date(head: Sequence[str], whole: Sequence[int]) -> int | None:
    """The first of the lines together that stand right before the date: title, line under it, name, date."""
    date = max((index for index, block in enumerate(head) if len(block) < 100 and dates.found_in(block)), default=0)
    together = [index for index in whole if date - NEAR <= index < date and _words(head[index]) > 3]
    return next((index for index in reversed(together) if index - 1 not in together), None)


def _published(head: Sequence[str], title: str, *, day_first: bool) -> datetime | None:
    """The first date behind the title; else the first before it: the top of a page may tell today's."""
    place = head.index(title) if title in head else 0
    lines = [block for block in (*head[place:], *head[:place]) if len(block) <= 200 and block != title]
    return next(filter(None, (dates.found_in(line, day_first=day_first) for line in lines)), None)


def _is_english(body: Sequence[str]) -> bool:
    """Only there, 3/11 may be either of two days."""
    words = re.findall(r"[a-z]+", " ".join(body)[:5_000].lower())
    return 40 * sum(word in {"the", "of", "and"} for word in words) > len(words)


def _captions(head: Sequence[str]) -> dict[int, Caption]:
    return {index: caption for index, block in enumerate(head) if (caption := bylines.caption(block))}


def _image(title: str, captions: Mapping[int, Caption]) -> Image | None:
    """What is known of the picture: the page's text has no address of it, so `url` is "" and only the credit counts."""
    said = sorted(captions.values(), key=lambda caption: (not caption.text.startswith(title), not caption.text))
    if not said:
        return None
    alt, credit = clean.line(said[0].text, clean.MAX_TITLE), clean.line(said[0].credit, clean.MAX_TITLE)
    return Image(url="", alt=alt, credit=credit)


def _is_heading(block: str) -> bool:
    if is_furniture(block) or _ADDRESS.match(block) or _LABELLED.fullmatch(block) or bylines.authors(block):
        return False
    return len(block) <= clean.MAX_TITLE and not (len(block) < 60 and dates.found_in(block))


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

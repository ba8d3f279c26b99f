"""A message that did not arrive, taken apart, in; each recipient, why, and what the address is worth, out."""

import re
from collections.abc import Iterable, Iterator

from digest.feedback.causes import SEVERITY, by_reply, by_status, by_words, is_translated
from digest.feedback.letter import Letter, address_in
from digest.feedback.notified import Fields
from digest.model import Cause, Failure, Severity

MOST = 50  #: recipients of one report
SAID = 300  #: characters of an answer that are kept

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")  # RFC 3463
_REPLY = re.compile(r"(?<![\d.-])(?<!\d:)([45][0-5]\d)(?=[\s\-:#,;)>]|$)(?!\s*(?:bytes|kb|mb|days|hours|messages))")
_ADDRESS = re.compile(r"[\w.+=!#$%&'*/?^`{|}~-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_LISTED = re.compile(rf"[ \t<]*({_ADDRESS.pattern})>?\s*:\s*([45]\d\d[ \-].{{3,500}})")
_ROLES = re.compile(r"(?i)^(?:mailer-daemon|postmaster|mail-daemon|mailerdaemon|noreply|no-reply|abuse|mdaemon)@")
_ANSWER = re.compile(
    r"(?i)(?<![\d.])(?:[45]\d\d[ \-#]|[45]\.\d{1,3}\.\d{1,3})|<<<|said:|remote (?:host|server)|diagnos|reason:"
)
#: As mail servers tell at which step a message was refused: Exim, Postfix, Sendmail, qmail, Gmail, hMailServer.
_AT_RCPT = re.compile(
    r"(?i)(?:after|reply to|did not like our|smtp:|>>>|\[)\s*rcpt|rcpt to:? ?<|rcpt command|need rcpt"
    r"|no valid recipients|does not like recipient|\(state 1[34]\)"
)
_NOBODY = re.compile(
    r"(?i)\b550:? (?:<> ?)?(?::\s+)?user unknown\b"
)  # a filter's: it leaves the address out, as KDDI's
_AFTER_CONTENT = re.compile(
    r"(?i)end of data|reply to data|after data|smtp command\s+data\b|>>> (?:data|\.)\s*\n\s*(?:<<< )?5\d\d"
    r"|failed (?:after i sent the message|on data)|\(state 1[78]\)"
)
#: Words that are said of too much to go before an exact code.
_VAGUE = frozenset(
    {
        Cause.CONTENT,
        Cause.DISABLED,
        Cause.UNAVAILABLE,
        Cause.POLICY,
        Cause.SYSTEM,
        Cause.NETWORK,
        Cause.EXPIRED,
        Cause.NONE,
    }
)
_OTHERS = frozenset({Cause.SENDER, Cause.CONTENT})
_SURE = frozenset({Cause.UNKNOWN_USER, Cause.UNKNOWN_HOST, Cause.MOVED, Cause.NO_MAIL})
_WENT_WELL = ("delivered", "relayed", "expanded", "deliverable")


def reported(letter: Letter) -> list[Fields]:
    """The recipients of a delivery report (RFC 3464)."""
    return [group for group in letter.groups if _recipient(group) or "action" in group][:MOST]


def went_well(letter: Letter) -> bool:
    """A report of deliveries, none of which failed."""
    actions = [_action(group) for group in reported(letter) if "action" in group]
    return bool(actions) and all(one in _WENT_WELL for one in actions)


def failures(letter: Letter) -> tuple[Failure, ...]:
    """What a bounce says of each recipient: at least one."""
    groups = [group for group in reported(letter) if _action(group) not in _WENT_WELL]
    found = [_of_report(group, letter) for group in groups]
    found = found or _several(letter) or [_of_prose(letter, address) for address in named(letter)[:MOST] or [""]]
    return tuple({one.address: one for one in reversed(found)}.values())[::-1]


def _several(letter: Letter) -> list[Failure]:
    """The recipients of a list such as ``ada@example.org: 550 unknown``, where it has two or more."""
    lines = [found for line in letter.prose.splitlines()[:400] if (found := _LISTED.match(line))]
    if len({line[1].lower() for line in lines}) < 2:
        return []
    return [_of_answer(line[1].lower(), line[2], letter) for line in lines[:MOST]]


def named(letter: Letter) -> list[str]:
    """The addresses that a free-form bounce is about, best guess first: as it says, names, or was sent to."""
    told = letter.field("X-Failed-Recipients")
    ours = {address_in(letter.field(name)) for name in ("To", "Delivered-To", "X-Original-To")}
    ours |= {address_in(letter.original.get("from", "")), letter.sender}
    for text in (told, letter.prose):
        found = [one.lower().strip("'.") for one in _ADDRESS.findall(text[:20_000])]
        if some := list(dict.fromkeys(one for one in found if one not in ours and not _ROLES.match(one))):
            return some[:1] if text is letter.prose else some
    sent_to = address_in(letter.original.get("to", "")) or address_in(letter.original.get("x-envelope-to", ""))
    return [sent_to] if sent_to else []


def spoken_of(address: str, prose: str) -> Iterator[str]:
    """The line of an address that says more than the address: ``<a@example.org>: 550 unknown``."""
    for line in prose.splitlines()[:400]:
        head, found, rest = line.lower().partition(address) if address else ("", "", "")
        if found and len(head.strip(" <:*-")) < 20 and len(rest.strip(" >:.")) > 8:
            yield rest
            return


def status_in(text: str) -> str:
    """The most telling enhanced status code in a text: the first that is not X.0.0."""
    found = [match[0] for match in _STATUS.finditer(text) if match[1] != "2"]
    return next((one for one in found if not one.endswith(".0.0")), found[0] if found else "")


def reply_in(text: str) -> str:
    found = _REPLY.search(text)
    return found[1] if found else ""


def _of_report(group: Fields, letter: Letter) -> Failure:
    answer = group.get("diagnostic-code", "")
    kind, _, said = answer.partition(";")
    said = said.strip() if re.fullmatch(r"\s*[\w.-]+\s*", kind) else answer
    texts = [said] if said else list(spoken_of(_recipient(group), letter.prose))
    given = status_in(group.get("status", ""))
    told = status_in(" ".join(texts))
    status = told if told and (not given or _is_general(given)) else given or told
    cause = _cause(texts, [told, given], reply_in(said), answers(letter))
    if kind.strip().lower() == "x-unix" and by_words(said) in _VAGUE - {Cause.NONE}:
        cause = Cause.SYSTEM  # a program on that machine failed, and its mail server made the code up
    if _is_there(cause, status, f"{said}\n{letter.prose}", reported=True):
        cause = Cause.FILTERED
    delayed = _action(group) == "delayed"
    return _failure(_recipient(group), cause, status, said or " ".join(texts) or letter.prose, delayed=delayed)


def _of_prose(letter: Letter, address: str) -> Failure:
    texts = list(answers(letter))
    told = status_in("\n".join(texts))
    cause = _cause(texts[:1], [told], reply_in(" ".join(texts)), texts[1:])
    if _is_there(cause, told, letter.prose, reported=False):
        cause = Cause.FILTERED
    return _failure(address, cause, told, texts[0] if texts else letter.subject, delayed=_is_warning(letter))


def _of_answer(address: str, answer: str, letter: Letter) -> Failure:
    told = status_in(answer)
    cause = _cause([answer], [told], reply_in(answer), [])
    return _failure(address, cause, told, answer, delayed=_is_warning(letter))


def _is_warning(letter: Letter) -> bool:
    return re.search(r"(?i)\bdelayed\b|warning|will (?:be retried|keep trying|continue)", letter.subject) is not None


def answers(letter: Letter) -> Iterator[str]:
    """What may hold the reason, the likeliest first: lines with an answer, all the text, the subject."""
    lines = letter.prose.splitlines()
    places = [place for place, line in enumerate(lines[:400]) if _ANSWER.search(line)][:6]
    near = sorted({place + more for place in places for more in range(3) if place + more < len(lines)})
    if near:
        yield "\n".join(lines[place] if place - 1 in near else f". {lines[place]}" for place in near)
    if letter.prose.strip():
        yield letter.prose
    yield letter.subject


def _cause(texts: Iterable[str], statuses: Iterable[str], reply: str, further: Iterable[str]) -> Cause:
    """Words of the answer, unless they are vague and the code is exact; then words around it; then what is left."""
    words = next((cause for text in texts if (cause := by_words(text)) is not Cause.NONE), Cause.NONE)
    coded = next(
        (cause for status in statuses if status and (cause := by_status(status)) is not Cause.NONE), Cause.NONE
    )
    if coded in _OTHERS and words in _SURE:  # X.1.7 and X.1.8 say whose address it is, X.6.X that it is in the message
        return coded
    if words not in _VAGUE:
        return words
    if reply in ("521", "556"):  # RFC 7504: made for saying this, whatever the words are
        return by_reply(reply)
    if coded in _SURE or (words is Cause.NONE and coded is not Cause.NONE and coded not in _VAGUE):
        return coded
    around = next((cause for text in further if (cause := by_words(text)) is not Cause.NONE), Cause.NONE)
    for cause in (words, coded, around, by_reply(reply)):
        if cause is not Cause.NONE:
            return cause
    return Cause.UNDEFINED


def _is_there(cause: Cause, status: str, texts: str, *, reported: bool) -> bool:
    """A mailbox that is said to be unknown, and may not be: nothing says that it was refused by name.

    A server that knows its mailboxes refuses at RCPT, and says so by a code (5.1.X).  A bare 550 with the same words,
    passed on in prose, comes from filters too, which have heard the content first; and a code X.2.X speaks of a
    mailbox that is there.
    """
    if cause is not Cause.UNKNOWN_USER or status[1:3] == ".1":
        return False
    if _NOBODY.search(texts):
        return True
    bare = not reported and reply_in(texts)
    said_late = status[1:3] == ".2" or _AFTER_CONTENT.search(texts) or bare
    return bool(said_late) and not _AT_RCPT.search(texts)


def _failure(address: str, cause: Cause, status: str, said: str, *, delayed: bool) -> Failure:
    severity = SEVERITY.get(cause, Severity.POLICY)
    if severity is Severity.HARD and status.startswith("4") and not (cause is Cause.UNKNOWN_USER and status == "4.1.1"):
        severity = Severity.SOFT
    if severity is Severity.HARD and _is_only_translated(cause, status, said):
        severity = Severity.SOFT
    line = " ".join("".join(one if one.isprintable() else " " for one in said[: 10 * SAID]).split())[:SAID]
    sure = severity is Severity.HARD and status.startswith("5.1.") and by_words(line) in _SURE
    if delayed:
        severity = Severity.DELAY
    return Failure(
        address=address, severity=severity, cause=cause, status=status, said=line, certain=sure and not delayed
    )


def _is_only_translated(cause: Cause, status: str, said: str) -> bool:
    """Told by a program to people, in their language: without a code of its server that is too little to be sure of."""
    return by_status(status) not in _SURE and not reply_in(said) and is_translated(cause, said)


def _recipient(group: Fields) -> str:
    """The address as we wrote it, before the address that it became."""
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        value = group.get(name, "")
        if address := address_in(value.partition(";")[2] or value):
            return address
    return ""


def _action(group: Fields) -> str:
    return group.get("action", "").partition(" ")[0].strip("; ").lower()


def _is_general(status: str) -> bool:
    return status.endswith((".0.0", ".5.0", ".3.0"))

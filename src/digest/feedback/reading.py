"""The bytes of any message in, what it is and says out."""

import re
from collections.abc import Callable
from dataclasses import replace

from digest.feedback import failures
from digest.feedback.causes import by_words
from digest.feedback.leaving import ANSWERED, wishes
from digest.feedback.letter import Letter, address_in, take_apart
from digest.model import Cause, Kind, Report

_TOKEN = re.compile(r"(?i)(?<![a-z2-7])[a-z2-7]{36}(?![a-z2-7])")  # `links.delivery_token`
_MESSAGE_ID = re.compile(r"<[\w.+-]{1,80}\.[0-9a-f]{16}@[\w.-]{1,253}>")  # `links.message_id`

_DAEMON = re.compile(
    r"(?i)mailer[-_. ]?daemon|post[-_ ]?master|mail ?(?:delivery|er) ?(?:sub)?system|mail[-_ ]?daemon"
    r"|microsoft exchange|mdaemon|mail administrator|maileradmin|auto[-_]?reply@|bounces?[-_+@]"
)
_UNDELIVERED = re.compile(
    r"(?i)undeliver|delivery (?:status|fail|report|has failed|problem|delay|error|notif)|fail(?:ed"
    r"|ure)[^\n]{0,20}(?:deliver|notice|mail)"
    r"|returned (?:mail|to sender|message)|mail (?:delivery )?(?:fail|error|could not|system error)"
    r"|could ?n.t be delivered"
    r"|non[- ]?(?:delivery|deliverable|remis)|not? (?:be )?delivered|unable to deliver|message (?:delayed|status)"
    r"|message [^\n]{0,40}delayed|rejected|\bbounced?\b(?! rates?\b)"
    r"|unzustellbar|nicht zugestellt|zustellung|non délivr|échec|no se (?:pudo|puede|ha podido) entregar"
    r"|no entregado|devuelto"
    r"|non remis|não (?:foi )?entreg|mancata consegna|non recapitabile|onbestelbaar|niet (?:afgeleverd|bezorgd)"
    r"|olevererbar|kan ikke leveres|niedostarczaln|nedoručiteln|недоставлен|не доставлен|teslim edilemedi"
    r"|配信|宛先|エラー|不達|退信|退件|未送达|无法送达|無法傳遞|无法投递|배달되지 않|전송되지 않|غير قابل للتسليم"
    r"|user unknown|warning: could not send"
)
_AWAY = re.compile(
    r"(?i)out of (?:the )?office|auto(?:matic|mated)?[- ]?(?:reply|response|respon)|on (?:vacation|holiday|leave)"
    r"|away from (?:my )?(?:mail|office)"
    r"|abwesen|urlaub|automatische (?:antwort|r(?:eactie|ückmeldung))|absen(?:ce|t)|réponse automatique"
    r"|respuesta automática|autorespuesta|fuera de (?:la )?oficina|resposta automática|risposta automatica|fuori sede"
    r"|afwezig|automatisch antwoord|\bautosva|automatická odpověď|automatické odpovědi|automatyczna odpowiedź"
    r"|otomatik yanıt|自動(?:返信|応答|回复|回覆)|自动(?:回复|答复)|자동 ?(?:회신|응답)|автоответ"
    r"|автоматический ответ|رد تلقائي|i am away|vacation"
)
_CHALLENGE = re.compile(
    r"(?i)(?:confirm|verify|prove)[^\n]{0,60}(?:you(?:r| are) (?:a )?(?:human|person|message|email|identity)"
    r"|deliver)|challenge[- /]response"
    r"|spam ?arrest|boxbe|tmda|sender (?:verification|validation|authori[sz]ation) (?:required|request)"
    r"|waiting list for your message"
)
_ABUSE = re.compile(
    r"(?i)\babuse\b|\bcomplaint|feedback[- ]?loop|\bfbl\b|reported? (?:as |this as )?(?:spam|junk)|e-?mail feedback"
    r"|\bspam(?:cop\b| (?:report|complaint|notification))|marked as (?:spam|junk)"
)


def read(raw: bytes) -> Report:
    """What a message is and says.  Raises nothing, whatever the bytes are."""
    letter = _unwrapped(take_apart(raw))
    kind = _kind(letter)
    told = failures.failures(letter) if kind is Kind.BOUNCE else ()
    return Report(
        kind=kind,
        failures=told,
        addresses=_addresses(letter, kind) or tuple(one.address for one in told if one.address),
        sender=letter.sender,
        tokens=tuple(dict.fromkeys(found.lower() for found in _TOKEN.findall(_evidence(letter))))[:20],
        message_ids=tuple(dict.fromkeys(_MESSAGE_ID.findall(_evidence(letter))))[:20],
        complaint=letter.complaint.get("feedback-type", "").lower(),
        leaving=(wishes(letter) or ()) if kind is Kind.UNSUBSCRIBE else (),
    )


def _unwrapped(letter: Letter) -> Letter:
    """A gateway that could not pass a report on returns it in a notice of its own, which says less."""
    inner = letter.wrapped
    if inner is None or failures.reported(letter) or not _is_from_daemon(letter):
        return letter
    return replace(letter, groups=inner.groups, original=inner.original, quoted=inner.quoted)


def _is_from_daemon(letter: Letter) -> bool:
    return bool(_DAEMON.search(letter.field("From"))) or letter.field("Return-Path") in ("<>", "< >")


def _kind(letter: Letter) -> Kind:
    """The first that it is; a test of the table below takes those before it for granted."""
    return next((kind for kind, is_it in _TESTS if is_it(letter)), Kind.ORDINARY)


def _complains(letter: Letter) -> bool:
    """A feedback report, or what providers send instead of one: the original, and a word about abuse."""
    if letter.complaint:
        return True
    if "feedback-report" in letter.field("Content-Type").lower():
        return True
    about = f"{letter.subject}\n{letter.field('From')}"
    return bool(_ABUSE.search(about) and letter.quoted and not failures.reported(letter)) and not _UNDELIVERED.search(
        letter.subject
    )


def _answers_itself(letter: Letter) -> bool:
    """As RFC 3834 asks it, and as programs did before and beside it."""
    if any(letter.field(name) for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Reply", "X-Autoresponder")):
        return True
    return letter.field("Precedence").lower() == "auto_reply" or bool(_AWAY.search(letter.subject))


def _is_bounce(letter: Letter, *, automatic: bool = False) -> bool:
    """Several signs at once, as each alone is found in ordinary mail too."""
    if letter.field("X-Failed-Recipients"):
        return True
    daemon = _is_from_daemon(letter)
    formal = "report-type=delivery-status" in letter.field("Content-Type").lower().replace('"', "")
    if not (daemon or formal) and (ANSWERED.match(letter.subject) or not letter.quoted):
        return False  # a person who writes about one, or answers one, or passes it on
    answer = f"{letter.subject}\n{letter.prose[:6000]}"
    signs = (
        2 * bool(_UNDELIVERED.search(letter.subject)),
        2 * daemon,
        formal,
        bool(letter.quoted),
        by_words(answer) is not Cause.NONE,
        bool(failures.status_in(answer) or failures.reply_in(answer)),
        bool(_UNDELIVERED.search(letter.prose[:3000])),
    )
    return sum(signs) >= (5 if automatic else 4)


def _addresses(letter: Letter, kind: Kind) -> tuple[str, ...]:
    """The readers that a message may be from or about."""
    if kind is Kind.COMPLAINT:
        told = [letter.complaint.get(name, "") for name in ("original-rcpt-to", "removal-recipient")]
        # The former field is Outlook's, which puts it into the header of what it returns.
        told += [letter.original.get(name, "") for name in ("x-hmxmroriginalrecipient", "to")]
        return tuple(dict.fromkeys(one for one in map(address_in, told) if one))
    return () if kind is Kind.BOUNCE or not letter.sender else (letter.sender,)


def _evidence(letter: Letter) -> str:
    """All that may name a delivery: the header, what it is about, and what it quotes."""
    head = "\n".join(f"{name}: {value}" for name, value in letter.header.items())
    complaint = "\n".join(letter.complaint.values())
    groups = "\n".join(value for group in letter.groups for value in group.values())
    return "\n".join((head, complaint, groups, letter.quoted[:50_000], letter.prose[:20_000]))


def _is_success(letter: Letter) -> bool:
    return "message/disposition-notification" in letter.types or failures.went_well(letter)


def _is_challenge(letter: Letter) -> bool:
    return _CHALLENGE.search(f"{letter.subject}\n{letter.prose[:500]}") is not None


def _is_wish(letter: Letter) -> bool:
    """Before what is automatic: Apple Mail marks the mail of its unsubscribe button so."""
    return wishes(letter) is not None and not _DAEMON.search(letter.field("From"))


def _is_automatic(letter: Letter) -> bool:
    marked = letter.field("Auto-Submitted").lower().startswith("auto-replied")
    return (marked or _answers_itself(letter)) and not _is_bounce(letter, automatic=True)


_TESTS: tuple[tuple[Kind, Callable[[Letter], object]], ...] = (
    (Kind.COMPLAINT, _complains),
    (Kind.DELIVERED, _is_success),
    (Kind.BOUNCE, failures.reported),
    (Kind.CHALLENGE, _is_challenge),
    (Kind.UNSUBSCRIBE, _is_wish),
    (Kind.VACATION, _is_automatic),
    (Kind.BOUNCE, _is_bounce),
)

"""A message in, whether its writer asks to leave by mail, and with which tokens, out."""

import re

from digest.feedback.letter import Letter

_ASKED = re.compile(r"(?i)\bunsubscribe[ +]+([a-z0-9][a-z0-9-]{0,39})[ +]+([A-Za-z0-9_-]{31}[A-Za-z0-9_=-])(?![\w-])")
#: What people write who want to leave, alone on a line.
_WORDS = re.compile(
    r"(?:please )?(?:unsubscribe(?: me)?|un-subscribe|remove(?: me)?|stop|opt[- ]?out|leave|signoff|abmelden"
    r"|abbestellen|abmeldung"
    r"|bitte abmelden|désabonner|désinscription|désabonnement|me désabonner|désinscrire|darme de baja|baja"
    r"|cancelar suscripción"
    r"|desuscribir|anular suscripción|disiscrivi|disiscrivimi|cancellami|uitschrijven|afmelden|cancelar inscrição"
    r"|descadastrar"
    r"|إلغاء الاشتراك|отписаться|отписка|退订|取消订阅|配信停止|購読解除|登録解除)(?: please)?"
)
#: What programs put before the subject of a mail that is answered or passed on.
ANSWERED = re.compile(r"(?i)^(?:(?:re|aw|sv|vs|odp|antw|rv|ref|tr|fwd?|wg|enc|rif|回复|答复|返信|转发)\s*[:：]\s*)+")


def wishes(letter: Letter) -> tuple[tuple[str, str], ...] | None:
    """(newsletter, token) of each wish to leave; empty where the wish comes without a token; None: there is none."""
    first = _first_line(letter.prose)
    found = [(name.lower(), token) for text in (letter.subject, first) for name, token in _ASKED.findall(text)]
    if found:
        return tuple(dict.fromkeys(found))
    return () if _is_wish(letter.subject) or _is_wish(first) else None


def _first_line(text: str) -> str:
    lines = (line.strip() for line in text.splitlines())
    return next((line for line in lines if line and not line.startswith(">")), "")[:200]


def _is_wish(text: str) -> bool:
    words = ANSWERED.sub("", text).strip(" .!?\"'*-").casefold()
    return _WORDS.fullmatch(words) is not None

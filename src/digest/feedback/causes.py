"""What mail servers say, in; the cause out.  Words before codes, as the same code is given for many things.

The words are those that mail servers and their filters are shipped with, as general as they can be told apart.  Which
cause is asked first matters: "user unknown" is often said of a sender, and "blocked" never of a mailbox that is gone.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from digest.model import Cause, Severity

LONGEST = 3000  #: characters of a text that are looked at: the reason comes early

SEVERITY = {
    Cause.UNKNOWN_USER: Severity.HARD,
    Cause.UNKNOWN_HOST: Severity.HARD,
    Cause.MOVED: Severity.HARD,
    Cause.NO_MAIL: Severity.HARD,
    Cause.FULL: Severity.SOFT,
    Cause.DISABLED: Severity.SOFT,
    Cause.FILTERED: Severity.SOFT,
    Cause.UNAVAILABLE: Severity.SOFT,
    Cause.EXPIRED: Severity.SOFT,
    Cause.NETWORK: Severity.SOFT,
    Cause.SYSTEM: Severity.SOFT,
    Cause.UNDEFINED: Severity.SOFT,
}  #: all others are of policy

_ADDRESS = re.compile(r"<?[\"\w.+=!#$%&'*/?^`{|}~-]+@[\w.\[\]-]+>?(?:\.{3})?")
_SPACE = re.compile(r"[\s\"'’`()<>«»“”]+")


_SENTENCE = re.compile(r"[.!?] |[。！？]")
#: A sentence of what may be the matter says nothing of what is: those who write one tell several causes at once.
_GUESS = re.compile(
    r"\b(?:may|might|possibl[ey]|probably|perhaps) (?:have |also )?(?:not|be|been|no longer)\b|may not|might not|more likely|usually"
    r"|möglicherweise|vielleicht|il se peut|peut-être|podría|puede que|quiz[aá]s|talvez|può darsi|mogelijk|возможно|可能|かもしれ"
)


def plain(text: str) -> str:
    """In lower case, an address as ``@``, without quotation marks, one space between words."""
    return _SPACE.sub(" ", _ADDRESS.sub(" @ ", text[:LONGEST].lower()))


@lru_cache(maxsize=64)  # the same text is asked about as a sign, as an answer, and as the text around one
def by_words(text: str) -> Cause:
    """The cause that a text tells; NONE where it tells none."""
    said = " . ".join(one for one in _SENTENCE.split(plain(text)) if not _GUESS.search(one))
    return next((cause for cause, words in _WORDS if words.search(said)), Cause.NONE)


def by_status(status: str) -> Cause:
    """The cause that an enhanced status code stands for (RFC 3463 and its registry); NONE where it is too general."""
    exact = _CODES.get(status[2:])
    if exact is None:
        return Cause.NONE
    return Cause.FILTERED if exact in _FOR_GOOD and status.startswith("4.") else exact


def by_reply(reply: str) -> Cause:
    """The cause that a reply code stands for by itself (RFC 5321, RFC 7504)."""
    return {"521": Cause.NO_MAIL, "556": Cause.NO_MAIL, "552": Cause.FULL, "551": Cause.MOVED}.get(reply, Cause.NONE)


_FOR_GOOD = {Cause.UNKNOWN_USER, Cause.UNKNOWN_HOST, Cause.MOVED, Cause.NO_MAIL}

_CODES = {
    **dict.fromkeys(("1.1", "1.0", "1.3", "1.4"), Cause.UNKNOWN_USER),
    **dict.fromkeys(("1.2", "4.4"), Cause.UNKNOWN_HOST),
    "1.6": Cause.MOVED,
    "1.10": Cause.NO_MAIL,
    **dict.fromkeys(("1.7", "1.8", "7.27"), Cause.SENDER),
    "2.1": Cause.DISABLED,
    **dict.fromkeys(("2.2", "3.1"), Cause.FULL),
    **dict.fromkeys(("2.3", "3.4"), Cause.TOO_BIG),
    **dict.fromkeys(("2.0", "2.4"), Cause.FILTERED),
    **dict.fromkeys(("3.0", "3.2", "3.3", "3.5", "4.3", "5.4"), Cause.SYSTEM),
    **dict.fromkeys(("4.1", "4.2", "4.6", "4.0", "4.5"), Cause.NETWORK),
    "4.7": Cause.EXPIRED,
    **dict.fromkeys(("5.3", "7.28"), Cause.RATE),
    **dict.fromkeys(("6.0", "6.1", "6.2", "6.3", "6.5", "6.6", "6.7", "6.9", "5.2"), Cause.CONTENT),
    **dict.fromkeys(("7.0", "7.1", "7.2", "7.3", "7.4", "7.5", "7.6", "7.7", "7.13", "7.14", "7.17"), Cause.POLICY),
    **dict.fromkeys(("7.20", "7.21", "7.22", "7.23", "7.24", "7.25", "7.26", "7.8", "7.9"), Cause.AUTHENTICATION),
}


def _any(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(words))


_WHO = r"(?:user|user ?id|users|mailbox|recipient|account|address|addressee|subscriber|customer|inbox|member|person|e-?mail)"
_GONE = r"(?:unknown|not found|not exist|nonexist\w*|non-exist\w*|invalid|not valid|not known|undefined)"

_WORDS = (
    (Cause.SYSTEM, _any((r"(?:couldn t|could not|can t|cannot|unable to) (?:create|open|write|append|lock) ",))),
    (
        Cause.NETWORK,
        _any((r"not found,? (?:please )?(?:re)?try (?:again|later)", r"temporary (?:failure in name|lookup)", r"host not found.{0,20}try again")),
    ),
    (
        Cause.FILTERED,
        _any((r"recipient.{0,3} preferences", r"refused by (?:the )?recipient", r"user (?:refus|reject)\w*", r"recipient(?:s)? only accept", r"delivery (?:not authorized|restriction)", r"because the recipient is not accepting")),
    ),
    (
        Cause.AUTHENTICATION,
        _any((
            r"\bspf\b", r"\bdkim\b", r"\bdmarc\b", r"sender id \(?pra", r"reverse dns", r"\bptr\b", r"rdns", r"fcrdns",
            r"unauthenticated (?:e-?mail|sender|message)", r"no (?:valid )?(?:reverse|rdns|hostname)",
            r"(?:client host|cannot find your|find your) (?:reverse )?hostname", r"cannot (?:resolve|find) your (?:ip|host)",
            r"not (?:properly )?authenticated", r"authentication (?:is )?(?:required|failed|checks)",
            r"(?:helo|ehlo)[^.]{0,60}(?:reject|invalid|bad|not resolve|does not)", r"relay not (?:authenticated)",
            r"does not have (?:a )?(?:valid )?(?:mx|a record|reverse)", r"sender address verification",
        )),
    ),
    (
        Cause.SENDER,
        _any((
            r"sender (?:address )?(?:is )?(?:rejected|denied|blocked|refused|not allowed|verify failed|unknown|invalid)",
            r"(?:bad|invalid|unresolvable|unknown) sender", r"sender domain", r"domain of sender", r"sender.s (?:domain|address)",
            r"(?:verify|verification) (?:of )?(?:the )?sender", r"not allowed to send", r"sender unknown",
            r"(?:mail|messages?) from @ (?:is |are )?(?:not accepted|rejected|refused|denied)",
            r"you are not (?:allowed|authorized|permitted) to (?:send|post)", r"return(?:-| )path (?:is )?(?:invalid|rejected)",
            r"(?:envelope |mail )from[^.]{0,30}(?:rejected|denied|not exist|refused)", r"backscatter", r"null sender",
            r"(?:don.?t|do not|not) accept (?:mail |bounces? )?from (?:this|your|<>|the null)", r"sender not (?:found|exist)",
        )),
    ),
    (
        Cause.RELAYING,
        _any((r"relay(?:ing)? (?:is |access )?(?:not (?:allowed|permitted)|denied|prohibited|attempt)", r"(?:unable|not allowed|not permitted|refuse[ds]?) to relay",
              r"not a gateway", r"cannot relay", r"insecure mail relay", r"we do not relay", r"not relay")),
    ),
    (
        Cause.SPAM,
        _any((
            r"\bspam\b(?!haus|cop)", r"spam(?:my|assassin|ming)", r"\bjunk mail\b", r"unsolicited", r"\bbulk (?:e-?)?mail\b", r"\bube\b", r"\buce\b",
            r"(?:looks|appears) like spam", r"迷惑メール", r"virus", r"malware", r"phish", r"infected", r"trojan", r"worm\b",
        )),
    ),
    (
        Cause.BLOCKED,
        _any((
            r"black ?-?list", r"block ?-?list", r"deny ?list", r"grey ?-?list", r"gray ?-?list", r"\brbl\b", r"\bdnsbl\b", r"spamhaus", r"spamcop", r"barracuda",
            r"reputation", r"(?:has been|is|was|are|been|temporarily|currently|ip|address|host|server|mail|message|connection|temporarily) (?:blocked|banned)",
            r"blocked (?:by|using|for|due|from|because|\[|-|;|:)", r"banned", r"your (?:ip|host|server|network)[^.]{0,60}(?:block|list|refus|reject|den)",
            r"poor reputation", r"(?:connection|access|connections?|client|host) (?:was |is |from @? ?)?(?:refused|rejected|denied|dropped)(?: by policy| for policy|,)",
            r"bad (?:ip|host)", r"dynamic (?:ip|host|pool|residential)", r"dial-?up", r"(?<!not )listed (?:in|at|by|on)", r"ip (?:address )?(?:is )?not (?:allowed|permitted|accepted)",
            r"mail server (?:ip|at)[^.]{0,80}(?:block|complain)", r"not accept(?:ed|ing)? (?:mail|connections?|messages?|any mail) from (?:your|this|that|you|dynamic|host|ip|domain)",
            r"client host[^.]{0,80}(?:rejected|blocked|denied)",
        )),
    ),
    (
        Cause.RATE,
        _any((
            r"too many (?:connections?|messages|mails?|recipients|errors|hops? per|sessions|concurrent|emails|invalid|unknown)", r"rate ?-?limit", r"\bthrottl",
            r"(?:sending|receiving|connection|message|mail|daily|hourly|send) (?:rate|limit)s? (?:has been |is |was )?(?:exceed|reach|limit)",
            r"exceed\w* (?:the |your |its )?(?:maximum |daily |hourly |allowed |sending |rate|connection)", r"receiving mail (?:at|too) (?:a rate )?",
            r"(?:unusual|excessive) (?:rate|number)", r"slow down", r"too (?:much|fast|frequent)", r"deferred due to", r"limit (?:on|of) the number",
            r"recipients? limit", r"per (?:hour|day|minute)",
        )),
    ),
    (
        Cause.FULL,
        _any((
            rf"{_WHO}\S* (?:@ )?(?:\w+ )?(?:is |was |has been )?(?:over)?(?:-| )?full", r"(?:over|exceed\w*|beyond|out of|above|reached|full|ran out of)\b[^.]{0,30}\b(?:quota|storage|space|allocat\w*|disk)",
            r"quota (?:is |has been |was |limit )?(?:exceed|full|reach|violation|over|used)", r"over ?-?quota", r"overquota", r"quota\b[^.]{0,15}exceed", r"disk (?:full|quota|space)",
            r"(?:insufficient|not enough|no more|no) (?:system |disk |mailbox )?(?:storage|space|room)", r"(?:mail ?box|maildrop|mailfolder|mail file|maildir|inbox|mailstore)[^.]{0,40}(?:\bfull\b|quota|exceed|size limit|too large)",
            r"size limit\b[^.]{0,30}\bmailbox", r"容量", r"満杯", r"一杯", r"いっぱい", r"too many messages on", r"would exceed mailbox", r"too large for @? ?mailbox", r"storage (?:limit|allocation|space|quota)",
            r"boîte aux lettres[^.]{0,20}pleine", r"postfach[^.]{0,20}voll", r"buz[oó]n[^.]{0,20}lleno", r"mailbox size", r"exceeded (?:its |the )?(?:maximum )?(?:size|limit|capacity)[^.]{0,20}(?:mailbox|inbox|account)",
        )),
    ),
    (
        Cause.TOO_BIG,
        _any((r"(?:message|mail|e-?mail|content|attachment|file|body|header)s?\b[^.]{0,30}(?:too (?:big|large|long)|exceed\w*|larger than|over the)[^.]{0,60}", r"(?:maximum|max|fixed|allowed) (?:message |mail |e-?mail )?size",
              r"size (?:limit )?exceed", r"too (?:big|large)", r"size limit")),
    ),
    (
        Cause.DISABLED,
        _any((
            rf"{_WHO}\S* (?:@ )?(?:has been |is |was |have been |currently |is currently |temporarily |is temporarily |has |are |has currently )*(?:administratively )?(?:disabled|suspended|inactive|not active|deactivated|locked|frozen|blocked|unavailable due to inactivity|closed for|discontinued|terminated|expired|on hold|dormant|not been activated|not activated)",
            r"(?:disabled|suspended|inactive|deactivated|locked|expired|dormant|closed|frozen) (?:mailbox|account|user|address|recipient|due to)", r"inactive", r"account (?:that )?you tried to reach is (?:disabled|inactive|over)",
            r"has been (?:disabled|suspended|discontinued)", r"(?:mailbox|account|user|recipient|address|domain)s?\b[^.]{0,30}\b(?:disabled|suspended|deactivated)", r"temporarily (?:disabled|inactive|suspended|deactivated)", r"not (?:been )?activated",
            r"gesperrt", r"deaktiviert", r"停止",
        )),
    ),
    (
        Cause.MOVED,
        _any((r"has moved", r"(?:user|recipient|account|mailbox|address)[^.]{0,20}(?:has |have )?moved", r"(?:address|e-?mail) (?:has |was )?(?:been )?(?:changed|replaced)", r"no longer (?:uses|using) this",
              r"has been replaced by", r"please (?:forward|update your (?:address ?book|records)|try @)", r"new (?:e-?mail )?address is", r"user not local", r"please use (?:the |my )?(?:new )?(?:address )?@")),
    ),
    (
        Cause.NO_MAIL,
        _any((
            r"(?:null|nul) ?-?mx", r"no smtp service", r"(?:does not|doesn t|do not|will not|not|never|cannot) (?:currently )?(?:accept|receive) (?:any )?(?:e-?mail|mails?|messages|smtp)(?: at all|\b(?! from| for))", r"no mail (?:is )?accepted", r"not accept(?:ing)? (?:any |e-?)?mails?$",
            r"no (?:smtp )?mail (?:service|server) here", r"(?:host|server|domain|smtp protocol)[^.]{0,30}(?:does not|doesn t|never) (?:accept|receive)[^.]{0,12}(?:mail|smtp)", r"smtp service (?:is )?not available here", r"is not (?:used|configured) for (?:e-?)?mail",
        )),
    ),
    (
        Cause.UNKNOWN_HOST,
        _any((
            r"(?:host|domain|server|hostname|site|destination)s?(?: name)? (?:@ )?(?:\S+ )?(?:is |was |could |can )?(?:unknown|not (?:be )?found|not (?:be )?(?:resolved|located)|not known|does not exist|doesn t exist|not exist|nonexistent|invalid|unresolvable)",
            r"(?:unknown|no such|invalid|bad|illegal|nonexistent|unresolvable|could not (?:find|resolve)|couldn t (?:find|resolve)|cannot (?:find|resolve)|can t (?:find|resolve)|unable to (?:find|resolve|look ?up)|unrouteable|unroutable) (?:any )?(?:the )?(?:mail )?(?:host|domain|destination (?:host|domain|server))",
            r"(?:couldn t|could not|cannot|can t) find any host", r"domain is not reachable", r"name or service not known", r"no (?:valid |usable )?mx\b", r"nxdomain", r"name service error", r"type mx", r"no (?:a|mx|dns) (?:or \w+ )?record", r"mx records? point to", r"host or domain name not found", r"dns (?:error|server returned|lookup)",
            r"unrouteable mail domain", r"domain (?:lookup|name) (?:failed|not found)", r"misspelled in e-?mail address|domain.{0,30}misspel", r"could not be found in dns", r"(?:does|did) not (?:appear to )?exist in dns", r"recipient domain (?:not|does)", r"rcpt (?:domain|to)[^.]{0,15}domain",
        )),
    ),
    (
        Cause.UNKNOWN_USER,
        _any((
            rf"{_WHO}\b(?: name| id| address| account)?s?(?: @)?(?: \S+)?(?: is| was| were| are)?(?: currently| a| an)? {_GONE}",
            rf"(?:unknown|no such|invalid|illegal|nonexistent|non-existent|nonexisting|bad|undefined|incorrect|wrong|unrouteable|unroutable|not a valid|no valid|isn t a valid|is not a valid|not a known|no) (?:@ )?(?:local |final |remote |virtual |or \w+ |e-?mail |destination |primary |mail ?|smtp |recipient |delivery |envelope |ldap |forward)*{_WHO}\b",
            r"user (?:@ )?unknown", r"unknown (?:local part|local-part|rcpt|name|to address|or illegal alias|recipients?|addressee|local user)", r"no (?:such|mailbox)[^.]{0,20}(?:here|by that name|with that name|named|exists?|found|in)", r"no mailbox",
            rf"{_WHO}s? (?:@ )?(?:name )?(?:you (?:tried|entered|specified)[^.]{{0,30}} )?(?:in \S+ )?(?:does not|doesn t|do not|did not|don t|not|no longer) (?:seem to )?(?:exists?|have an account|have a mailbox|valid|available|listed|found|has)", r"(?:does not|doesn t|do not|don t) have an? (?:\S+ )?(?:account|mailbox|user)",
            r"(?:could not|couldn t|cannot|can t|unable to) (?:be )?(?:find|found|locate|verify|resolve|recognize)[^.]{0,20}(?:user|mailbox|recipient|address|account)", r"(?:wasn t|was not|weren t|could not be|couldn t be|cannot be|isn t|is not|not) found\b(?! (?:in dns|any host))", r"not (?:listed|found) in (?:the )?(?:public|domino|name|directory|our|address|domain|recipient|local)",
            r"(?:not|isn t|is not) (?:a |an |our |one of our )?(?:known|valid|local|existing|active|current) (?:user|customer|recipient|mailbox|address|e-?mail|account)", r"(?:is not|not) our customer", r"not (?:a )?(?:our )?customer", r"unknown address", r"no valid recipients for", r"requested action not taken: mailbox unavailable", r"address(?:ee)? unknown", r"unknown to (?:us|this)", r"recipient (?:address )?rejected: access denied",
            r"recipnotfound", r"resolver\.adr\.(?:ex)?recip", r"(?:recipient|address|user|account)[^.]{0,25} (?:no longer|not longer) (?:exist|valid|available|work|with|use|active|in use|accept)", r"no longer (?:valid|exists?|available|in use|an employee|with|employed|works?|accepts?)", r"not (?:recognized|recognised)", r"unrouteable address", r"unroutable address",
            r"bad (?:destination )?(?:mailbox|address)", r"delivery to the following recipients? failed permanently[^.]{0,60}$", r"existe pas", r"no existe", r"existiert nicht", r"nicht (?:bekannt|gefunden|vorhanden)", r"unbekannt", r"desconocid", r"inconnu", r"inexistent", r"sconosciut", r"onbekend", r"não existe",
            r"宛先不明", r"(?:ユーザ|宛先|アドレス|メールボックス|受信者|ディレクトリ).{0,40}(?:見つかりません|存在しません|存在しない|ありません)", r"登録されていない", r"用户不存在", r"不存在", r"нет такого", r"не найден", r"не существует", r"invalid (?:rcpt|to)", r"(?:mailbox|recipient|account)[^.]{0,10} unavailable or access denied", r"recipient (?:does )?not exist", r"user doesn", r"no one (?:here|by that)",
            r"(?:mailbox|account|user) (?:has been |was )?(?:removed|deleted|closed|cancell?ed)", r"does not exist", r"not exist\b",
        )),
    ),
    (
        Cause.EXPIRED,
        _any((r"(?:delivery|retry|queue|message|mail|maximum)[^.]{0,40}(?:time(?:d)? ?-?out|expired|too long|lifetime|exceeded)", r"time(?:d)? out", r"retry timeout", r"(?:not|n t) (?:been )?(?:be )?delivered (?:with)?in", r"(?:will|has been|be|been) (?:keep )?(?:re)?try(?:ing)?[^.]{0,30}(?:hours|days|minutes)", r"for (?:the last |more than |over )?\d+(?:\.\d+)? (?:hours?|days?|minutes)", r"still being retried", r"delivery (?:is )?delayed", r"too old", r"queue too long", r"giving up", r"i m not going to try again",
              r"message (?:has )?expired", r"unable to deliver[^.]{0,30}(?:after|within|in) \d+", r"エラー.{0,20}時間")),
    ),
    (
        Cause.NETWORK,
        _any((r"(?:connection|connect|network|host|route|server)[^.]{0,40}(?:refused|reset|timed out|unreachable|lost|down|closed|dropped|failed|not respond)", r"no route", r"too many hops", r"hop count", r"mail(?:er)? loop", r"routing loop", r"loop(?:s|ing)? back", r"\bloop\b", r"temporary (?:failure in )?(?:name|dns|lookup)", r"(?:could not|couldn t|cannot|unable to) (?:connect|establish|reach|contact)", r"bad connection", r"lost connection", r"broken pipe")),
    ),
    (
        Cause.CONTENT,
        _any((r"(?:message|content|attachment|header|subject|body|mime)[^.]{0,40}(?:reject|refus|not allowed|prohibited|forbidden|violat|invalid|illegal|malformed|missing|unacceptable|blocked|banned)", r"rfc ?-?\d{3,4}", r"8-?bit", r"content (?:filter|reject)", r"bare (?:lf|cr|linefeed)", r"conversion", r"not rfc", r"multiple from", r"duplicate header")),
    ),
    (
        Cause.UNAVAILABLE,
        _any((r"mailbox (?:is )?(?:currently )?unavailable", r"recipient (?:address )?(?:has been |was |is )?(?:rejected|refused|refuses|denied|restricted)", r"(?:not|n t) accept(?:ing|s)? (?:mail|messages) from", r"access denied", r"restricted", r"filter")),
    ),
    (
        Cause.POLICY,
        _any((r"polic(?:y|ies)", r"not (?:authori[sz]ed|permitted|allowed)", r"(?:security|administrat\w+) (?:reason|prohibit|polic|restrict|violation)", r"prohibited", r"forbidden", r"denied", r"(?:transaction|message|mail|delivery|connection) (?:was |has been |is )?(?:rejected|refused|failed by|blocked)", r"refused", r"rejected", r"blocked")),
    ),
    (
        Cause.SYSTEM,
        _any((r"(?:system|server|internal|local|configuration|disk|resource|processing|software|temporary) (?:configuration |system )?(?:error|problem|failure|trouble)", r"command (?:died|failed|not|line)", r"(?:exit|return)(?:ed)? (?:status|code|with)", r"unknown mailer error", r"can t create", r"cannot open", r"out of memory", r"not available", r"temporarily unavailable", r"resources", r"exited", r"pipe to|input/output", r"procmail", r"mailer", r"try again later", r"try later")),
    ),
)

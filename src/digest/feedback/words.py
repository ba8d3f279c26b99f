"""The words of mail servers and their filters, by cause: as general as they can be told apart.  Values only.

They are matched against a text without addresses and quotation marks (`causes.plain`).  The first cause whose words are
found is taken, so what is said of senders comes before what is said of readers, and what is vague comes last: "user
unknown" is often said of a sender, and "blocked" never of a mailbox that is gone.
"""

import re

from digest.feedback import mailboxes
from digest.model import Cause


def _any(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words))


WORDS = (
    (
        Cause.SYSTEM,
        _any(
            r"(?:couldn t|could not|can t|cannot|unable to) (?:create|open|write|append|lock) ",
            r"temporary failure\b(?! in name)",
        ),
    ),
    (
        Cause.NETWORK,
        _any(
            r"not found,? (?:please )?(?:re)?try (?:again|later)",
            r"(?:dns|query|lookup)[^.]{0,20}timed out",
            r"temporary (?:failure in name|lookup)|lookup failed temporarily|name server temporary",
            r"dns (?:lookup )?(?:failure|error|timeout)[^.]{0,60}(?:\btry|temporar|later)",
            r"\bhost\b.{0,20}try again",
            r"unrouteable mail domain|dns records for the destination",
        ),
    ),
    (
        Cause.FILTERED,
        _any(
            r"recipient.{0,3} preferences",
            r"not accepting any mails?\b(?! from)",
            r"(?:due to|because of|by) (?:the )?user rules",
            r"only accept(?:s|ing)? mail from",
            r"blocked by (?:the )?recipient",
            r"is protected by",
            r"refused by (?:the )?recipient",
            r"user (?:refus|reject)\w*",
            r"recipient(?:s)? only accept",
            r"delivery (?:not authorized|restriction)",
            r"because the recipient is not accepting",
        ),
    ),
    (
        Cause.AUTHENTICATION,
        _any(
            r"\bspf\b",
            r"\bdkim\b",
            r"\bdmarc\b",
            r"sender id \(?pra",
            r"reverse dns",
            r"my name was rejected",
            r"\bptr\b",
            r"rdns",
            r"fcrdns",
            r"unauthenticated (?:e-?mail|sender|message)",
            r"no (?:valid )?(?:reverse|rdns|hostname)",
            r"(?:client host|cannot find your|find your) (?:reverse )?hostname",
            r"cannot (?:resolve|find) your (?:ip|host)|ip name lookup failed|mismatch\w* (?:the )?(?:client|your) ip",
            r"not (?:properly )?authenticated",
            r"authentication (?:is )?(?:required|failed|checks)",
            r"(?:helo|ehlo)\b.{0,60}(?:reject|invalid|bad|not resolve|does not|not (?:be )?found|requires|unknown)",
            r"relay not (?:authenticated)",
            r"does not have (?:a )?(?:valid )?(?:mx|a record|reverse)",
            r"sender address verification",
        ),
    ),
    (
        Cause.SENDER,
        _any(
            r"sender (?:address |user )?(?:is )?(?:rejected|denied|blocked|refused|not allowed|verify failed|unknown|"
            r"invalid)",
            r"(?:bad|invalid|unresolvable|unknown|unroute?able) sender",
            r"sender (?:address )?domain",
            r"\byour (?:e-?mail |mail )?(?:domain|address|host ?name|server)\b[^.]{0,40}"
            r"(?:\bnot\b|unknown|invalid|resolve)",
            r"(?:resolve|verify|find|determine) your (?:e-?mail )?(?:domain|address|server)",
            r"\bfrom:? (?:header|domain|address|field)|(?:in|valid) (?:the )?from\b:?(?! )",
            r"(?:after|reply to) mail from[^.]{0,80}not exist",
            r"non-?member|not a member|members-? ?only|registered gateway",
            r"emetteur invalide|returned mail not accepted",
            r"domain of sender",
            r"sender.s (?:domain|address)",
            r"(?:verify|verification) (?:of )?(?:the )?sender",
            r"not allowed to send",
            r"(?<!to )(?<!to the )\bsender\b[^.]{0,30}(?:not (?:be )?(?:exist|found|verified|valid)|unknown|invalid)",
            r"not exist (?:for|at) (?:the )?sender",
            r"(?:mail|messages?) from @ (?:is |are )?(?:not accepted|rejected|refused|denied)",
            r"you are not (?:allowed|authorized|permitted) to (?:send|post)",
            r"in mail from\b|domain of your\b",
            r"return(?:-| )(?:path|address)[^.]{0,20}(?:invalid|reject|not exist|unknown)",
            r"(?:envelope |mail )from[^.]{0,30}(?:rejected|denied|not exist|refused)",
            r"backscatter",
            r"null sender",
            r"(?:don.?t|do not|not) accept (?:mail |bounces? )?from (?:this|your|<>|the null)",
            r"sender not (?:found|exist)",
        ),
    ),
    (
        Cause.RELAYING,
        _any(
            r"relay(?:ing)? (?:is |access )?(?:not (?:allowed|permitted)|denied|prohibited|attempt)",
            r"(?:unable|not allowed|not permitted|refuse[ds]?) to relay",
            r"not a gateway|no relaying",
            r"cannot relay",
            r"insecure mail relay",
            r"we do not relay",
            r"not relay",
        ),
    ),
    (
        Cause.SPAM,
        _any(
            r"\bspam\b(?!haus|cop)",
            r"spam(?:my|assassin|ming)",
            r"\bjunk mail\b|like junk",
            r"unsolicited",
            r"\bbulk (?:e-?)?mail\b",
            r"\bube\b",
            r"\buce\b",
            r"(?:looks|appears) like spam",
            r"spamverdacht|indesirable|correo no deseado|迷惑メール|垃圾邮件|垃圾郵件|스팸|спам",
            r"virus",
            r"malware",
            r"phish",
            r"infected",
            r"trojan",
            r"worm\b",
        ),
    ),
    (
        Cause.BLOCKED,
        _any(
            r"black ?-?list",
            r"block ?-?list",
            r"deny ?list",
            r"grey ?-?list",
            r"gray ?-?list",
            r"\brbl\b",
            r"\bdnsbl\b",
            r"spamhaus",
            r"spamcop",
            r"barracuda",
            r"reputation",
            r"(?:has been|is|was|are|been|temporarily|currently|ip|address|host|server|mail|message|connection|"
            r"temporarily) (?:blocked|banned)",
            r"blocked (?:by|using|for|due|from|because|\[|-|;|:)",
            r"banned",
            r"your (?:ip|host|server|network)[^.]{0,60}(?:block|list|refus|reject|den)",
            r"poor reputation",
            r"(?:connection|access|connections?|client|host) (?:was |is |from @? ?)?(?:refused|rejected|denied|"
            r"dropped)(?: by policy| for policy|,)",
            r"(?:sent|sending|mail) to (?:too many )?(?:unknown|invalid|non-?existent) (?:users|recipients|addresses)",
            r"dictionary attack|address harvest",
            r"bad (?:ip|host)|messages? from \S+ (?:weren t|wasn t|were not|was not) sent|refused to talk to me",
            r"dynamic (?:ip|host|pool|residential)",
            r"dial-?up",
            r"(?<!not )listed (?:in|at|by|on)",
            r"ip (?:address )?(?:is )?not (?:allowed|permitted|accepted)",
            r"mail server (?:ip|at)[^.]{0,80}(?:block|complain)",
            r"not accept(?:ed|ing)? (?:mail|connections?|messages?|any mail) from (?:your|this|that|you|dynamic|"
            r"host|ip|domain)",
            r"client host[^.]{0,80}(?:rejected|blocked|denied)",
        ),
    ),
    (
        Cause.RATE,
        _any(
            r"too many (?:connections?|messages|mails?|recipients|errors|hops? per|sessions|concurrent|emails|"
            r"invalid|unknown)",
            r"rate ?-?limit",
            r"\bthrottl",
            r"(?:sending|receiving|connection|message|mail|daily|hourly|send) (?:rate|limit)s? (?:has been |is |"
            r"was )?(?:exceed|reach|limit)",
            r"exceed\w* (?:the |your |its )?(?:(?:maximum|allowed) )?(?:daily|hourly|sending|rate|connection|number)",
            r"receiving mail (?:at|too) (?:a rate )?",
            r"(?:unusual|excessive) (?:rate|number)",
            r"slow down",
            r"too (?:much|fast|frequent)",
            r"deferred due to",
            r"limit (?:on|of) the number",
            r"recipients? limit",
            r"per (?:hour|day|minute)",
        ),
    ),
    *mailboxes.WORDS,
    (
        Cause.EXPIRED,
        _any(
            r"(?:delivery|retry|queue|message|mail|maximum)[^.]{0,40}(?:time(?:d)? ?-?out|expired|too long|"
            r"lifetime|exceeded)",
            r"time(?:d)? out",
            r"retry timeout",
            r"(?:not|n t) (?:been )?(?:be )?delivered (?:with)?in",
            r"(?:will|has been|be|been) (?:keep )?(?:re)?try(?:ing)?[^.]{0,30}(?:hours|days|minutes)",
            r"for (?:the last |more than |over )?\d+(?:\.\d+)? (?:hours?|days?|minutes)",
            r"still being retried",
            r"delivery (?:is )?delayed",
            r"too old",
            r"queue too long",
            r"giving up",
            r"i m not going to try again",
            r"message (?:has )?expired",
            r"unable to deliver[^.]{0,30}(?:after|within|in) \d+",
            r"エラー.{0,20}時間",
        ),
    ),
    (
        Cause.NETWORK,
        _any(
            r"(?:connection|connect|network|host|route|server)[^.]{0,40}(?:refused|reset|timed out|unreachable|"
            r"lost|down|closed|dropped|failed|not respond)",
            r"no route",
            r"too many hops",
            r"hop count",
            r"mail(?:er)? loop",
            r"routing loop",
            r"loop(?:s|ing)? back",
            r"\bloop\b",
            r"temporary (?:failure in )?(?:name|dns|lookup)",
            r"(?:could not|couldn t|cannot|unable to) (?:connect|establish|reach|contact)",
            r"bad connection",
            r"lost connection",
            r"broken pipe",
        ),
    ),
    (
        Cause.CONTENT,
        _any(
            r"(?:message|content|attachment|header|subject|body|mime)[^.]{0,40}(?:reject|refus|not allowed|"
            r"prohibited|forbidden|violat|invalid|illegal|malformed|missing|unacceptable|blocked|banned)",
            r"rfc ?-?\d{3,4}",
            r"8-?bit",
            r"content (?:filter|reject)",
            r"bare (?:lf|cr|linefeed)",
            r"conversion",
            r"not rfc",
            r"multiple from",
            r"duplicate header",
        ),
    ),
    (
        Cause.UNAVAILABLE,
        _any(
            r"mailbox (?:is )?(?:currently )?unavailable",
            r"recipient (?:address )?(?:has been |was |is )?(?:rejected|refused|refuses|denied|restricted)",
            r"(?:not|n t) accept(?:ing|s)? (?:mail|messages) from",
            r"access denied",
            r"restricted",
            r"filter",
        ),
    ),
    (
        Cause.POLICY,
        _any(
            r"polic(?:y|ies)",
            r"not (?:authori[sz]ed|permitted|allowed)",
            r"(?:security|administrat\w+) (?:reason|prohibit|polic|restrict|violation)",
            r"prohibited",
            r"forbidden",
            r"denied",
            r"(?:transaction|message|mail|delivery|connection) (?:was |has been |is )?(?:rejected|refused|"
            r"failed by|blocked)",
            r"refused",
            r"rejected",
            r"blocked",
        ),
    ),
    (
        Cause.SYSTEM,
        _any(
            r"(?:system|server|internal|local|configuration|disk|resource|processing|software|"
            r"temporary) (?:configuration |system )?(?:error|problem|failure|trouble)",
            r"command (?:died|failed|not|line)",
            r"(?:exit|return)(?:ed)? (?:status|code|with)",
            r"unknown mailer error",
            r"can t create",
            r"cannot open",
            r"out of memory",
            r"not available",
            r"temporarily unavailable",
            r"resources",
            r"exited",
            r"pipe to|input/output",
            r"procmail",
            r"mailer",
            r"try again later",
            r"try later",
        ),
    ),
)

"""The words of mail servers about a mailbox or its host, by cause; `words` has them in their place.  Values only."""

import re

from digest.model import Cause


def _any(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words))


_WHO = (
    r"(?:user|user ?id|users|mailbox|recipient|account|address|addressee|subscriber|customer|inbox|member|person"
    r"|e-?mail)"
)
#: “Not found” and “does not exist” are said of files, words and senders too.
_OF = rf"(?:(?:{_WHO}|\bname)\b[^.]{{0,60}}|@[^.:]{{0,30}})"
_GONE = r"(?:unknown|not found|not exist|nonexist\w*|non-exist\w*|invalid|not valid|not known|undefined)"

WORDS = (
    (
        Cause.FULL,
        _any(
            rf"{_WHO}\S* (?:@ )?(?:\w+ )?(?:is |was |has been )?(?:over)?(?:-| )?full",
            r"(?:over|exceed\w*|beyond|out of|above|reached|full|ran out of)\b[^.]{0,30}\b(?:quota|storage|space|"
            r"allocat\w*|disk)",
            r"quota (?:is |has been |was |limit )?(?:exceed|full|reach|violation|over|used)",
            r"over ?-?quota",
            r"overquota",
            r"quota\b[^.]{0,15}exceed",
            r"disk (?:full|quota|space)",
            r"(?:insufficient|not enough|no more|no) (?:system |disk |mailbox )?(?:storage|space|room)",
            r"(?:mail ?box|maildrop|mailfolder|mail file|maildir|inbox|mailstore)[^.]{0,40}(?:\bfull\b|quota|"
            r"exceed|size limit|too large)",
            r"size limit\b[^.]{0,30}\bmailbox",
            r"too many messages on",
            r"would exceed mailbox",
            r"too large for @? ?mailbox",
            r"storage (?:limit|allocation|space|quota)",
            r"mailbox size",
            r"exceeded (?:its |the )?(?:maximum )?(?:size|limit|capacity)[^.]{0,20}(?:mailbox|inbox|account)",
        ),
    ),
    (
        Cause.TOO_BIG,
        _any(
            r"(?:message|mail|e-?mail|content|attachment|file|body|header)s?\b[^.]{0,30}(?:too (?:big|large|long)|"
            r"exceed\w*|larger than|over the)[^.]{0,60}",
            r"(?:maximum|max|fixed|allowed) (?:message |mail |e-?mail )?size",
            r"size (?:limit )?exceed",
            r"too (?:big|large)",
            r"size limit",
        ),
    ),
    (
        Cause.DISABLED,
        _any(
            rf"{_WHO}\S* (?:@ )?(?:has been |is |was |have been |currently |is currently |temporarily |"
            r"is temporarily |has |are |has currently )*(?:administratively )?(?:disabled|suspended|inactive|"
            r"not active|deactivated|locked|frozen|blocked|unavailable due to inactivity|closed for|discontinued|"
            r"terminated|expired|on hold|dormant|not been activated|not activated)",
            r"(?:disabled|suspended|inactive|deactivated|locked|expired|dormant|closed|frozen) (?:mailbox|account|"
            r"user|address|recipient|due to)",
            r"inactive",
            r"account (?:that )?you tried to reach is (?:disabled|inactive|over)",
            r"has been (?:disabled|suspended|discontinued)",
            r"(?:mailbox|account|user|recipient|address|domain)s?\b[^.]{0,30}\b(?:disabled|suspended|deactivated)",
            r"(?<!delivery )temporarily (?:disabled|inactive|suspended|deactivated)",  # Postfix says it of its queue
            r"not (?:been )?activated",
        ),
    ),
    (
        Cause.MOVED,
        _any(
            r"has moved",
            r"(?:user|recipient|account|mailbox|address)[^.]{0,20}(?:has |have )?moved",
            r"(?:address|e-?mail) (?:has |was )?(?:been )?(?:changed|replaced)",
            r"no longer (?:uses|using) this",
            r"has been replaced by",
            r"please (?:forward|update your (?:address ?book|records)|try @)",
            r"new (?:e-?mail )?address is",
            r"user not local",
            r"please use (?:the |my )?(?:new )?(?:address )?@",
        ),
    ),
    (
        Cause.NO_MAIL,
        _any(
            r"(?:null|nul) ?-?mx",
            r"no smtp service",
            r"(?:does not|doesn t|do not|will not|not|never|cannot) (?:currently )?(?:accept|"
            r"receive) (?:any )?(?:e-?mail|mails?|messages|smtp)(?: at all|\b(?! from| for))",
            r"no mail (?:is )?accepted\b(?! from)",
            r"no (?:smtp )?mail (?:service|server) here",
            r"(?:host|server|domain|smtp protocol)[^.]{0,30}(?:does not|doesn t|never) (?:accept|"
            r"receive)[^.]{0,12}(?:mail|smtp)",
            r"smtp service (?:is )?not available here",
            r"is not (?:used|configured) for (?:e-?)?mail",
        ),
    ),
    (
        Cause.UNKNOWN_HOST,
        _any(
            r"(?:host|domain|server|hostname|site|destination)s?(?: name)? (?:@ )?(?:\S+ )?(?:is |was |could |"
            r"couldn t |can )?(?:unknown|(?:not )?be found|not found|not (?:be )?(?:resolved|located)|not known"
            r"|does not exist|doesn t exist|not exist|nonexistent|invalid|unresolvable)",
            r"(?:unknown|no such|invalid|bad|illegal|non-?existent|unresolvable|could not (?:find|resolve)|"
            r"couldn t (?:find|resolve)|cannot (?:find|resolve)|can t (?:find|resolve)|unable to (?:find|resolve|"
            r"look ?up)|unrouteable|unroutable) (?:any )?(?:the )?(?:mail )?(?:host|domain|destination (?:host|"
            r"domain|server))",
            r"(?:couldn t|could not|cannot|can t) find any host",
            r"domain is not reachable",
            r"name or service not known",
            r"no (?:valid |usable )?mx\b",
            r"nxdomain",
            r"name service error",
            r"type mx",
            r"no (?:a|mx|dns) (?:or \w+ )?record",
            r"mx records? point to|no (?:host|dns entry) (?:found )?for|domain[^.]{0,25}not registered",
            r"host or domain name not found",
            r"dns (?:error|server returned|lookup)",
            r"no mail hosts? for",
            r"(?:recipient )?domain must exist",
            r"domain (?:lookup|name) (?:failed|not found)",
            r"misspelled in e-?mail address|domain.{0,30}misspel|domain name[^.]{0,40}(?:incorrect|not correct|wrong)",
            r"could not be found in dns",
            r"(?:does|did) not (?:appear to )?exist in dns",
            r"recipient domain (?:not|does)",
            r"rcpt (?:domain|to)[^.]{0,15}domain",
        ),
    ),
    (
        Cause.UNKNOWN_USER,
        _any(
            rf"{_WHO}\b(?: name| id| address| account)?s?(?: @)?(?: \S+)?(?: is| was| were| are)?(?: currently| a|"
            rf" an)? {_GONE}",
            r"(?:unknown|no such|invalid|illegal|nonexistent|non-existent|nonexisting|bad|undefined|incorrect|"
            r"wrong|unrouteable|unroutable|not a valid|no valid|isn t a valid|is not a valid|not a known|"
            r"no) (?:@ )?(?:local |final |remote |virtual |or \w+ |e-?mail |destination |primary |mail ?|smtp |"
            rf"recipient |delivery |envelope |ldap |forward)*{_WHO}\b",
            r"user (?:@ )?unknown",
            r"unknown (?:local part|local-part|rcpt|name|to address|or illegal alias|recipients?|addressee|"
            r"local user)",
            r"no (?:such|mailbox)\b[^.]{0,20}\b(?:here|by that name|with that name|named|exists?|found|in)\b",
            r"no mailbox",
            rf"{_WHO}s? (?:@ )?(?:name )?(?:you (?:tried|entered|specified)[^.]{{0,30}} )?(?:in \S+ )?(?:does not|"
            r"doesn t|do not|did not|don t|not|no longer) (?:seem to )?(?:exists?|have an account|have a mailbox|"
            r"valid|available|listed|found|has)",
            r"(?:does not|doesn t|do not|don t) have an? (?:\S+ )?(?:account|mailbox|user)",
            r"(?:could not|couldn t|cannot|can t|unable to) (?:be )?(?:find|found|locate|verify|resolve|"
            r"recognize)[^.]{0,20}(?:user|mailbox|recipient|address|account)",
            rf"{_OF}(?:not|(?:wasn|weren|couldn|isn) t) (?:be )?found\b(?! (?:in dns|any host))",
            r"^\W*(?:5\d\d )?(?:#?5\.\d\.\d )?not found\b",
            r"not (?:listed|found) in (?:the )?(?:public|domino|name|directory|our|address|domain|recipient|local)",
            r"(?:not|isn t|is not) (?:a |an |our |one of our )?(?:known|valid|local|existing|active|"
            r"current) (?:user|customer|recipient|mailbox|address|e-?mail|account)",
            r"(?:is not|not) our customer",
            r"not (?:a )?(?:our )?customer",
            r"unknown address",
            r"addresses? (?:were|was|is) unknown|userunknown",
            r"not (?:present|in) (?:in )?(?:the |our |my |a )?(?:[\w-]+ )?(?:directory|database|rcptto list|table)",
            r"not in my (?:list|validrcptto)|bad ?rcpt ?to|badrecipientto",
            r"(?:can t|cannot|can not) accept (?:this )?(?:user|recipient)",
            r"recipients? (?:is |are )?not (?:accepted|local|ok\b)",
            r"mailbox not present|no mail ?box (?:is )?available|no (?:such )?alias",
            r"no longer on (?:this |the )?server|missing home directory",
            r"no one at this|nobody (?:here|by that)|in name directory",
            r"(?:mailbox|account|user|address) (?:for @ )?(?:is|has) gone",
            r"no valid recipients, bye|recipients? (?:was|were) undeliverable",
            r"no valid recipients for",
            r"requested (?:mail )?action not taken: mailbox unavailable",  # RFC 5321, 4.2.3
            rf"{_WHO} (?:@ )?(?:cannot|could not|can t|couldn t) be (?:verified|validated|located|found)",
            r"address(?:ee)? unknown",
            r"unknown to (?:us|this)",
            r"recipient (?:address )?rejected: access denied",
            r"recipnotfound",
            r"resolver\.adr\.(?:ex)?recip",
            r"(?:recipient|address|user|account)[^.]{0,25} (?:no longer|not longer) (?:exist|valid|available|work|"
            r"with|use|active|in use|accept)",
            r"no longer (?:valid|exists?|available|in use|an employee|with|employed|works?|accepts?)",
            r"not (?:recognized|recognised)",
            r"unrouteable address",
            r"unroutable address",
            r"bad (?:destination )?(?:mailbox|address)",
            r"delivery to the following recipients? failed permanently[^.]{0,60}$",
            r"invalid (?:rcpt|to)",
            r"(?:mailbox|recipient|account)[^.]{0,10} unavailable or access denied",
            r"recipient (?:does )?not exist",
            r"user doesn",
            r"no one (?:here|by that)",
            r"(?:mailbox|account|user) (?:for \S+ |@ )?(?:has been |was )?(?:removed|deleted|closed|cancell?ed)",
            r"(?:deleted|removed) (?:mailbox|account|user)\b",
            rf"{_OF}(?:doesn t|not) exist\b",
            rf"{_WHO} (?:@ )?(?:is |are )?not (?:registered|in our (?:system|database))",
            r"not a (?:registered )?(?:user|mailbox|recipient|address)\b",
            rf"{_WHO} (?:@ )?(?:is )?(?:not in use|obsolete|no longer in service)",
            r"(?:employee|person|user) (?:has )?left\b",
            r"(?:not|n t) recogni[sz]ed? (?:this |that |the )?(?:address|user)",
        ),
    ),
)

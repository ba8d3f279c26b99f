"""Settings and a name server in, what DNS says against the mail out: SPF, DKIM, DMARC, BIMI, MX, PTR."""

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence

import dns.reversename
from dns.exception import DNSException

from digest.config import Settings, Smtp, bounce_mailbox, dkim_keys
from digest.doctor import spf, walk
from digest.doctor.finding import Finding, bad, good, txt, warning
from digest.doctor.names import Address, Names
from digest.doctor.published import judge_alignment, judge_bimi, judge_dkim, judge_dmarc, tags, versioned
from digest.outbox.dkim import dns_record


def look_at_dns(settings: Settings, names: Names, sends_from: Sequence[Address]) -> Iterator[Finding]:
    """All records that concern the mail.

    Args:
        settings: whose senders, keys and mail server it is about.
        names: whom to ask.
        sends_from: the addresses that mail leaves from; none where that is not known.
    """
    senders = sorted({one.sender_domain for one in settings.newsletters.values()})
    returns = sorted({bounce_mailbox(settings.smtp, domain).rpartition("@")[2].lower() for domain in senders})
    try:
        for domain in returns:
            yield from _spf(names, domain, sends_from)
            yield _bounces(names, domain)
        for domain in senders:
            yield from _dmarc(names, domain, settings.dkim.domain.lower(), returns)
        for selector, pem in dkim_keys(settings.dkim):
            name = f"{selector}._domainkey.{settings.dkim.domain}"
            yield judge_dkim(name, names.txt(name), dns_record(pem))
        called = {one: _called(route.smtp) for route in settings.smtp.routes for one in _addresses(route.smtp, names)}
        for address in sends_from:
            yield _pointer(names, address, called.get(address) or _called(settings.smtp))
    except DNSException as error:
        yield warning("DNS", f"cannot be asked ({type(error).__name__}): SPF, DKIM and DMARC are unchecked")


def relay_addresses(settings: Settings, names: Names) -> tuple[Address, ...]:
    """Where the mail servers are, if that is a public place: then they most likely send from there."""
    found = {one: None for route in settings.smtp.routes for one in _addresses(route.smtp, names)}
    return tuple(one for one in found if one.is_global)


def _addresses(smtp: Smtp, names: Names) -> tuple[Address, ...]:
    try:
        return (ipaddress.ip_address(smtp.host),)
    except ValueError:
        try:
            return names.addresses(smtp.host)
        except DNSException:
            return ()


def _spf(names: Names, domain: str, sends_from: Sequence[Address]) -> Iterator[Finding]:
    records = spf.own_records(names, domain)
    if not records:
        ours = " ".join(map(spf.address_term, sends_from)) or "mx"
        yield bad("SPF", f"{domain} has no record", mend=txt(domain, f"v=spf1 {ours} -all"))
        return
    said, mended = _wrong_with(names, domain, records)
    mended = mended and spf.admitting(names, domain, mended, sends_from)
    refused = [one for one in sends_from if not spf.passes(names, domain, records[0], one)]
    if said:
        yield bad("SPF", f"{domain} {said}", mend=txt(domain, mended) if mended else "")
    elif refused:
        shown = ", ".join(map(str, refused))
        yield bad("SPF", f"{domain} does not let {shown} send", mend=txt(domain, mended))
    else:
        whole, _ = spf.bill(names, domain, records[0])
        passing = f", and {', '.join(map(str, sends_from))} passes" if sends_from else ""
        yield good("SPF", f"{domain} takes {whole.lookups} of {spf.LOOKUPS} look-ups{passing}")


def _wrong_with(names: Names, domain: str, records: Sequence[str]) -> tuple[str, str]:
    """What is wrong ("": nothing), and the one record to have ("": nobody but a person can tell)."""
    if len(records) > 1:
        return f"has {len(records)} records, so none counts: keep one", _merged(records)
    whole, costs = spf.bill(names, domain, records[0])
    if whole.faults:
        return "cannot be evaluated: " + "; ".join(whole.faults), spf.sound(costs)
    if whole.lookups > spf.LOOKUPS:
        dear = ", ".join(f"{one.term.written} {one.lookups}" for one in costs if one.lookups)
        said = f"takes {whole.lookups} look-ups, {spf.LOOKUPS} are allowed ({dear})"
        return said, spf.leaner(costs) or ""
    if len(whole.voids) > spf.VOIDS:
        empty = ", ".join(whole.voids)
        said = f"asks for {len(whole.voids)} names that have nothing ({empty}); {spf.VOIDS} are allowed"
        return said, spf.sound(costs)
    if any(one.term.kind == "all" and one.term.sign == "+" for one in costs):
        return "lets everybody send (+all)", re.sub(r"(?i)(?<=\s)\+?all\b", "-all", records[0])
    return "", records[0]


def _merged(records: Sequence[str]) -> str:
    """One record with the terms of all, and the strictest of their ends."""
    found = [term.written for record in records for term in spf.terms(record)[0]]
    ends = [word for word in found if word.lower().endswith("all")]
    rest = dict.fromkeys(word for word in found if word not in ends)
    return " ".join(["v=spf1", *rest, min(ends, key="-~?+".find, default="-all")])


def _bounces(names: Names, domain: str) -> Finding:
    """Whether what cannot be delivered finds its way back."""
    servers, mend = names.mail_servers(domain), f"{domain}. IN MX 10 mail.{domain}."
    if "" in servers or "." in servers:
        return bad("bounces", f"{domain} takes no mail (a null MX, RFC 7505): bounces are lost", mend=mend)
    if not servers and not names.addresses(domain):
        return bad("bounces", f"{domain} has no mail server: bounces are lost", mend=mend)
    if servers and not any(names.addresses(one) for one in servers):
        return bad("bounces", f"no mail server of {domain} has an address: {', '.join(servers)}", mend=mend)
    return good("bounces", f"mail to {domain} goes to {', '.join(servers) or domain}")


def _dmarc(names: Names, sender: str, signer: str, returns: Sequence[str]) -> Iterator[Finding]:
    found = walk.records(names, sender)
    yield judge_dmarc(sender, found)
    record = next((records[0] for records in found.values() if len(records) == 1), "")
    policy = tags(record)
    if signer and record and (finding := _alignment(names, sender, signer, returns, policy)):
        yield finding
    yield from judge_bimi(sender, versioned(names.txt(f"default._bimi.{sender}"), "BIMI1"), policy)


def _alignment(
    names: Names, sender: str, signer: str, returns: Sequence[str], policy: Mapping[str, str]
) -> Finding | None:
    whole = {one: walk.organisation(walk.records(names, one)) for one in {sender, signer, *returns}}
    strict = {key for key in ("adkim", "aspf") if policy.get(key, "r").lower() == "s"}
    by_spf = sender in returns or ("aspf" not in strict and whole[sender] in {whole[one] for one in returns})
    return judge_alignment(sender, signer, organisation=whole, strict="adkim" in strict, by_spf=by_spf)


def _pointer(names: Names, address: Address, called: str) -> Finding:
    """Gmail and Microsoft refuse mail from an address without a name that leads back to it (RFC 1912 2.1)."""
    hosts = names.pointers(address)
    if not hosts:
        turned = dns.reversename.from_address(str(address))
        said = f"{address} has no name: who gave you the address sets it"
        return bad("PTR", said, mend=f"{turned} IN PTR {called}." if called else "")
    if any(address in names.addresses(host) for host in hosts):
        return good("PTR", f"{address} is {hosts[0]}")
    kind = "A" if address.version == 4 else "AAAA"
    said = f"{address} is called {hosts[0]}, which does not lead back to it"
    return bad("PTR", said, mend=f"{hosts[0]}. IN {kind} {address}")


def _called(smtp: Smtp) -> str:
    """The name of the mail server, where it has one."""
    return next((one for one in (smtp.host, smtp.hostname) if re.search(r"\.[A-Za-z]", one)), "")

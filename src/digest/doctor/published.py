"""The records of DKIM, DMARC and BIMI in, findings with the right record out.  Pure."""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator, Mapping, Sequence

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from digest.doctor.finding import Finding, bad, good, txt, warning
from digest.outbox.dkim import RSA_BITS

POLICIES = ("none", "quarantine", "reject")


def tags(record: str) -> dict[str, str]:
    """A tag list (RFC 6376 3.2) by name; of a tag that is there twice the first."""
    found: dict[str, str] = {}
    for part in record.split(";"):
        name, sign, value = part.partition("=")
        if sign:
            found.setdefault(name.strip().lower(), value.strip())
    return found


def versioned(records: Sequence[str], version: str) -> list[str]:
    """Those whose first tag is `v=` with this version."""
    return [one for one in records if re.match(rf"v\s*=\s*{version}\s*(;|$)", one, re.IGNORECASE)]


# --- DKIM ------------------------------------------------------------------------------------------------------------


def judge_dkim(name: str, records: Sequence[str], wanted: str) -> Finding:
    """What is at ``SELECTOR._domainkey.DOMAIN``, against what goes with the key that signs."""
    about, mend = "DKIM", txt(name, wanted)
    keys = [one for one in records if "p" in tags(one)]
    if not keys:
        return bad(about, f"{name} has no key: nobody can verify a signature", mend=mend)
    if len(keys) > 1:
        return bad(about, f"{name} has {len(keys)} keys; which one counts is left to chance: keep one", mend=mend)
    return _judge_key(name, tags(keys[0]), tags(wanted), mend)


def _judge_key(name: str, found: Mapping[str, str], wanted: Mapping[str, str], mend: str) -> Finding:
    public = re.sub(r"\s", "", found["p"])
    if not public:
        return bad("DKIM", f"{name} is revoked (p= is empty), but still signed with", mend=mend)
    if public != wanted["p"] or found.get("k", "rsa") != wanted["k"]:
        return bad("DKIM", f"{name} does not go with the private key{_length(public)}", mend=mend)
    if unfit := _unfit(found):
        return bad("DKIM", f"{name} {unfit}", mend=mend)
    if "y" in _listed(found, "t", ""):
        return warning("DKIM", f"{name} says that it is being tested (t=y): a signature counts for nothing", mend=mend)
    return good("DKIM", f"{name} matches the key")


def _unfit(found: Mapping[str, str]) -> str:
    """Why a record with the right key does not do (RFC 6376 3.6.1); "": it does."""
    if found.get("v", "DKIM1") != "DKIM1":
        return f"is of version {found['v']!r}, which nobody knows"
    if "sha256" not in _listed(found, "h", "sha256"):
        return "forbids SHA-256 (h=), which is what signs"
    return "" if {"*", "email"} & {*_listed(found, "s", "*")} else "is not for mail (s=)"


def _listed(found: Mapping[str, str], tag: str, default: str) -> list[str]:
    return [one.strip() for one in found.get(tag, default).split(":")]


def _length(public: str) -> str:
    """What can be said of a key that is not ours."""
    try:
        key = load_der_public_key(b64decode(public))
    except (ValueError, UnsupportedAlgorithm, Base64Error):
        return ""
    if isinstance(key, RSAPublicKey) and key.key_size < RSA_BITS:
        return f", and is RSA of {key.key_size} bits, of which {RSA_BITS} are needed"
    return ""


# --- DMARC -----------------------------------------------------------------------------------------------------------


def judge_dmarc(domain: str, found: Mapping[str, Sequence[str]]) -> Finding:
    """The policy for senders at `domain`.

    Args:
        domain: of the From.
        found: by domain, from `domain` up to the one that speaks for all below it, its DMARC records.
    """
    own, mend = found.get(domain, ()), txt(f"_dmarc.{domain}", f"v=DMARC1; p=none; rua=mailto:postmaster@{domain}")
    if len(own) > 1:
        said = f"_dmarc.{domain} has {len(own)} records, so none counts: keep one"
        return bad("DMARC", said, mend=txt(f"_dmarc.{domain}", own[0]))
    where, record = next(((one, records[0]) for one, records in found.items() if records), (domain, ""))
    if not record:
        return bad("DMARC", f"no policy for {domain}: Gmail and Yahoo want one of who sends in bulk", mend=mend)
    return _judge_policy(where, record, inherited=where != domain)


def _judge_policy(where: str, record: str, *, inherited: bool) -> Finding:
    said = tags(record)
    policy = (said.get("sp") if inherited else None) or said.get("p", "")
    if policy.lower() not in POLICIES:
        rest = re.sub(r";?\s*\bs?p\s*=\s*[^;]*", "", record).partition(";")[2].strip()
        mended = "v=DMARC1; p=none" + (f"; {rest}" if rest else "")
        return bad("DMARC", f"_dmarc.{where} has no policy (p=) that there is", mend=txt(f"_dmarc.{where}", mended))
    whose = f", from {where}" if inherited else ""
    if "rua" not in said:
        mended = f"{record.rstrip('; ')}; rua=mailto:postmaster@{where}"
        return warning("DMARC", f"_dmarc.{where} asks for no reports (rua=)", mend=txt(f"_dmarc.{where}", mended))
    return good("DMARC", f"p={policy.lower()}{whose}")


def judge_alignment(
    sender: str, signer: str, *, organisation: Mapping[str, str], strict: bool, by_spf: bool
) -> Finding | None:
    """Whether a signature by `signer` speaks for a From at `sender`; None: it does (RFC 9989 5.4).

    Args:
        sender: domain of the From.
        signer: domain that signs.
        organisation: of both, the domain that speaks for all below it.
        strict: the policy wants the very same domain.
        by_spf: the return path speaks for the sender, which is enough until somebody forwards the mail.
    """
    if sender == signer or (not strict and organisation[sender] == organisation[signer]):
        return None
    want = ", and the policy wants the same domain (adkim=s)" if strict else ""
    failing = "forwarded mail fails" if by_spf else "every mail fails"
    said = f"{signer} signs, which does not speak for senders at {sender}{want}: {failing}"
    return (warning if by_spf else bad)("DMARC", said, mend=f'dkim.domain = "{sender}"')


# --- BIMI ------------------------------------------------------------------------------------------------------------


def judge_bimi(domain: str, records: Sequence[str], policy: Mapping[str, str]) -> Iterator[Finding]:
    """The logo that mailboxes show.  Nobody has to have one; who has wants it seen."""
    name = f"default._bimi.{domain}"
    if not records:
        return
    found = tags(records[0])
    if not found.get("l", "").startswith("https://") or not found["l"].lower().endswith((".svg", ".svgz")):
        yield warning(
            "BIMI",
            f"{name} names no SVG at an https address (l=)",
            mend=txt(name, f"v=BIMI1; l=https://{domain}/logo.svg; a={found.get('a', '')}"),
        )
    elif policy.get("p", "none").lower() == "none" or policy.get("pct", "100") != "100":
        stronger = "; ".join(f"{key}={value}" for key, value in {**policy, "p": "quarantine"}.items() if key != "pct")
        yield warning(
            "BIMI",
            f"{name} has a logo, which is shown only with a policy of quarantine or reject for all mail",
            mend=txt(f"_dmarc.{domain}", stronger),
        )
    else:
        yield good("BIMI", f"{name} has a logo")

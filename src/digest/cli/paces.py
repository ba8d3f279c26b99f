"""Rates and slowed domains in, what `status` says of them out."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from digest.config import Smtp
from digest.counting import counted
from digest.store.destinations import Roster
from digest.worker.quota import Warmth
from digest.worker.slowed import DomainRow, RelayRow, configured


def relay_line(one: RelayRow) -> str:
    said = [f"weight {one.weight:g}", *([one.rate] if one.rate else [])] if one.name else []
    if one.shut_until:
        said.append(f"gets no mail before {one.shut_until:%H:%M:%S} UTC: {one.reason}")
    elif one.reason:
        said.append(f"is tried again after trouble since {one.since:%Y-%m-%d %H:%M:%S} UTC: {one.reason}")
    if one.in_doubt:
        said.append(f"{counted(one.in_doubt, 'delivery', 'deliveries')} in doubt wait for it")
    if one.warm_up:
        said.append(warm_words(one.warm_up))
    return f"{f'Relay {one.name}' if one.name else 'The mail server'}: {', '.join(said)}"


def warm_words(one: Warmth) -> str:
    """As in "warm-up day 3, 980 of 980 used, goes on at 2026-12-04 00:00 UTC"."""
    if one.day < 1 and one.goes_on_at:
        return f"warm-up begins at {one.goes_on_at:%Y-%m-%d %H:%M} UTC, and no mail before"
    goes_on = f", goes on at {one.goes_on_at:%Y-%m-%d %H:%M} UTC" if one.goes_on_at else ""
    return f"warm-up day {one.day}, {one.used} of {one.quota} used{goes_on}"


def allowed_line(readers: int, allowed: int | None) -> str:
    """Where an edition is larger than what the warm-up of the relays lets leave today (None: any number); else ""."""
    if allowed is None or readers <= allowed:
        return ""
    return f"The warm-up lets {allowed} leave today; the other {readers - allowed} wait for the next day (UTC)."


def limits_json(smtp: Smtp, rows: Sequence[DomainRow], known: Roster) -> dict[str, Any]:
    rates = {"rate": smtp.rate, "domain_rate": smtp.domain_rate, "domain_rates": dict(smtp.domain_rates)}
    return {**rates, "by": smtp.destinations, "known": asdict(known), "domains": [asdict(one) for one in rows]}


def limit_lines(smtp: Smtp, rows: Sequence[DomainRow], known: Roster) -> list[str]:
    told = configured(smtp)
    return [*([f"Limits: {', '.join(told)}."] if told else []), *roster_lines(known), *map(_line, rows)]


def roster_lines(known: Roster) -> list[str]:
    """Nothing where no domain is to be looked up."""
    if not known.domains:
        return []
    whole = counted(known.domains, "domain")
    return [f"DNS has told of {known.looked_up:,} of {whole} of readers: {counted(known.destinations, 'destination')}."]


def _line(one: DomainRow) -> str:
    said = [f"since {one.since:%Y-%m-%d %H:%M:%S} UTC"]
    if one.shut_until:
        said.append(f"no mail before {one.shut_until:%H:%M:%S}")
    if one.rate is not None:
        said.append(f"at most {one.rate:.3g}/s")
    wait = "waits" if one.waiting == 1 else "wait"
    head = f"{one.place}: {counted(one.waiting, 'delivery', 'deliveries')} {wait} for its pace"
    return f"{head}, {', '.join(said)}{f': {one.reason}' if one.reason else ''}"

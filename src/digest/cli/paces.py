"""Rates and slowed domains in, what `status` says of them out."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from digest.config import Smtp
from digest.counting import counted
from digest.store.destinations import Roster
from digest.worker.slowed import DomainRow, RelayRow, configured


def relay_line(one: RelayRow) -> str:
    said = [f"weight {one.weight:g}", *([one.rate] if one.rate else [])]
    if one.shut_until:
        said.append(f"gets no mail before {one.shut_until:%H:%M:%S} UTC: {one.reason}")
    elif one.reason:
        said.append(f"is tried again after trouble since {one.since:%Y-%m-%d %H:%M:%S} UTC: {one.reason}")
    if one.in_doubt:
        said.append(f"{counted(one.in_doubt, 'delivery', 'deliveries')} in doubt wait for it")
    return f"Relay {one.name}: {', '.join(said)}"


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

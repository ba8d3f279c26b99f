"""Rates as they are configured, in; limits in messages a second, out."""

from dataclasses import replace

from digest.config import Route, Smtp
from digest.model import of_relay
from digest.outbox.pacing import Limits

_SECONDS = {"s": 1, "min": 60, "h": 3600}


def limits(smtp: Smtp) -> Limits:
    domains = {domain: per_second(rate) for domain, rate in smtp.domain_rates.items()}
    return Limits(whole=per_second(smtp.rate), each=per_second(smtp.domain_rate), domains=domains)


def own_limits(route: Route) -> Limits:
    """Those of all mail, and of one of several relays."""
    allowed = limits(route.smtp)
    rate = {of_relay(route.name): per_second(route.rate)} if route.name else {}
    return replace(allowed, domains={**allowed.domains, **rate})


def per_second(rate: str) -> float:
    """Of a rate as it is configured, as in ``20/s``; 0.0 for none."""
    number, _, unit = rate.partition("/")
    return int(number) / _SECONDS[unit] if rate else 0.0

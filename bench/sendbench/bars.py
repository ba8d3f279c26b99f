"""Rates round by round in, what we ask of ourselves beside others out: a line for each ratio."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

SOURCE, NODE, NODE_RSA = "smtp-source", "nodemailer, pool", "nodemailer, pool, RSA-2048"
SMTPLIB, AIOSMTPLIB, READY = "smtplib, EmailMessage", "aiosmtplib.send_message", "aiosmtplib.sendmail, ready bytes"
FLUSHED = "window 1, 50 connections"  #: each message waits for a flush of the disk
LISTMONK = (
    1900 / 450
)  #: what listmonk's core sends where nodemailer builds and sends one; measured once, on one machine


@dataclass(frozen=True, kw_only=True)
class Bar:
    """So many times the rate of a peer, at least."""

    ours: str
    peer: str
    least: float


def _asked(kind: str, *, delayed: bool, window: int) -> list[Bar]:
    wide = f"ours: window {window}"
    if delayed:
        steps = {"ours: in groups, window 1": 2, f"ours: content with the next group, window {window}": 4}
        asked = [*steps.items(), (f"{wide}, BDAT", 12)]
        return [Bar(ours=ours, peer=peer, least=least) for peer in (AIOSMTPLIB, READY) for ours, least in asked]
    if kind == "postfix":
        signed = [
            Bar(ours=f"{wide}, RSA-2048", peer=SOURCE, least=0.45),
            Bar(ours=f"{wide}, Ed25519", peer=SOURCE, least=0.7),
        ]
        return [Bar(ours=wide, peer=SOURCE, least=0.8), *signed]
    return [
        Bar(ours=wide, peer=NODE, least=25),
        Bar(ours=wide, peer=SMTPLIB, least=60),
        Bar(ours=wide, peer=NODE, least=6 * LISTMONK),
        Bar(ours=f"{wide}, RSA-2048", peer=NODE_RSA, least=9),
    ]


def lines(kind: str, rates: Mapping[str, Sequence[float]], *, delayed: bool, window: int) -> Iterator[str]:
    for bar in _asked(kind, delayed=delayed, window=window):
        if rates.get(bar.ours) and rates.get(bar.peer):
            ratios = [a / b for a, b in zip(rates[bar.ours], rates[bar.peer], strict=True)]
            yield line(bar.ours, bar.peer, bar.least, ratios)


def line(ours: str, peer: str, least: float, ratios: Sequence[float]) -> str:
    """The median of the ratios of each round, their range, and whether that is enough."""
    found = median(ratios)
    verdict = "holds" if found >= least else f"falls short by {1 - found / least:.0%}"
    return f"  {ours} / {peer}: {found:.2f} ({min(ratios):.2f} to {max(ratios):.2f}), asked {least:.3g}: {verdict}"

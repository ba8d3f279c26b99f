"""`approve`, `hold`, `cancel`, `editions`: from a draft to a decision."""

from dataclasses import asdict

import click

from digest.cli.app import Digest, as_json, echo_json, echo_table, main, pass_app, utcnow, who_option
from digest.cli.shapes import edition_json
from digest.lint.rules import RULES
from digest.model import EditionState, EditionStatus
from digest.pipeline import publishing
from digest.pipeline.audience import plan
from digest.pipeline.audience import told as told_of
from digest.pipeline.lookup import find
from digest.pipeline.operating import open_edition
from digest.store import deliveries
from digest.store import editions as store
from digest.store.audit import Proof
from digest.worker.proving import SAMPLE, proofs


@main.command()
@click.argument("edition")
@click.option(
    "--overrule",
    multiple=True,
    type=click.Choice(sorted(RULES)),
    metavar="RULE",
    help="Let errors of this rule of `digest lint` pass; may be given again.  It is logged.",
)
@who_option
@as_json
@pass_app
def approve(app: Digest, edition: str, overrule: tuple[str, ...], who: str, as_json: bool) -> None:
    """Sign an edition off: its content and its audience are frozen.  Lifts a hold.

    It leaves at its hour; `digest send` does not wait for it.  An edition in which `digest lint` finds errors is
    refused.

    \b
    digest approve daily/2026-11-23
    digest approve daily/2026-11-23 --overrule image-alt
    """
    done = publishing.approve(
        app.settings, app.database, edition, now=utcnow(), at_its_hour=True, lift_hold=True, overrule=overrule, who=who
    )
    if as_json:
        told = {"audience": done.audience, "variants": done.variants, "without": done.without}
        told |= {"rarer": done.rarer, "left_out": done.left_out}
        echo_json({"edition": edition, "state": done.edition.state} | told)
    else:
        click.echo(f"{edition}: {done.edition.state}, {done.report}")


@main.command()
@click.argument("edition")
@who_option
@as_json
@pass_app
def hold(app: Digest, edition: str, who: str, as_json: bool) -> None:
    """Stop an edition where it is; `digest approve` lifts the hold."""
    status = publishing.hold(app.database, edition, now=utcnow(), who=who)
    _echo_stopped(status, f"held; `digest approve {edition}` lifts it", as_json=as_json)


@main.command()
@click.argument("edition")
@click.option("--yes", is_flag=True, help="Do not ask.")
@who_option
@as_json
@pass_app
def cancel(app: Digest, edition: str, yes: bool, who: str, as_json: bool) -> None:
    """Send nothing more of an edition.  This cannot be undone."""
    status = find(app.database, edition)
    with app.database.read() as db:
        tally = deliveries.tally(db, status.id)
    if not yes and status.state in (EditionState.APPROVED, EditionState.SENDING):
        click.confirm(
            f"{edition}: {tally.waiting} of {tally.audience} readers are still to get it. Cancel?", abort=True, err=True
        )
    status = publishing.cancel(app.database, edition, now=utcnow(), who=who)
    _echo_stopped(status, "cancelled", as_json=as_json)


def _echo_stopped(status: EditionStatus, told: str, *, as_json: bool) -> None:
    if as_json:
        echo_json({"edition": status.key, "state": status.state, "hold": status.hold})
    else:
        click.echo(f"{status.key}: {told}")


RUNNERS_UP = 10  #: that are shown of a draft


@main.group()
def editions() -> None:
    """Look at the editions there are."""


@editions.command("list")
@click.option("--newsletter", metavar="NAME")
@click.option("--limit", type=click.IntRange(min=1), default=30, show_default=True)
@as_json
@pass_app
def list_(app: Digest, newsletter: str | None, limit: int, as_json: bool) -> None:
    """List editions, the newest first."""
    with app.database.read() as db:
        found = store.listing(db, newsletter=newsletter, limit=limit)
        tallies = {one.id: deliveries.tally(db, one.id) for one in found}
    if as_json:
        echo_json({"editions": [edition_json(one) | {"audience": tallies[one.id].audience} for one in found]})
        return
    rows = [
        (one.key, f"{one.state}{' (held)' if one.hold else ''}", tallies[one.id].audience, one.content.subject)
        for one in found
    ]
    echo_table(["edition", "state", "audience", "subject"], rows, empty="no editions yet; `digest build` makes one")


@editions.command()
@click.argument("edition")
@as_json
@pass_app
def show(app: Digest, edition: str, as_json: bool) -> None:
    """Show one edition: its stories, and how its deliveries stand.

    Of a draft also the best of what is left out, and why, with the numbers that `digest edition` knows it by.
    """
    status = find(app.database, edition)
    with app.database.read() as db:
        tally = deliveries.tally(db, status.id)
        variants, passed = deliveries.by_variant(db, status.id), {"without": 0, "rarer": 0}
        if _is_at_work(app, status):
            planned = plan(app.settings, db, status, now=utcnow())
            variants, passed = planned.readers, {"without": planned.without, "rarer": planned.rarer}
    counts = {str(state): count for state, count in sorted(tally.states.items())}
    conflicts = [one.sentence for one in status.verdicts if one.is_conflict]
    left_out = _runners_up(app, status) if _is_at_work(app, status) else []
    if as_json:
        told = {"audience": tally.audience, "deliveries": counts, "variants": variants, **passed}
        told |= {"revision": status.revision, "conflicts": conflicts, "runners_up": left_out}
        echo_json(edition_json(status) | told)
        return
    click.echo(f"{status.key}: {status.state}{' (held)' if status.hold else ''}")
    if status.paused_reason:
        click.echo(f"Sending paused: {status.paused_reason}")
    click.echo(f"Subject: {status.content.subject}")
    for number, item in enumerate(status.content.items, 1):
        click.echo(f"{number:3}. {item.headline}")
    for one in left_out:
        click.echo(f"{one['number']:3}. left out: {one['headline']}  ({one['reason']})")
    stand = ", ".join(f"{n} {state}" for state, n in counts.items()) or "not frozen yet"
    for sentence in conflicts:
        click.echo(f"Decision that does not hold: {sentence}")
    click.echo(f"{told_of(variants, **passed)}: {stand}")
    if len(variants) > 1:
        click.echo(f"Variants: {', '.join(f'{name} {count}' for name, count in variants.items())}")


def _is_at_work(app: Digest, status: EditionStatus) -> bool:
    """Not frozen, and of a newsletter that is still in the configuration."""
    return status.state is EditionState.DRAFT and status.newsletter in app.settings.newsletters


def _runners_up(app: Digest, status: EditionStatus) -> list[dict[str, object]]:
    found = open_edition(app.settings, app.database, status.key).runners_up[:RUNNERS_UP]
    return [
        {"number": number, "id": one.id, "headline": one.lead.title, "url": one.lead.url, "reason": reason}
        for number, one, reason in found
    ]


@editions.command()
@click.argument("edition")
@click.option("--all", "every", is_flag=True, help=f"Compose every copy again, not {SAMPLE} of each variant.")
@as_json
@pass_app
def verify(app: Digest, edition: str, every: bool, as_json: bool) -> None:
    """Prove that every reader is accounted for, once, and that what is sent is what was approved.

    Copies are composed again and read: what is not the reader's own has to be as it was approved, and their links,
    Message-ID, return path and signatures have to hold.  Ends with 1 where something does not.  Read in one
    transaction, so it may be asked in the middle of a send.

    \b
    digest editions verify daily/2026-11-23
    digest editions verify daily/2026-11-23 --all --json
    """
    status = find(app.database, edition)
    with app.database.read() as db:
        tally = deliveries.tally(db, status.id)
    found = list(proofs(app.settings, app.database, status, every=every))
    counts = {str(state): count for state, count in sorted(tally.states.items())}
    if as_json:
        told = [{"holds": one.holds, **asdict(one)} for one in found]
        echo_json({"edition": edition, "audience": tally.audience, "deliveries": counts, "proofs": told})
    else:
        click.echo(f"{edition}: {tally.audience} = {' + '.join(f'{n} {state}' for state, n in counts.items()) or '0'}")
        for one in found:
            click.echo(f"{_verdict(one):<18} {one.claim}{_extent(one)}")
    click.get_current_context().exit(0 if all(one.holds for one in found) else 1)


def _verdict(one: Proof) -> str:
    if not one.holds:
        return f"NOT SO for {one.against}"
    return f"not known of {one.unknown}" if one.unknown else "holds"


def _extent(one: Proof) -> str:
    return "" if one.looked_at is None else f" ({one.looked_at} looked at)"

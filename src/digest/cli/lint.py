"""`lint`: what is wrong with an edition as it would be sent."""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain, groupby
from pathlib import Path

import click

from digest.cli.app import Digest, as_json, echo_json, main, pass_app, utcnow
from digest.cli.shapes import finding_json
from digest.config import Settings
from digest.counting import counted
from digest.lint.finding import RANKED, Finding, Severity
from digest.lint.mail import Feature
from digest.pipeline import drafts
from digest.pipeline.linting import faults, lint_confirmation, lint_file, lint_message, read_support
from digest.pipeline.printing import by_templates
from digest.pipeline.sampling import sample_edition
from digest.worker.asking import sample as sample_confirmation

SHOWN = 5  #: places of one fault
COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


@main.command()
@click.argument("edition", required=False)
@click.option(
    "--html", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Look at this file instead; HTML only."
)
@click.option("--sample", is_flag=True, help="Look at an edition of the sample articles, in your templates.")
@click.option(
    "--caniemail",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Data of caniemail.com on what mail programs lack, instead of [lint] caniemail.",
)
@click.option("--strict", is_flag=True, help="End with 1 on warnings too.")
@as_json
@pass_app
def lint(
    app: Digest,
    edition: str | None,
    html: Path | None,
    sample: bool,
    caniemail: Path | None,
    strict: bool,
    as_json: bool,
) -> None:
    """Check the mail of an edition: HTML, text and header, as they would be sent.  Asks nothing on the network.

    The mail that asks whoever signs up to confirm is checked with it.  Without EDITION it looks at what `digest build`
    would make now.  Ends with 1 when there are errors: an edition with such is not approved.

    \b
    digest lint
    digest lint daily/2026-11-23 --strict
    digest lint --sample --caniemail caniemail.json
    digest lint --html edition.html --json
    """
    if sum(map(bool, (edition, html, sample))) > 1:
        raise click.UsageError("EDITION, --html and --sample exclude each other")
    about, found = _look(app, edition, html, caniemail or app.settings.lint.caniemail, sample=sample)
    errors, warnings = (sum(faults(found, severity=one).values()) for one in (Severity.ERROR, Severity.WARNING))
    if as_json:
        echo_json(
            {"about": about, "errors": errors, "warnings": warnings, "findings": [finding_json(one) for one in found]}
        )
    else:
        _echo(found)
        click.echo(f"{about}: {counted(errors, 'error')}, {counted(warnings, 'warning')}")
    click.get_current_context().exit(1 if errors or (strict and warnings) else 0)


def _look(
    app: Digest, edition: str | None, html: Path | None, caniemail: Path | None, *, sample: bool
) -> tuple[str, Sequence[Finding]]:
    """What it is about, and what was found."""
    support, now = read_support(caniemail), utcnow()
    if html:
        return str(html), lint_file(app.settings, html, support=support)
    if sample:
        shown = sample_edition(app.settings, now=now)
        message = drafts.written(app.settings, shown, now=now)
    else:
        shown, message = drafts.copy_of(app.settings, app.database, edition, now=now)
    about = "the sample edition" if sample else shown.key
    found = lint_message(app.settings, shown.newsletter, message, support=support)
    signed_up = app.settings.newsletters if sample else app.settings.newsletters.keys() & {shown.newsletter}
    asked = (_confirmation(app.settings, name, support, now=now) for name in signed_up)
    return about, (*found, *chain.from_iterable(asked))


def _confirmation(
    settings: Settings, newsletter: str, support: Mapping[str, Feature], *, now: datetime
) -> Sequence[Finding]:
    """Of the mail that asks whoever signs up, as no edition shows what is wrong with it."""
    with by_templates(f"the confirmation mail of {newsletter}"):
        message = sample_confirmation(settings, newsletter, now=now)
    return lint_confirmation(settings, newsletter, message, support=support)


def _echo(findings: Iterable[Finding]) -> None:
    """Grouped by severity, then by rule and reason; each reason is told once."""
    for severity, group in groupby(sorted(findings, key=_rank), key=lambda one: one.severity):
        click.secho(f"{severity.capitalize()}s", bold=True, fg=COLOURS[severity])
        for (rule, why, source, mend), same in groupby(group, key=_reason):
            _echo_rule(f"{rule}: {why} ({source})", mend, list(same))


def _echo_rule(head: str, mend: str, found: Sequence[Finding]) -> None:
    width = shutil.get_terminal_size().columns
    click.echo(click.wrap_text(head, width, initial_indent="  ", subsequent_indent="    "))
    for one in found[:SHOWN]:
        click.echo(f"    {one.place}: {one.wrong}")
    if len(found) > SHOWN:
        click.echo(f"    and {len(found) - SHOWN} more")
    if mend:
        click.echo(click.wrap_text(f"To mend it: {mend}", width, initial_indent="    ", subsequent_indent="    "))


def _rank(one: Finding) -> tuple[int, tuple[str, str, str, str]]:
    return RANKED.index(one.severity), _reason(one)


def _reason(one: Finding) -> tuple[str, str, str, str]:
    return one.rule, one.why, one.source, one.mend

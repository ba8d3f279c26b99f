"""Settings and a database in, what the mail itself has wrong out, in a line each; `digest lint` says more."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy.exc import DBAPIError

from digest.config import Settings
from digest.doctor.finding import Finding, bad, good, warning
from digest.errors import DigestError
from digest.lint.finding import Finding as LintFinding
from digest.lint.finding import Severity
from digest.model import Edition, EditionState, EditionStatus
from digest.pipeline.drafts import written
from digest.pipeline.linting import faults, lint_confirmation, lint_message, named, read_support
from digest.pipeline.printing import by_templates
from digest.pipeline.sampling import sample_edition
from digest.store import editions
from digest.store.database import Database
from digest.worker.asking import sample as sample_confirmation


def look_at_mail(settings: Settings, database: Database, *, now: datetime) -> Iterator[Finding]:
    """The newest draft, or else the sample edition, and what asks to confirm, as `digest lint` sees them."""
    yield _edition(settings, database, now)
    yield from _confirmations(settings, now)


def size(settings: Settings, *, now: datetime) -> int:
    """Bytes that a copy of the sample edition has; 0 where the templates make none."""
    try:
        return len(written(settings, sample_edition(settings, now=now), now=now))
    except DigestError:
        return 0


def _edition(settings: Settings, database: Database, now: datetime) -> Finding:
    try:
        draft = _newest_draft(settings, database)
        shown: Edition = draft.content if draft else sample_edition(settings, now=now)
        support = read_support(settings.lint.caniemail)
        found = lint_message(settings, shown.newsletter, written(settings, shown, now=now), support=support)
    except DigestError as error:
        return bad("mail", str(error).replace("\n", ";"))
    return _verdict(draft.key if draft else "the sample edition", found, draft.key if draft else "--sample")


def _verdict(about: str, found: Iterable[LintFinding], looked_at: str) -> Finding:
    """The worst of what `digest lint` finds, in a line; `looked_at` is how it is called to say more."""
    found = list(found)
    for severity, verdict in ((Severity.ERROR, bad), (Severity.WARNING, warning)):
        if counts := faults(found, severity=severity):
            said = f"{about} has {severity}s: {named(counts)}; `digest lint {looked_at}` says more"
            return verdict("mail", said, mend=f"digest lint {looked_at}")
    return good("mail", f"{about} has no errors and no warnings")


def _confirmations(settings: Settings, now: datetime) -> Iterator[Finding]:
    """The mail that asks whoever signs up, of each newsletter."""
    for name in settings.newsletters:
        about = f"the confirmation mail of {name}"
        try:
            support = read_support(settings.lint.caniemail)
            with by_templates(about):
                message = sample_confirmation(settings, name, now=now)
        except DigestError as error:
            yield bad("mail", str(error).replace("\n", ";"))
        else:
            yield _verdict(about, lint_confirmation(settings, name, message, support=support), "--sample")


def _newest_draft(settings: Settings, database: Database) -> EditionStatus | None:
    try:
        with database.read() as db:
            found = editions.listing(db)
    except DBAPIError:
        return None
    drafts = (one for one in found if one.state is EditionState.DRAFT and one.newsletter in settings.newsletters)
    return next((one for one in drafts if one.content.lead), None)

"""Every rule, by its name; a mail in, all that they find out."""

from digest.lint import clients, contrast, header, images, linking, parity, size, structure, styles
from digest.lint.finding import RANKED, Finding, found
from digest.lint.mail import Mail, Part

_MODULES = (structure, styles, size, linking, images, contrast, clients, parity, header)
RULES = {rule.name: rule for module in _MODULES for rule in module.RULES}
_PARTS = tuple(Part)


def lint(mail: Mail) -> tuple[Finding, ...]:
    """What every rule finds: the worst first, then by part and place."""
    every = [found(rule, spot) for rule in RULES.values() for spot in rule.look(mail)]
    return tuple(sorted(every, key=_order))


def _order(one: Finding) -> tuple[int, int, int, int]:
    return RANKED.index(one.severity), _PARTS.index(one.place.part), one.place.line, one.place.column

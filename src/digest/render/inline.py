"""HTML with style blocks in, the same with inline style out: many mail clients read no style block.

The only module that knows premailer, which has to be kept from helping (each option below undoes a fault seen in mail).
"""

import logging
from collections.abc import Sequence
from functools import lru_cache

from premailer import Premailer

DOCTYPE = "<!DOCTYPE html>"


def inline(html: str) -> str:
    """`html` with the rules of its style blocks on the elements, and the blocks gone.

    A block marked ``data-premailer="ignore"`` stays as it is: media queries, and rules that match nothing until a mail
    client adds its own attributes, which would be dropped here.
    """
    premailer = Premailer(
        html,
        method="html",
        allow_network=False,
        disable_link_rewrites=True,
        # Kept, or the media queries left in blocks lose to the inline style they are meant to overrule.
        strip_important=False,
        keep_style_tags=False,
        # Classes are what those media queries select by.
        remove_classes=False,
        # CSS widths written over width="552" height="311" break pictures in Outlook.
        disable_basic_attributes=["width", "height", "align", "valign", "bgcolor"],
        align_floating_images=False,
        # cssutils knows CSS 2 and logs each mso- property as a fault.
        disable_validation=True,
        cssutils_logging_level=logging.CRITICAL,
    )
    # A style block is the same from mail to mail, and taking it apart is most of the work.
    premailer._parse_style_rules = lambda css, index: tuple(map(list, _rules(css, index)))  # noqa: SLF001
    done = premailer.transform()
    # In lower case premailer drops it, and browsers fall back to the ways of 1998.
    assert done.startswith(DOCTYPE), "a mail has to begin with <!DOCTYPE html>"
    return str(done)


@lru_cache(maxsize=32)
def _rules(css: str, index: int) -> tuple[Sequence[object], Sequence[object]]:
    """The rules of a style block, and what is left of it."""
    own = Premailer(strip_important=False, disable_validation=True, cssutils_logging_level=logging.CRITICAL)
    found: tuple[Sequence[object], Sequence[object]] = own._parse_style_rules(css, index)  # noqa: SLF001
    return found

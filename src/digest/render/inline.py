"""HTML with style blocks in, the same with inline style out: many mail clients read no style block.

The only module that knows premailer, which has to be kept from helping (each option below undoes a fault seen in mail).
"""

import logging

from premailer import Premailer

DOCTYPE = "<!DOCTYPE html>"


def inline(html: str) -> str:
    """`html` with the rules of its style blocks on the elements, and the blocks gone.

    A block marked ``data-premailer="ignore"`` stays as it is: media queries, and rules that match nothing until a mail
    client adds its own attributes, which would be dropped here.
    """
    done = Premailer(
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
    ).transform()
    # In lower case premailer drops it, and browsers fall back to the ways of 1998.
    assert done.startswith(DOCTYPE), "a mail has to begin with <!DOCTYPE html>"
    return str(done)

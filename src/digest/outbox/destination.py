"""The mail servers of a domain in, its destination out: whose pace mail to it keeps.  Pure."""

import re
from collections.abc import Sequence

from tld import get_fld

Server = tuple[int, str]  #: an MX record: preference (the lowest comes first), host; "" takes no mail (RFC 7505)


def destination(domain: str, servers: Sequence[Server]) -> str:
    """The organisation that the best mail server belongs to; the domain itself where none takes mail for it.

    Of several that are equally good it is the first by name, so that chance decides nothing.
    """
    hosts = [(preference, host) for preference, host in servers if host.strip(".")]
    return organisation(min(hosts)[1]) if hosts else domain


def organisation(host: str) -> str:
    """The name below the public suffix, in small letters, as in google.com of aspmx.l.google.com.

    A suffix that the list does not have is one label; an address in the place of a name stands for itself.
    """
    name = host.lower().strip(".")
    labels = name.split(".")
    if labels[-1].isdigit() or not re.fullmatch(r"[a-z0-9_.-]+", name):
        return name
    known = get_fld(f"//{name}", fail_silently=True, search_private=False)
    return known or ".".join(labels[-2:])

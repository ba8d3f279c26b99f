"""Mailman's own delivery, in a process that has Mailman: a list with so many members, and one `deliver` to all of them.

    python mailman_deliver.py PORT COUNT message.json FOLDER

Full personalisation and VERP, as a newsletter needs them, and no footer, as it has its own: one transaction a member,
over one connection.  Prints the seconds of `deliver`; its database, the list and its members are made before.
"""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

from mailman.app.lifecycle import create_list
from mailman.config import config
from mailman.core.initialize import initialize
from mailman.email.message import Message
from mailman.interfaces.domain import IDomainManager
from mailman.interfaces.mailinglist import Personalization
from mailman.interfaces.member import MemberRole
from mailman.interfaces.usermanager import IUserManager
from mailman.mta.deliver import deliver
from zope.component import getUtility

CONFIG = """
[mailman]
layout: local
[paths.local]
var_dir: {folder}
[mta]
incoming: mailman.mta.null.NullMTA
smtp_host: 127.0.0.1
smtp_port: {port}
max_sessions_per_connection: 0
[logging.root]
level: error
[logging.smtp]
level: error
"""


def members(count: int) -> tuple[Any, Sequence[str]]:
    """A list with them; and their addresses."""
    getUtility(IDomainManager).add("news.example.org")
    listed = create_list("daily@news.example.org")
    listed.personalize = Personalization.full
    addresses = [f"reader{number}@example.net" for number in range(count)]
    for address in addresses:
        listed.subscribe(getUtility(IUserManager).create_address(address, ""), MemberRole.member)
    config.db.commit()
    return listed, addresses


def message(told: Mapping[str, str]) -> Message:
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = told["sender"], "daily@news.example.org", told["subject"]
    made["Message-ID"] = "<1@news.example.org>"
    made.set_content(told["text"], cte="quoted-printable")
    made.add_alternative(told["html"], subtype="html", cte="quoted-printable")
    return message_from_bytes(made.as_bytes(), Message)


def main() -> None:
    port, count, path, name = sys.argv[1:]
    folder = Path(name)
    written = folder / "mailman.cfg"
    written.write_text(CONFIG.format(folder=folder, port=port))
    initialize(str(written))
    listed, addresses = members(int(count))
    letter = message(json.loads(Path(path).read_text(encoding="utf-8")))
    begun = time.perf_counter()
    deliver(listed, letter, {"recipients": set(addresses), "verp": True, "nodecorate": True})
    print(time.perf_counter() - begun)


if __name__ == "__main__":
    main()

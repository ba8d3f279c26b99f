"""A child process in a network of its own, where we are the name server: `send` for each way in which names fail.

    unshare -rmn sh -c 'mount --bind resolv.conf /etc/resolv.conf && python lost_names.py FOLDER'

The system's own resolver asks, over UDP; nothing is replaced.  Prints a line of JSON for each of `WAYS`.
"""

import fcntl
import json
import os
import shutil
import socket
import struct
import sys
import threading
from pathlib import Path

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
from click.testing import CliRunner

from digest.cli import main
from postbox import Mailbox

NAME = "relay.test."
HERE = {"A": ["127.0.0.1"]}
#: What is answered to each `send`: records, the name of an error, or "": nothing.
WAYS = {
    "no such name": ["NXDOMAIN"],
    "server failure": ["SERVFAIL"],
    "silence": [""],
    "no address": [{}],
    "comes back": ["SERVFAIL", HERE],
    "several": [{"A": ["127.0.0.2", "127.0.0.3", "127.0.0.1"], "AAAA": ["::1"]}],
}


class Names(threading.Thread):
    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.answer: object = ""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 53))

    def run(self) -> None:
        while True:
            packet, peer = self._socket.recvfrom(4096)
            if self.answer != "":
                self._socket.sendto(_reply(packet, self.answer), peer)


def _reply(packet: bytes, told: object) -> bytes:
    asked = dns.message.from_wire(packet)
    reply = dns.message.make_response(asked)
    reply.flags |= dns.flags.RA
    if isinstance(told, str):
        reply.set_rcode(dns.rcode.from_text(told))
        return reply.to_wire()
    kind = "AAAA" if asked.question[0].rdtype == dns.rdatatype.AAAA else "A"
    if kind in told:
        reply.answer.append(dns.rrset.from_text(NAME, 0, "IN", kind, *told[kind]))
    return reply.to_wire()


def bring_up(name: bytes) -> None:
    """A new network's loopback is down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        fcntl.ioctl(one, 0x8914, struct.pack("16sh", name, 0x1 | 0x40))  # SIOCSIFFLAGS: IFF_UP, IFF_RUNNING


def attempt(way: str, prepared: Path, names: Names) -> dict[str, object]:
    folder = prepared.parent / way.replace(" ", "-")
    shutil.copytree(prepared, folder)
    os.chdir(folder)
    codes = []
    for names.answer in WAYS[way]:
        said = CliRunner().invoke(main, ["send", "--json"])
        codes.append(said.exit_code)
        key = json.loads(said.stdout)["edition"]
        CliRunner().invoke(main, ["deliveries", "retry", key])  # what waits would wait for a minute
    listed = json.loads(CliRunner().invoke(main, ["deliveries", "list", key, "--json"]).stdout)["deliveries"]
    states = [[one["state"], one["attempts"], one["in_doubt"]] for one in listed]
    return {"way": way, "codes": codes, "states": states, "err": said.stderr}


def run(prepared: Path) -> None:
    bring_up(b"lo")
    names = Names()
    names.start()
    with Mailbox() as mailbox, socket.create_server(("127.0.0.3", mailbox.port), backlog=0):
        full = [socket.socket() for _ in range(4)]  # 127.0.0.3 answers nothing
        for one in full:
            one.setblocking(False)
            one.connect_ex(("127.0.0.3", mailbox.port))
        smtp = {"HOST": NAME.rstrip("."), "PORT": str(mailbox.port), "SECURITY": "none", "TIMEOUT": "20"}
        os.environ |= {f"DIGEST_SMTP__{name}": value for name, value in smtp.items()}
        for way in WAYS:
            sys.stdout.write(f"{json.dumps(attempt(way, prepared, names))}\n")


if __name__ == "__main__":
    run(Path(sys.argv[1]))

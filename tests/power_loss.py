"""A send watched by strace, in; the disk as a loss of power could leave it at any moment of it, out.

What was not yet synced is on the disk or not, whole or by the sector, in any order; a name in a folder likewise until
the folder was synced.  Shared memory is gone.  More than real disks do is allowed, and nothing less.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

TESTS = Path(__file__).resolve().parent
STRACE = shutil.which("strace")
WRITES = "sendto,sendmsg,write,writev"

_CALL = re.compile(r"^(?P<process>\d+) +(?P<name>\w+)\((?P<rest>.*)$")
_RESUMED = re.compile(r"^(?P<process>\d+) +<\.\.\. (?P<name>\w+) resumed>")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_OF_FILE = re.compile(r"^\d+<((?:\\x[0-9a-f]{2})*)>")
_MESSAGE_ID = re.compile(rb"Message-ID: <[^>@]*\.([0-9a-f]{16})@")
_SYNCS = ("fsync", "fdatasync")


def watch(told: Mapping[str, Any], trace: Path, *options: str) -> str:
    """Let `abort_at.py` send under strace; the trace."""
    assert STRACE
    send = [sys.executable, "-W", "ignore", TESTS / "abort_at.py", json.dumps({"point": "", "hit": 0, **told})]
    path = os.pathsep.join([str(TESTS), *sys.path])
    command = [STRACE, "-f", "-qq", *options, "-o", trace, *send]
    subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, check=True)
    return trace.read_text(errors="replace")


# --- what happened ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Event:
    kind: str  #: write, cut, create, unlink, sync or content
    name: str  #: of the file in the folder, "." for the folder; of a content the uid of its reader
    place: int = 0  #: of a write: from which byte; of a cut: what is left; of a sync: up to which event it counts
    data: bytes = b""


def history(trace: str, database: Path) -> list[Event]:
    """What a send did to the files of its database, and when it began to send each content."""
    events: list[Event] = []
    begun: dict[str, Event] = {}  # by process: a sync that has not returned
    for line in trace.splitlines():
        if back := _RESUMED.match(line):
            if back["name"] in _SYNCS and back["process"] in begun:
                events.append(begun.pop(back["process"]))
        elif call := _CALL.match(line):
            unfinished = line.endswith("<unfinished ...>")
            if " = -1 " not in line and (event := _event(call["name"], call["rest"], database, len(events))):
                if event.kind == "sync" and unfinished:
                    begun[call["process"]] = event
                else:
                    events.append(event)
    return events


def _event(call: str, rest: str, database: Path, number: int) -> Event | None:
    strings = [_bytes(one) for one in _STRING.findall(rest)]
    if call in WRITES.split(","):
        found = _MESSAGE_ID.search(b"".join(strings))
        return Event(kind="content", name=found[1].decode()) if found else None
    file = _OF_FILE.match(rest)
    path = Path(os.fsdecode(_bytes(file[1]) if file else strings[0]))
    name = "." if path == database.parent else path.name
    named = {database.parent, *(database.with_name(database.name + more) for more in ("", "-wal", "-journal"))}
    if path not in named or (call == "openat" and "O_CREAT" not in rest):
        return None
    if call in _SYNCS:
        return Event(kind="sync", name=name, place=number)
    kind = {"openat": "create", "pwrite64": "write", "ftruncate": "cut", "unlink": "unlink"}[call]
    place = _last_number(rest) if kind in ("write", "cut") else 0
    return Event(kind=kind, name=name, place=place, data=strings[0] if kind == "write" else b"")


def _bytes(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))


def _last_number(rest: str) -> int:
    """The last argument, which is a number, of a call that may not have returned yet."""
    found = re.search(r", (\d+)(?:\)| <unfinished)", rest)
    assert found, "an argument is missing"
    return int(found[1])


# --- what is left of it ----------------------------------------------------------------------------------------------


@dataclass(kw_only=True)
class _File:
    content: bytearray  #: what is on the disk for certain
    there: bool  #: so is its name
    late: list[tuple[int, Event]] = field(default_factory=list)  #: what may be
    renamed: list[tuple[int, bool]] = field(default_factory=list)  #: whether it is to be there, in order

    @property
    def seen(self) -> bool:
        """Whether programs find it, as long as the power is on."""
        return self.renamed[-1][1] if self.renamed else self.there


class Disk:
    """The files of a database, by what is certain of them and what is not."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = {name: _File(content=bytearray(content), there=True) for name, content in files.items()}

    def pass_by(self, number: int, event: Event) -> None:
        if event.kind == "sync":
            self._sync(event)
        elif event.kind in ("create", "unlink"):
            self._rename(number, event)
        elif event.kind != "content":
            self._files[event.name].late.append((number, event))

    def _rename(self, number: int, event: Event) -> None:
        file = self._files.setdefault(event.name, _File(content=bytearray(), there=False))
        if file.seen != (event.kind == "create"):
            file.renamed.append((number, event.kind == "create"))

    def _sync(self, sync: Event) -> None:
        if sync.name == ".":
            for file in self._files.values():
                done = [there for number, there in file.renamed if number < sync.place]
                file.there, file.renamed = (done or [file.there])[-1], file.renamed[len(done) :]
            return
        file = self._files[sync.name]
        done = [event for number, event in file.late if number < sync.place]
        file.late = file.late[len(done) :]
        for event in done:
            _apply(file.content, event)

    def after_power_loss(self, dice: Random) -> dict[str, bytes]:
        """One of the many ways in which it may be found afterwards."""
        share = dice.choice((0.0, 0.5, 1.0, dice.random()))
        sector = dice.choice((512, 4096, 1 << 40))
        found = {}
        for name, file in self._files.items():
            if _is_there(file, dice):
                content = bytearray(file.content)
                for _, event in file.late:
                    for piece in _pieces(event, sector):
                        if dice.random() < share:
                            _apply(content, piece)
                found[name] = bytes(content)
        return found


def _is_there(file: _File, dice: Random) -> bool:
    states = [file.there, *(there for _, there in file.renamed)]
    return dice.choice(states)


def _pieces(event: Event, sector: int) -> Iterator[Event]:
    if event.kind != "write":
        yield event
        return
    place, end = event.place, event.place + len(event.data)
    while place < end:
        after = min(end, (place // sector + 1) * sector)
        data = event.data[place - event.place : after - event.place]
        yield Event(kind="write", name=event.name, place=place, data=data)
        place = after


def _apply(content: bytearray, event: Event) -> None:
    if len(content) < event.place:
        content.extend(bytes(event.place - len(content)))
    if event.kind == "cut":
        del content[event.place :]
    else:
        content[event.place : event.place + len(event.data)] = event.data


def losses(
    files: Mapping[str, bytes], events: Sequence[Event], *, number: int, dice: Random
) -> Iterator[tuple[int, dict[str, bytes]]]:
    """So many moments, each with the files as they are found after it: before which event the power went."""
    moments = sorted(dice.randrange(len(events) + 1) for _ in range(number))
    disk, passed = Disk(files), 0
    for moment in moments:
        for place in range(passed, moment):
            disk.pass_by(place, events[place])
        passed = moment
        yield moment, disk.after_power_loss(dice)

"""How well are bounces read, and how fast?

    python bench/bench_bounces.py --data DIR            DIR has *.eml, and labels.json: name → recipients
    python bench/bench_bounces.py --data DIR --wrong    each file that is not read as it is labelled

A label has `hard` (the address is dead) and `reason`; "feedback" is a complaint or a wish to leave (which one, no label
says: `complaints` counts the first, `heard` both, as either ends the mail), "vacation" and "delivered" are no bounces.
A file counts as hard when one of its recipients is.  Precision and recall are of hard ones; detection is how many
bounces are seen to be bounces.  Two halves are told apart by the hash of the name: those of an even one were read while
the rules were written, and three quarters in all.  Beside it Mailman's reader (flufl.bounce), whose permanent failures
are its hard ones; it raises errors, which count as nothing found.

Then each file is damaged twenty times (cut off, NULs, other line ends, wrong charsets, bits turned), which must raise
nothing, and each is timed: processor time, the best of three.  Without --data the samples of the tests are read.
"""

import argparse
import hashlib
import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from email import message_from_bytes
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from bounces import complaint, plain, report
from digest.feedback.reading import read
from digest.model import Kind, Severity

DAMAGES = 20
NO_BOUNCE = {"vacation", "delivered"}
Labels = Mapping[str, list[dict[str, Any]]]
Verdict = tuple[str, bool]  # kind, hard


def ours(raw: bytes) -> Verdict:
    found = read(raw)
    return found.kind, any(one.severity is Severity.HARD for one in found.failures)


def mailman(raw: bytes) -> Verdict:
    from flufl.bounce import all_failures  # noqa: PLC0415 - a peer, where it is installed

    try:
        temporary, permanent = all_failures(message_from_bytes(raw))
    except Exception:  # noqa: BLE001 - as told above
        return Kind.ORDINARY, False
    return (Kind.BOUNCE if temporary or permanent else Kind.ORDINARY), bool(permanent)


def judge(files: Mapping[str, bytes], labels: Labels, reader: Callable[[bytes], Verdict]) -> dict[str, float]:
    right = said = there = found = bounces = complaints = heard = spam = 0
    for name, raw in files.items():
        kind, is_hard = reader(raw)
        reasons = {one["reason"] for one in labels[name]}
        wanted = any(one["hard"] for one in labels[name])
        right += wanted and is_hard
        said += is_hard
        there += wanted
        if reasons == {"feedback"}:
            complaints += kind is Kind.COMPLAINT
            heard += kind in {Kind.COMPLAINT, Kind.UNSUBSCRIBE}
            spam += 1
        elif not reasons <= NO_BOUNCE:
            found += kind is Kind.BOUNCE
            bounces += 1
    return {
        "files": len(files),
        "hard precision": right / max(1, said),
        "hard recall": right / max(1, there),
        "detection": found / max(1, bounces),
        "complaints": complaints / max(1, spam),
        "heard": heard / max(1, spam),
    }


def show(what: str, figures: Mapping[str, float]) -> None:
    print(f"{what:34} " + "  ".join(f"{name} {value:.3g}" for name, value in figures.items()))


def wrong(files: Mapping[str, bytes], labels: Labels) -> Iterator[str]:
    for name, raw in files.items():
        kind, is_hard = ours(raw)
        if is_hard != any(one["hard"] for one in labels[name]):
            causes = ", ".join(f"{one.cause} ({one.severity})" for one in read(raw).failures)
            yield f"{name}: {', '.join(one['reason'] for one in labels[name])}; read as {kind}: {causes}"


def damaged(raw: bytes, dice: random.Random) -> bytes:
    place = dice.randrange(len(raw) + 1)
    return dice.choice((
        raw[:place],
        raw[:place] + b"\x00\xff\xfe" + raw[place:],
        raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r"),
        raw.replace(b"charset=", b"charset=x-"),
        raw.replace(b"boundary=", b"boundary=x"),
        raw[place:],
        raw.replace(b"Content-Type:", b"Content-Transfer-Encoding: base64\nContent-Type:", 1),
        bytes(byte ^ (dice.random() < 0.01) for byte in raw),
    ))  # fmt: skip


def damages(files: Mapping[str, bytes]) -> int:
    """How many damaged files raised something."""
    dice, raised = random.Random(7), 0
    for raw in files.values():
        for _ in range(DAMAGES):
            try:
                read(damaged(raw, dice))
            except Exception:  # noqa: BLE001 - that is the question
                raised += 1
    return raised


def milliseconds(raw: bytes) -> float:
    best = float("inf")
    for number in range(3):
        begun = time.process_time()
        read(raw + b"\n" * number)  # another text each time, so that nothing is remembered
        best = min(best, time.process_time() - begun)
    return best * 1000


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--data", type=Path)
    arguments.add_argument("--wrong", action="store_true")
    given = arguments.parse_args()
    if given.data:
        labels: Labels = json.loads((given.data / "labels.json").read_text(encoding="utf-8"))
        files = {name: (given.data / f"{name}.eml").read_bytes() for name in labels}
        even = {name for name in files if hashlib.md5(name.encode(), usedforsecurity=False).digest()[0] % 2 == 0}
        show("all", judge(files, labels, ours))
        show("half that was read", judge({name: files[name] for name in even}, labels, ours))
        show("other half", judge({name: raw for name, raw in files.items() if name not in even}, labels, ours))
        try:
            show("flufl.bounce", judge(files, labels, mailman))
        except ImportError:
            print("flufl.bounce is not installed")
        if given.wrong:
            print(*wrong(files, labels), sep="\n")
    else:
        files = {
            "report": report(),
            "complaint": complaint(),
            "prose": plain("failure notice", "ada: 550 unknown user"),
        }
    raised = damages(files)
    times = sorted(map(milliseconds, files.values()))
    print(f"{DAMAGES * len(files)} damaged: {raised} raised something")
    print(f"ms a message: median {times[len(times) // 2]:.1f}, p99 {times[int(len(times) * 0.99)]:.1f}")
    return 1 if raised else 0


if __name__ == "__main__":
    sys.exit(main())

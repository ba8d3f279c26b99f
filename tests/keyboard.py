"""A page in a real Chromium, by keyboard alone and without scripts: over the pipe of its own debugging protocol."""

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any, Self

TABS = 60  #: presses after which a field is taken to be out of reach
#: Windows' number of a key, and what it writes.  Punctuation needs none, and its own would be that of another key.
KEYS = {
    "Tab": (9, ""),
    "Enter": (13, "\r"),
    " ": (32, " "),
    "End": (35, ""),
    "ArrowDown": (40, ""),
}


class Keyboard:
    """One tab.  Finding what has the focus asks the document, not a script in it."""

    def __init__(self, program: str, profile: Path) -> None:
        ours, theirs = os.pipe(), os.pipe()  # what we write, what it writes
        words = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", f"--user-data-dir={profile}"]
        # The protocol has its places at 3 and 4, whatever the pipes are called here.
        shell = f'exec 3<&{ours[0]} 4>&{theirs[1]}; exec "$@"'
        self._process = subprocess.Popen(
            ["/bin/bash", "-c", shell, "sh", program, *words, "about:blank"],
            pass_fds=(ours[0], theirs[1]),
            stderr=subprocess.DEVNULL,
        )
        os.close(ours[0])
        os.close(theirs[1])
        self._out, self._in = os.fdopen(ours[1], "wb", buffering=0), os.fdopen(theirs[0], "rb", buffering=0)
        self._number, self._session, self._rest = 0, "", b""

    def __enter__(self) -> Self:
        (page,) = [one for one in self._ask("Target.getTargets")["targetInfos"] if one["type"] == "page"]
        attached = self._ask("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self._session = attached["sessionId"]
        self._ask("Emulation.setScriptExecutionDisabled", value=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._out.close()
        self._in.close()
        self._process.terminate()
        self._process.wait(20)

    def open(self, url: str) -> None:
        self._ask("Page.navigate", url=url)
        self._until(lambda: self._node("footer"))

    def press(self, key: str) -> None:
        code, text = KEYS[key] if key in KEYS else (ord(key.upper()) if key.isalnum() else 0, key)
        event = {"key": key, "windowsVirtualKeyCode": code, **({"text": text} if text else {})}
        self._ask("Input.dispatchKeyEvent", type="keyDown", **event)
        self._ask("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def type(self, text: str) -> None:
        for letter in text:
            self.press(letter)

    def reach(self, selector: str) -> None:
        """Go on with Tab until that has the focus."""
        for _ in range(TABS):
            if self._node(f"{selector}:focus"):
                return
            self.press("Tab")
        raise AssertionError(f"{selector} is not reached by Tab")

    def enter(self) -> str:
        """Press Enter, and wait for the page that comes of it; its heading."""
        before = self._root()
        self.press("Enter")
        self._until(lambda: self._root() != before and self._node("footer"))
        return self.heading

    @property
    def heading(self) -> str:
        html: str = self._ask("DOM.getOuterHTML", nodeId=self._node("h1"))["outerHTML"]
        return html.removeprefix("<h1>").removesuffix("</h1>")

    def _root(self) -> int:
        """Of the document there is now."""
        found: int = self._ask("DOM.getDocument", depth=0)["root"]["backendNodeId"]
        return found

    def _node(self, selector: str) -> int:
        root = self._ask("DOM.getDocument", depth=0)["root"]["nodeId"]
        found: int = self._ask("DOM.querySelector", nodeId=root, selector=selector).get("nodeId", 0)
        return found

    def _until(self, what: Any) -> None:
        end = time.monotonic() + 30
        while not what():
            assert time.monotonic() < end, "the page did not come"
            time.sleep(0.02)

    def _ask(self, method: str, **params: Any) -> Any:
        self._number += 1
        told = {"id": self._number, "method": method, "params": params}
        if self._session:
            told["sessionId"] = self._session
        self._out.write(json.dumps(told).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                return answer.get("result", {})  # a document that went meanwhile is no document

    def _next(self) -> Any:
        while b"\0" not in self._rest:
            data = self._in.read(65536)
            assert data, "the browser has ended"
            self._rest += data
        one, _, self._rest = self._rest.partition(b"\0")
        return json.loads(one)

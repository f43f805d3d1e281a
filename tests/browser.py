"""A headless Chromium that opens a file and takes pictures of it at given times, over DevTools through a pipe."""

from __future__ import annotations

import json
import os
import shutil
import signal
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from select import select
from tempfile import TemporaryDirectory
from typing import Any, Final

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--force-color-profile=srgb", "--force-device-scale-factor=1", "--remote-debugging-pipe",
)  # fmt: skip
PATIENCE: Final = 60.0  # seconds for one answer, on a busy machine


def chromium() -> str | None:
    """The program, or None, also where it cannot be started with a pipe: a test then skips."""
    if not hasattr(os, "posix_spawn"):
        return None
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Browser:
    """One Chromium; its commands go to the page opened last."""

    def __init__(self, read: int, write: int) -> None:
        self.read, self.write = read, write
        self.rest, self.asked, self.session = b"", 0, ""
        self.events: list[str] = []

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The answer to a DevTools command."""
        self.asked += 1
        question = {"id": self.asked, "method": method, "params": parameters}
        os.write(
            self.write, json.dumps(question | ({"sessionId": self.session} if self.session else {})).encode() + b"\0"
        )
        while (message := self._message()).get("id") != self.asked:
            self.events.append(message.get("method", ""))
        if "error" in message:
            raise RuntimeError(f"{method}: {message['error']}")
        return message["result"]

    def wait(self, event: str) -> None:
        while event not in self.events:
            self.events.append(self._message().get("method", ""))

    def open(self, file: Path, **media: str) -> None:
        """Load a file into a new page, whose clock runs, in a medium such as `prefers_reduced_motion`."""
        self.session = ""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.ask("Page.enable")
        self.media(**media)
        self.events.clear()
        self.ask("Page.navigate", url=file.as_uri())
        self.wait("Page.loadEventFired")

    def media(self, kind: str = "", **features: str) -> None:
        wanted = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.ask("Emulation.setEmulatedMedia", media=kind, features=wanted)

    def run(self, script: str) -> Any:
        """What a script of the page gives, when it is done."""
        answer = self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"]["description"])
        return answer["result"].get("value")

    def seek(self, seconds: float) -> int:
        """Stop all animations of the document at a time; how many there are."""
        found: int = self.run(
            "(all => (all.forEach(a => {a.pause(); a.currentTime = %r}), all.length))(document.getAnimations())"
            % (1000 * seconds)
        )
        return found

    def advance(self, seconds: float) -> None:
        """Let the clock of the page run so far, as fast as it can, and stop it there: also for an <img>."""
        self.events.clear()
        self.ask("Emulation.setVirtualTimePolicy", policy="advance", budget=1000 * seconds)
        self.wait("Emulation.virtualTimeBudgetExpired")

    def screenshot(self, width: int, height: int) -> bytes:
        """The upper left corner of the page as PNG."""
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        return b64decode(self.ask("Page.captureScreenshot", format="png", clip=clip)["data"])

    def _message(self) -> dict[str, Any]:
        while b"\0" not in self.rest:
            if not select([self.read], [], [], PATIENCE)[0]:
                raise TimeoutError(f"Chromium said nothing for {PATIENCE:g} s")
            if not (more := os.read(self.read, 1 << 20)):
                raise RuntimeError("Chromium has ended")
            self.rest += more
        text, _, self.rest = self.rest.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        return message


@contextmanager
def browser(program: str, *flags: str) -> Iterator[Browser]:
    """A Chromium with an empty profile, which ends with the block."""
    with TemporaryDirectory(prefix="gradviz-chromium-", ignore_cleanup_errors=True) as profile:
        # Chromium reads commands from descriptor 3 and answers on 4
        (its_read, write), (read, its_write) = _pipe(), _pipe()
        silent = os.open(os.devnull, os.O_RDWR)
        actions = [
            (os.POSIX_SPAWN_DUP2, ours, its) for ours, its in ((silent, 1), (silent, 2), (its_read, 3), (its_write, 4))
        ]
        process = os.posix_spawn(
            program, [program, *FLAGS, *flags, f"--user-data-dir={profile}"], os.environ,
            file_actions=actions, setpgroup=0,
        )  # fmt: skip
        for its in (its_read, its_write, silent):
            os.close(its)
        try:
            yield Browser(read, write)
        finally:
            os.close(write)
            os.close(read)
            os.killpg(process, signal.SIGKILL)
            os.waitpid(process, 0)


def _pipe() -> tuple[int, int]:
    """Ends with numbers that stay clear of those that Chromium wants."""
    from fcntl import F_DUPFD, fcntl

    ends = os.pipe()
    high = tuple(fcntl(end, F_DUPFD, 10) for end in ends)
    for end in ends:
        os.close(end)
    for end in high:
        os.set_inheritable(end, False)
    return high[0], high[1]

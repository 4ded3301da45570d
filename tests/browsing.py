"""A rating served by a process of its own, and keys pressed on its pages: what tests in a real browser share."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tunesmith.rooms.rate.links import Links, entrance

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SLOWLY = 60_000
"""Milliseconds that a page may take where the machine does much else."""

Page = Any

SERVE = """
import sys
import time
from pathlib import Path
from tunesmith.rooms.rate import Store
from tunesmith.rooms.rate.links import Links
from tunesmith.rooms.rate.serving import Served
folder = Path(sys.argv[1])

def decode(path):
    from tunesmith.using.rated_media import decode  # only where there is something to decode: it takes a while
    return decode(path)

served = Served(Store(folder / "ratings.sqlite"), Links(folder), port=int(sys.argv[2]), decode=decode)
print(served.port, flush=True)
served.run()
"""


class Server:
    """The server in a process of its own, which can be killed and started again at the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.process = folder, 0, None
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-c", SERVE, str(self.folder), str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # type: ignore[assignment]
        assert self.process is not None and self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def kill(self) -> None:
        assert self.process is not None and self.process.stdout is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def link(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}{entrance(Links(self.folder), name)}"

    def votes(self) -> list[tuple[str, int, str, Any]]:
        """Rater, place, mark and value of every row, in the order in which they came."""
        with sqlite3.connect(self.folder / "ratings.sqlite") as base:
            rows = base.execute(
                "SELECT name, place, mark, value FROM votes JOIN raters ON raters.number = rater ORDER BY votes.number"
            )
            return [(name, place, mark, json.loads(value).get("")) for name, place, mark, value in rows]


def press(page: Page, *keys: str) -> None:
    """Press keys, each once the item before is gone."""
    for key in keys:
        before = page.url
        page.keyboard.press(key)
        page.wait_for_url(lambda url, before=before: url != before)


def saved(page: Page) -> None:
    page.wait_for_selector('#saved[data-status="kept"]')


def until(page: Page, claim: str) -> None:
    """Wait until a claim in JavaScript holds. Playwright's own way is an eval in the page, whose policy forbids it."""
    ends = time.monotonic() + SLOWLY / 1000
    while not page.evaluate(claim):
        assert time.monotonic() < ends, claim
        page.wait_for_timeout(50)

"""A page as a real browser shows it: headless Chromium, with the network cut."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from tests.conftest import unavailable

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Shown:
    """What became of a page: its document after all scripts, and what the console was told."""

    dom: str
    console: list[str]

    @property
    def texts(self) -> list[str]:
        """What stands in the charts, label by label."""
        found = re.findall(r"<text\b[^>]*>(.*?)</text>", self.dom, re.DOTALL)
        return [unescape(re.sub(r"<[^>]+>", " ", text)).strip() for text in found]


def shown(page: Path, profile: Path) -> Shown:
    """Load a page and wait until it has settled; skips the test where there is no Chromium."""
    browser = next((found for name in NAMES if (found := shutil.which(name))), None)
    if browser is None:
        unavailable("no Chromium on this machine: `apt-get install chromium-headless-shell`")
    done = subprocess.run(
        [
            str(browser),
            "--headless",
            "--no-sandbox",  # as root, in a container
            "--disable-gpu",
            f"--user-data-dir={profile}",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--enable-logging=stderr",
            "--virtual-time-budget=10000",
            "--window-size=1280,1000",
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return Shown(done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line])

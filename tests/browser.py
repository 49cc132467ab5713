"""A page as a real browser shows it: headless Chromium, with the network cut."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import unavailable

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ALONE = (
    "--no-sandbox",  # as root, in a container
    "--disable-gpu",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


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


def chromium() -> str:
    """The browser of this machine; skips the test where there is none."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        unavailable("no Chromium on this machine: `apt-get install chromium-headless-shell`")
    return str(found)


def shown(page: Path, profile: Path) -> Shown:
    """Load a page and wait until it has settled."""
    done = subprocess.run(
        [
            chromium(),
            "--headless",
            *ALONE,
            f"--user-data-dir={profile}",
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


@contextmanager
def driven() -> Iterator[Browser]:
    """A browser to click in; Playwright drives the machine's own Chromium and downloads none."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(ALONE))
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, url: str, **context: object) -> Iterator[Page]:
    """A page in a window of its own: it asks for nothing but itself, and its console stays empty."""
    window = browser.new_context(**context)
    page = window.new_page()
    asked: list[str] = []
    told: list[str] = []
    window.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.goto(url)
    yield page
    window.close()
    assert told == []
    assert {one.partition("#")[0] for one in asked} == {url.partition("#")[0]}

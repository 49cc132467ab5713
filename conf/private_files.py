"""Files of mode 0600 that hold secrets. What is wrong with one is told without a line of it."""

from __future__ import annotations

import configparser
import stat
from functools import cache
from pathlib import Path

from conf.errors import UsageError


@cache
def private_sections(path: str, what: str, has: str) -> dict[str, dict[str, str]]:
    """The sections of an INI file, read once a process; an error says `what` it is and should have.

    Raises: UsageError if it cannot be read, or others may read it.
    """
    parser = configparser.ConfigParser(interpolation=None, default_section="\0")
    try:
        mode = Path(path).stat().st_mode
        parser.read_string(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        raise UsageError(
            f"{path}: cannot be read as {what} ({type(error).__name__}); it has {has}"
        ) from None
    check_private(path, mode)
    return {name: dict(parser[name]) for name in parser.sections()}


def private_text(path: str, setting: str) -> str:
    """What a file holds, without blanks around it. Raises: UsageError as `private_sections`."""
    try:
        mode = Path(path).stat().st_mode
        text = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path}: cannot be read ({type(error).__name__}); check {setting} and its rights"
        ) from None
    check_private(path, mode)
    return text


def check_private(path: str, mode: int) -> None:
    """Raises: UsageError for a mode that lets others read the file."""
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UsageError(f"{path}: others may read it (mode {stat.filemode(mode)}); `chmod 600` it")

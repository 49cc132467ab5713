"""Where databases are, and how a connection's password is had: the environment or a private file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from pydantic import SecretStr

from conf.errors import UsageError, listed
from conf.private_files import private_sections, private_text

DEFAULT = "default"
_SECTIONS = "sections [name] with url, user and password (ATLAS_JDBC_CONNECTIONS_FILE)"
_URL = re.compile(r"jdbc:postgresql://[^/?@'\s]+/[^/?@'\s]+(?:\?([^'\s]*))?")
_PERSONAL = re.compile(r"(?i)user|pass|secret|token")


@dataclass(frozen=True)
class Connection:
    """A database and who asks there; the password is not shown when printed."""

    name: str
    url: str  # without a password
    user: str
    password: str = field(repr=False)

    @property
    def place(self) -> str:
        """The URL without its parameters, as records and errors tell it."""
        return self.url.partition("?")[0]


@dataclass(frozen=True)
class Databases:
    """The connections that the settings know."""

    url: str | None = None
    user: str | None = None
    password: SecretStr | None = None
    password_file: str | None = None
    connections_file: str | None = None

    def connection(self, name: str) -> Connection:
        """A connection by its name: of its section of the file, else, if it is `default`, of the
        environment.

        Raises: UsageError naming what is missing, or a file that is not private.
        """
        told = self._of_file().get(name)
        if told is not None:
            return _of_section(name, told, str(self.connections_file))
        if name != DEFAULT or self.url is None:
            raise self._unknown(name)
        if self.user is None:
            raise UsageError("ATLAS_JDBC_USER is not set, although ATLAS_JDBC_URL is: set both")
        return Connection(name, self.url, self.user, self._password())

    def _password(self) -> str:
        if self.password is not None:
            return self.password.get_secret_value()
        if self.password_file is not None:
            return private_text(self.password_file, "ATLAS_JDBC_PASSWORD_FILE")
        raise UsageError(
            "no password for ATLAS_JDBC_URL: set ATLAS_JDBC_PASSWORD_FILE (a file of mode 0600) or "
            "ATLAS_JDBC_PASSWORD"
        )

    def _of_file(self) -> dict[str, dict[str, str]]:
        if self.connections_file is None:
            return {}
        return private_sections(self.connections_file, "a file of connections", _SECTIONS)

    def _unknown(self, name: str) -> UsageError:
        known = sorted({*self._of_file(), *([DEFAULT] if self.url else [])})
        todo = f"add a section [{name}] to ATLAS_JDBC_CONNECTIONS_FILE"
        if name == DEFAULT:
            todo = f"set ATLAS_JDBC_URL, ATLAS_JDBC_USER and a password, or {todo}"
        return UsageError(
            f"a contract names the database connection {name}; known are {listed(known)}: {todo}"
        )


def _of_section(name: str, told: dict[str, str], path: str) -> Connection:
    missing = [word for word in ("url", "user", "password") if not told.get(word)]
    if missing:
        raise UsageError(f"{path}: the section [{name}] lacks {listed(missing)}")
    try:
        url = checked_url(told["url"])
    except ValueError as error:
        raise UsageError(f"{path}: the url of [{name}] {error}") from None
    return Connection(name, url, told["user"], told["password"])


def checked_url(told: str) -> str:
    """A PostgreSQL URL of JDBC. Raises: ValueError, which does not tell it: whoever writes a
    password into it would see that in a log."""
    found = _URL.fullmatch(told)
    if found is None:
        raise ValueError("must be jdbc:postgresql://host:port/database, perhaps with ?sslmode=...")
    if any(_PERSONAL.search(name) for name, _ in parse_qsl(found[1] or "", keep_blank_values=True)):
        raise ValueError("must not hold user or password; they have settings of their own")
    return told

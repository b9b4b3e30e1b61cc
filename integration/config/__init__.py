"""The client's settings, from a TOML file and the environment; the only reader of either.

A wrong value stops the start, and all of them are named at once. Secrets come from the
environment or from files that only their owner can read; they show up in no text.

Source: C-KEY-1, C-LOCK-1.
"""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Callable, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any, Final

from integration.config.example import EXAMPLE
from integration.config.settings import Portal, Secret, Settings
from integration.config.values import (
    DEFAULT_INTERVAL_SECONDS,
    GENERAL,
    PROGRAM,
    SECRETS,
    SETTINGS,
    WrongValueError,
    addresses,
    unknown,
)
from integration.core import record
from integration.errors import Stop

__all__ = ["EXAMPLE", "Portal", "Secret", "Settings", "load"]

PREFIX: Final = "BROKER_CLIENT_"
_NOTHING: Final = "no settings file is named: --config; `broker-client config --example` prints one"
# Settings that need no more than their value; most have a default
_AS_THEY_ARE: Final[Mapping[str, Any]] = {
    "nickname": None,
    "username": None,
    "interval_seconds": DEFAULT_INTERVAL_SECONDS,
    "channels": frozenset(record.CHANNELS),
    "decompress": False,
    "start_at": None,
    "schedule": None,
}


def load(
    file: Path | None,
    environment: Mapping[str, str] = os.environ,  # noqa: TID251  this file's job
    *,
    need_password: bool = True,
) -> Settings:
    """Read the settings.

    Args:
        file: a TOML file; None for what BROKER_CLIENT_CONFIG names, or the environment alone.
        environment: the variables that count begin with BROKER_CLIENT_.
        need_password: whether the command logs on.

    Raises:
        Stop: values are wrong or missing; the message names every one.
    """
    return _Reading(file, environment, need_password=need_password).settings()


class _Reading:
    """One reading of the settings; collects the mistakes."""

    def __init__(
        self, file: Path | None, environment: Mapping[str, str], *, need_password: bool
    ) -> None:
        self.mistakes: list[str] = []
        self.need_password = need_password
        self.environment = {
            name.removeprefix(PREFIX).lower(): value
            for name, value in environment.items()
            if name.startswith(PREFIX)
        }
        named = self.environment.get("config")
        self.file = file or (Path(named) if named else None)
        self.folder = self.file.parent if self.file else Path()

    def settings(self) -> Settings:
        raw = self._toml()
        tables = raw.pop("portals", [{}])
        if (
            not isinstance(tables, list)
            or not tables
            or not all(isinstance(t, dict) for t in tables)
        ):
            self.mistakes.append("portals: write at least one [[portals]] table")
            tables = [{}]
        general = self._convert("", {**raw, **self._general()}, GENERAL)
        names = [str(table.get("nickname", "default")) for table in tables]
        self._known_variables(names)
        portals = [self._portal(table, general, names) for table in tables]
        self._doubles(names, portals)
        if self.mistakes and self.file is None and not self.environment:
            self.mistakes.insert(0, _NOTHING)
        if self.mistakes:
            raise Stop("\n".join(self.mistakes))
        crash_at = self.environment.get("crash_at")
        return Settings(tuple(p for p in portals if p is not None), crash_at)

    def _toml(self) -> dict[str, Any]:
        if self.file is None:
            return {}
        try:
            with self.file.open("rb") as stream:
                return tomllib.load(stream)
        except OSError as error:
            raise Stop(f"{self.file}: {error.strerror}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise Stop(f"{self.file}: not TOML: {error}") from None

    def _general(self) -> dict[str, str]:
        return {k: self.environment[k] for k in GENERAL if k in self.environment}

    def _known_variables(self, names: list[str]) -> None:
        """Name variables that mean nothing, as a slip of the pen would."""
        settings = [k for k in SETTINGS if k != "nickname"] + list(SECRETS)
        known = {*GENERAL, *PROGRAM, *(f"{_variable(n)}_{k}" for n in names for k in settings)}
        if len(names) == 1:
            known.update(settings)
        for name in sorted(set(self.environment) - known):
            self.mistakes.append(f"{PREFIX}{name.upper()}: there is no such setting")

    def _portal(
        self, table: dict[str, Any], general: dict[str, Any], names: list[str]
    ) -> Portal | None:
        nickname = str(table.get("nickname", "default"))
        where = f"portal {nickname}: "
        given = {k: self._variable(nickname, k, len(names)) for k in (*SETTINGS, *SECRETS)}
        said = {k: v for k, v in given.items() if v is not None and k in SETTINGS}
        raw = {"nickname": nickname, **table, **said}
        values = self._convert(where, raw, SETTINGS)
        self.mistakes += [f"{where}{k} is missing" for k in ("url", "username") if k not in raw]
        password = self._password(where, given["password"], values.get("password_file"))
        ca_file = self._existing(where, values.get("ca_file"))
        if not {"nickname", "url", "username"} <= set(values):
            return None
        address, wsdl = addresses(values["url"])
        storage = self._path(values.get("storage", "Sessions"))
        key = given["security_key"]
        return Portal(
            address=address,
            wsdl=wsdl,
            password=password,
            security_key=Secret(key) if key else None,
            ca_file=ca_file,
            storage=storage,
            database=self._database(values.get("database"), storage),
            state=self._path(general.get("state", "state")) / nickname,
            workers=int(general.get("workers", 4)),
            **{name: values.get(name, default) for name, default in _AS_THEY_ARE.items()},
        )

    def _variable(self, nickname: str, key: str, portals: int) -> str | None:
        own = self.environment.get(f"{_variable(nickname)}_{key}")
        return own if own is not None or portals > 1 else self.environment.get(key)

    def _convert(
        self, where: str, raw: Mapping[str, Any], known: Mapping[str, Callable[[object], Any]]
    ) -> dict[str, Any]:
        values = {}
        for key, value in raw.items():
            if key not in known:
                self.mistakes.append(f"{where}{key}: {unknown(key, known)}")
                continue
            try:
                values[key] = known[key](value)
            except WrongValueError as wrong:
                self.mistakes.append(f"{where}{key} {wrong}")
        return values

    def _password(self, where: str, given: str | None, file: str | None) -> Secret | None:
        if not self.need_password:
            return None
        if given:
            return Secret(given)
        if file is None:
            self.mistakes.append(
                f"{where}the password is missing: set {PREFIX}PASSWORD or password_file"
            )
            return None
        path = self._path(file)
        try:
            mode = path.stat().st_mode
            text = path.read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            self.mistakes.append(f"{where}password_file {path}: {error}")
            return None
        if stat.S_IMODE(mode) & 0o077:
            self.mistakes.append(f"{where}others can read the password: chmod 600 {path}")
        if not text:
            self.mistakes.append(f"{where}password_file {path} is empty")
        return Secret(text)

    def _path(self, text: str) -> Path:
        return Path(os.path.abspath(self.folder / Path(text).expanduser()))  # noqa: PTH100  resolve() would follow links

    def _existing(self, where: str, text: str | None) -> Path | None:
        path = self._path(text) if text is not None else None
        if path is not None and self.need_password and not path.is_file():
            self.mistakes.append(f"{where}ca_file {path}: there is no such file")
        return path

    def _database(self, url: str | None, storage: Path) -> str:
        if url is None:
            return f"sqlite:///{storage / 'sessions.sqlite'}"
        scheme, _, rest = url.partition(":///")
        if scheme.startswith("sqlite") and rest and rest != ":memory:":
            return f"{scheme}:///{self._path(rest)}"
        return url

    def _doubles(self, names: list[str], portals: list[Portal | None]) -> None:
        self.mistakes += [
            f"nickname {n} twice" for n in sorted({n for n in names if names.count(n) > 1})
        ]
        logins = [(p.address, p.username) for p in portals if p is not None]
        self.mistakes += [
            f"login {name} of {address} twice: a login has one connection"
            for address, name in sorted({login for login in logins if logins.count(login) > 1})
        ]
        known = [portal for portal in portals if portal is not None]
        for one, other in combinations(known, 2):
            if one.address != other.address:
                self._mixed(one, other)

    def _mixed(self, one: Portal, other: Portal) -> None:
        """Name what would hold the sessions of two brokers, each of which counts by itself."""
        self.mistakes += [
            f"portals {one.nickname} and {other.nickname}: {name} is the same, but their brokers"
            " are two, and may give one number to two sessions. Name another one for either"
            for name in ("storage", "database")
            if getattr(one, name) == getattr(other, name)
        ]


def _variable(nickname: str) -> str:
    return nickname.lower().replace("-", "_")

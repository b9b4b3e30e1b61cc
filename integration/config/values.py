"""What each setting may be, whether TOML or the environment gives it.

Source: C-STORE-1, C-POLL-1.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from integration.core import record, schedule, window

SERVICE_PATH: Final = "/services/Sessions"
DEFAULT_INTERVAL_SECONDS: Final = 10.0
_FLAGS: Final = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


class WrongValueError(ValueError):
    """A value that cannot be; says why, to be read after the setting's name."""


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise WrongValueError("must be a text")
    return value


def _nickname(value: object) -> str:
    text = _text(value)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", text):
        raise WrongValueError("must be letters, digits, - and _, at most 64")
    return text


def _url(value: object) -> str:
    text = _text(value)
    parts = _parts(text)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise WrongValueError("must begin with https:// (or http://) and name a host")
    if parts.username or parts.password:
        raise WrongValueError("must not hold a password")
    return text


def _parts(url: str) -> SplitResult | None:
    """Take an address apart; None where it has blanks, or a port or brackets that are none."""
    try:
        parts = urlsplit(url)
        return None if re.search(r"\s", url) or parts.port == 0 else parts
    except ValueError:
        return None


def _number(low: float, high: float) -> Callable[[object], float]:
    def convert(value: object) -> float:
        try:
            number = float(value) if isinstance(value, int | float | str) else low - 1
        except ValueError:
            number = low - 1
        if isinstance(value, bool) or not low <= number <= high:
            raise WrongValueError(f"must be a number from {low:g} to {high:g}")
        return number

    return convert


def _flag(value: object) -> bool:
    answer = _FLAGS.get(str(value).lower())
    if answer is None:
        raise WrongValueError("must be true or false")
    return answer


def _channels(value: object) -> frozenset[str]:
    words = value.replace(",", " ").split() if isinstance(value, str) else value
    if not isinstance(words, list) or not set(map(str, words)) <= set(record.CHANNELS):
        raise WrongValueError(f"must be a list of {', '.join(record.CHANNELS)}")
    return frozenset(words)


def _start(value: object) -> datetime | None:
    if value == "all":
        return None
    try:
        if isinstance(value, datetime):
            return window.utc(value)
        return window.parse(value.isoformat() if isinstance(value, date) else _text(value))
    except ValueError as error:
        raise WrongValueError(f'must be "all" or a time ({error})') from None


def _schedule(value: object) -> str:
    try:
        return schedule.checked(_text(value))
    except WrongValueError:
        raise
    except ValueError as error:
        raise WrongValueError(str(error)) from None


SETTINGS: Final[Mapping[str, Callable[[object], Any]]] = {
    "nickname": _nickname,
    "url": _url,
    "username": _text,
    "password_file": _text,
    "ca_file": _text,
    "interval_seconds": _number(0.05, 86_400),
    "channels": _channels,
    "decompress": _flag,
    "storage": _text,
    "database": _text,
    "start_at": _start,
    "schedule": _schedule,
}
GENERAL: Final[Mapping[str, Callable[[object], Any]]] = {
    "state": _text,
    "workers": _number(1, 32),
}
SECRETS: Final = ("password", "security_key")
PROGRAM: Final = ("config", "crash_at")


def unknown(key: str, known: Mapping[str, object]) -> str:
    """Say what is wrong with a setting of this name; a near miss is named."""
    if key in SECRETS:
        return f"secrets do not belong in this file; set BROKER_CLIENT_{key.upper()}"
    close = difflib.get_close_matches(key, known, 1)
    return "there is no such setting" + (f"; did you mean {close[0]}?" if close else "")


def addresses(url: str) -> tuple[str, str]:
    """Tell where to call and where to read the description, from a base or a WSDL's URL."""
    bare, question, query = url.partition("?")
    if question and query.lower().startswith("wsdl"):
        return bare, url
    address = bare.rstrip("/")
    if not urlsplit(address).path.endswith(SERVICE_PATH):
        address += SERVICE_PATH
    return address, f"{address}?wsdl"

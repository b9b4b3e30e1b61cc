"""Values out of a JSON object, each checked, each mistake named."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

_MOST: Final = 2**63 - 1
# What one call may ask for: a million sessions take about a minute.
SESSIONS_MOST: Final = 1_000_000
DAYS_MOST: Final = 3650
LIVE_MOST: Final = 100_000
# What a world may be called: a part of a path and of a host name.
WORLD_NAME: Final = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_FIRST_YEAR: Final = 1971
_LAST_YEAR: Final = 8999


def read_json(body: bytes) -> Any:
    """Read a body; an empty one is an empty object.

    Raises:
        ValueError: it is no JSON, or nested too deeply.
    """
    try:
        return json.loads(body or b"{}", parse_constant=_no_number)
    except (ValueError, RecursionError) as problem:
        msg = "the body must be JSON that can be read"
        raise ValueError(msg) from problem


def _no_number(word: str) -> Any:
    msg = f"{word} is no number"
    raise ValueError(msg)


def whole(text: str | None, name: str, default: int) -> int:
    """Give a whole number of a query, 0 or more; `default` where it is missing.

    Raises:
        ValueError: it is something else.
    """
    if text is None:
        return default
    if not re.fullmatch("[0-9]{1,18}", text):
        msg = f"{name!r} must be a whole number, 0 or more"
        raise ValueError(msg)
    return int(text)


def object_of(given: Any) -> Mapping[str, Any]:
    """Accept a JSON object.

    Raises:
        ValueError: it is something else.
    """
    if not isinstance(given, Mapping):
        msg = "the body must be a JSON object"
        raise ValueError(msg)
    return given


def text(given: Mapping[str, Any], name: str) -> str | None:
    """Give a text; None where it is missing.

    Raises:
        ValueError: it is something else.
    """
    value = given.get(name)
    if value is not None and not (isinstance(value, str) and value):
        msg = f"{name!r} must be a text"
        raise ValueError(msg)
    return value


def number(given: Mapping[str, Any], name: str, most: int = _MOST) -> int | None:
    """Give a whole number from 0 to `most`; None where it is missing.

    Raises:
        ValueError: it is something else.
    """
    value = given.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        msg = f"{name!r} must be a whole number from 0 to {most}"
        raise ValueError(msg)
    return value


def instant(given: Mapping[str, Any], name: str) -> datetime | None:
    """Give an instant, aware, UTC; one without a zone is read as UTC. None where it is missing.

    Raises:
        ValueError: it is no ISO 8601 instant.
    """
    value = given.get(name)
    if value is None:
        return None
    try:
        read = datetime.fromisoformat(value)
        return within((read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC))
    except (TypeError, ValueError, OverflowError) as problem:
        msg = f"{name!r} must be an instant like 2026-01-25T08:07:29Z, not {value!r}"
        raise ValueError(msg) from problem


def within(moment: datetime) -> datetime:
    """Accept an instant that leaves room for retention on either side of it.

    Raises:
        ValueError: it lies before 1971 or behind 8999.
    """
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        msg = f"the clock goes from {_FIRST_YEAR} to {_LAST_YEAR}"
        raise ValueError(msg)
    return moment

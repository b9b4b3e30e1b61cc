"""The journal: the last exchanges of a world, bounded in memory, secrets struck out.

An exchange is kept as it was and read seldom, so its secrets are struck out when it is read;
nothing comes out of here unread.

Source: REC-7.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from broker_sim.service.ports import Exchange

KEPT: Final = 2000
_SHOWN: Final = 4096  # characters
_READ: Final = 2 * _SHOWN  # bytes: no more of a body is looked at
_STRUCK_OUT: Final = "[struck out]"
# Elements whose content is a secret. `logonResult` is the connection id.
_NAMES: Final = "password|connectionId|logonResult|key|wrappedKey|kdfSalt|passphrase|signature"
_PREFIX: Final = r"(?:[^\s<>/:]+:)?"
# An element up to its end tag; where anything but plain text is in it, all up to the end.
_ELEMENT: Final = re.compile(
    rf"(<{_PREFIX}({_NAMES})(?=[\s/>])[^>]*>)(?:[^<]*(</{_PREFIX}\2\s*>)|.*)",
    re.DOTALL | re.IGNORECASE,
)
# An attribute, a part of a URL or of a form; up to the next tag.
_VALUE: Final = re.compile(rf"(\b(?:{_NAMES})[\"']?\s*[=:])[^<]*", re.IGNORECASE)
_TYPE: Final = re.compile(r"<!(?:DOCTYPE|ENTITY).*", re.DOTALL | re.IGNORECASE)
# Where the text is no XML at all: from the first of the names.
_NAMED: Final = re.compile(rf"\b(?:{_NAMES})\b.*", re.DOTALL | re.IGNORECASE)


class _Entry(NamedTuple):
    """An exchange with the beginnings of its bodies, unredacted: it stays in this module."""

    number: int
    time: datetime
    exchange: Exchange


class MemoryJournal:
    """Keeps the last exchanges in memory.

    Args:
        kept: how many; older ones are forgotten.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._entries: deque[_Entry] = deque(maxlen=kept)
        self._number = 0
        self._lock = threading.Lock()

    def add(self, exchange: Exchange, now: datetime) -> None:
        """Keep an exchange, its bodies cut."""
        if len(exchange.request) > _READ or len(exchange.response) > _READ:
            request, response = exchange.request[: _READ + 1], exchange.response[: _READ + 1]
            exchange = replace(exchange, request=request, response=response)
        with self._lock:
            self._number += 1
            self._entries.append(_Entry(self._number, now, exchange))

    def after(self, number: int, limit: int) -> Sequence[Mapping[str, Any]]:
        """Give at most `limit` entries with a number greater than this, oldest first; redacted."""
        with self._lock:
            found = [entry for entry in self._entries if entry.number > number][:limit]
        return [_shown(entry) for entry in found]

    def clear(self) -> None:
        """Forget all; numbers go on."""
        with self._lock:
            self._entries.clear()


def _shown(entry: _Entry) -> Mapping[str, Any]:
    exchange = entry.exchange
    return {
        "number": entry.number,
        "time": entry.time,
        "door": exchange.door,
        "operation": exchange.operation,
        "status": exchange.status,
        "fault": exchange.fault,
        "client": exchange.client,
        "request": redact(exchange.request),
        "response": redact(exchange.response),
    }


def redact(body: bytes) -> str:
    """Give a body as text, every secret in it struck out, cut to a readable length."""
    if b"\0" in body:  # not UTF-8: names could not be found in it
        return "[bytes that are not UTF-8]"
    text = body[:_READ].decode(errors="replace")
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        text = _TYPE.sub(_STRUCK_OUT, text)
        text = _ELEMENT.sub(rf"\1{_STRUCK_OUT}\3", text)
        text = _VALUE.sub(rf"\1{_STRUCK_OUT}", text)
    else:
        text = _NAMED.sub(_STRUCK_OUT, text)
    if len(body) > _READ or len(text) > _SHOWN:
        return f"{text[:_SHOWN]} [cut]"
    return text

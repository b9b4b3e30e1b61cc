"""The journal: the last exchanges of a world, bounded in memory, secrets struck out.

Source: REC-7.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from broker_sim.service.ports import Exchange

KEPT: Final = 2000
_SHOWN: Final = 4096
_STRUCK_OUT: Final = "[struck out]"
# Elements whose content is a secret, and secrets in URLs. `logonResult` is the connection id.
_NAMES: Final = (
    "password",
    "connectionId",
    "logonResult",
    "key",
    "wrappedKey",
    "kdfSalt",
    "passphrase",
)
_ELEMENT: Final = re.compile(
    rf"(<(?:[\w.-]+:)?({'|'.join(_NAMES)})(?=[\s/>])[^>]*>)(.*?)(</(?:[\w.-]+:)?\2\s*>|\Z)",
    re.DOTALL,
)
_SIGNATURE: Final = re.compile(r"(signature=)[\w-]+")


class MemoryJournal:
    """Keeps the last exchanges in memory.

    Args:
        kept: how many; older ones are forgotten.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=kept)
        self._number = 0
        self._lock = threading.Lock()

    def add(self, exchange: Exchange, now: datetime) -> None:
        """Keep an exchange, redacted and cut."""
        entry = {
            "time": now,
            "door": exchange.door,
            "operation": exchange.operation,
            "status": exchange.status,
            "fault": exchange.fault,
            "client": exchange.client,
            "request": redact(exchange.request),
            "response": redact(exchange.response),
        }
        with self._lock:
            self._number += 1
            self._entries.append({"number": self._number, **entry})

    def after(self, number: int, limit: int) -> Sequence[Mapping[str, Any]]:
        """Give at most `limit` entries with a number greater than this, oldest first."""
        with self._lock:
            return [entry for entry in self._entries if entry["number"] > number][:limit]

    def clear(self) -> None:
        """Forget all; numbers go on."""
        with self._lock:
            self._entries.clear()


def redact(body: bytes) -> str:
    """Give a body as text, every secret in it struck out, cut to a readable length."""
    if b"\0" in body:  # not UTF-8: names could not be found in it
        return f"[{len(body)} bytes that are not UTF-8]"
    text = body[: 2 * _SHOWN].decode(errors="replace")
    text = _ELEMENT.sub(rf"\1{_STRUCK_OUT}\4", text)
    text = _SIGNATURE.sub(rf"\1{_STRUCK_OUT}", text)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} [cut]"

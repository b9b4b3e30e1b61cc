"""The journal: the last exchanges of a world, bounded in memory, secrets struck out.

An exchange is kept as it was and read seldom, so its secrets are struck out when it is read;
nothing comes out of here unread.

Source: REC-7.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final, TypeAlias

from broker_sim.adapters.redaction import READ
from broker_sim.adapters.showing import Entry, Who, shown
from broker_sim.service.journaling import Journal
from broker_sim.service.seen import Exchange, Seen
from broker_sim.service.tallies import Tallies

KEPT: Final = 2000
KEPT_BYTES: Final = 16 * 1024 * 1024
_ARGUMENT_MOST: Final = 1000  # characters and items, where a body is too long to be kept
# What an entry takes besides its bodies, and arguments besides theirs: objects of Python.
_ENTRY_BYTES: Final = 2048
_ARGUMENTS_TIMES: Final = 4
# Connections whose logon is remembered; so many more, and the oldest are forgotten, all at once.
_CONNECTIONS_KEPT: Final = 4096
_CONNECTIONS_MORE: Final = 512
_LOGIN_MOST: Final = 255
_AT_ONCE: Final = 32
_UNKNOWN: Final[Who] = (None, None)
# What becomes an `Entry` when it is shown; a plain tuple is made in a tenth of the time.
_Kept: TypeAlias = tuple[int, datetime, Exchange, Who, tuple[int, int], int]


class MemoryJournal(Journal):
    """Keeps the last exchanges in memory.

    Args:
        kept: how many at most; older ones are forgotten.
        kept_bytes: how much memory they may take, roughly.
    """

    def __init__(self, kept: int = KEPT, kept_bytes: int = KEPT_BYTES) -> None:
        self._tallies = Tallies()
        self._kept = kept
        self._kept_bytes = kept_bytes
        self._entries: deque[_Kept] = deque()
        self._bytes = 0
        self._number = 0
        self._cleared = 0
        self._opened = 0
        self._known: dict[str, Who] = {}
        self._lock = threading.Lock()
        self._waiting: deque[tuple[Exchange, tuple[int, int], datetime]] = deque()

    def add(self, exchange: Exchange, now: datetime) -> None:
        """Keep an exchange that ended at `now`; some microseconds.

        It belongs to the journal from then on: what is too long in it is cut.
        """
        self.keep(exchange, cut(exchange), now)

    def keep(self, exchange: Exchange, sizes: tuple[int, int], now: datetime) -> None:
        """Keep an exchange that was `cut` from bodies of these sizes.

        It waits until it is looked for or some more have come: sorted in one after the other,
        they take half the time that each takes by itself.
        """
        self._waiting.append((exchange, sizes, now))
        if len(self._waiting) >= _AT_ONCE:
            self._sort_in()

    def _sort_in(self) -> None:
        """Let what waits be seen."""
        with self._lock:
            while self._waiting:
                self._enter(*self._waiting.popleft())

    def _enter(self, exchange: Exchange, sizes: tuple[int, int], now: datetime) -> None:
        weight = _ENTRY_BYTES + len(exchange.request) * _ARGUMENTS_TIMES + len(exchange.response)
        self._tallies.count(exchange)
        who = self._whose(exchange)
        self._number += 1
        self._bytes += weight
        self._entries.append((self._number, now, exchange, who, sizes, weight))
        while len(self._entries) > self._kept or self._bytes > self._kept_bytes:
            self._bytes -= self._entries.popleft()[-1]

    def seen(self, after: int = 0, limit: int | None = None) -> Sequence[Seen]:
        """Give what is kept with a number greater than this, oldest first; redacted."""
        self._sort_in()
        with self._lock:
            skipped = max(0, after + 1 - self._first) if self._entries else 0
            end = None if limit is None else skipped + limit
            found = list(islice(self._entries, skipped, end))
        return [shown(Entry(*entry)) for entry in found]

    @property
    def last(self) -> int:
        """The number of the last exchange; 0 where there was none."""
        self._sort_in()
        return self._number

    def forgotten(self, after: int) -> int:
        """Tell how many exchanges behind this number are no longer kept, for want of room."""
        self._sort_in()
        with self._lock:
            return max(0, self._first - 1 - max(after, self._cleared))

    @property
    def _first(self) -> int:
        return self._entries[0][0] if self._entries else self._number + 1

    @property
    def size(self) -> tuple[int, int]:
        """How many exchanges are kept, and roughly how many bytes they take."""
        self._sort_in()
        with self._lock:
            return len(self._entries), self._bytes

    @property
    def tallies(self) -> Tallies:
        """Of all exchanges, the forgotten ones too."""
        self._sort_in()
        return self._tallies

    def clear(self) -> None:
        """Forget all; numbers go on."""
        self._sort_in()
        with self._lock:
            self._entries.clear()
            self._bytes = 0
            self._cleared = self._number
            self._known.clear()

    def _whose(self, exchange: Exchange) -> Who:
        """Tell whose connection it was, as far as its logon was seen here."""
        given = exchange.arguments
        if not given:
            return _UNKNOWN
        connection = given.get("connection_id")
        if connection is not None:
            return self._known.get(connection, _UNKNOWN)
        login = given.get("username")
        if not isinstance(login, str):
            return _UNKNOWN
        if exchange.opened is None or exchange.status != 200:
            return login[:_LOGIN_MOST], None
        return self._learn(login[:_LOGIN_MOST], exchange.opened)

    def _learn(self, login: str, connection: str) -> Who:
        """Give a name to a connection that was opened just now."""
        self._opened += 1
        if len(self._known) >= _CONNECTIONS_KEPT + _CONNECTIONS_MORE:
            self._known = dict(islice(self._known.items(), _CONNECTIONS_MORE, None))
        who = self._known[connection] = login, self._opened
        return who


def cut(exchange: Exchange) -> tuple[int, int]:
    """Leave no more in an exchange than is ever looked at; give the sizes that its bodies had."""
    sizes = len(exchange.request), len(exchange.response)
    if sizes[0] > READ:
        exchange.request = exchange.request[: READ + 1]
        exchange.arguments = _shortened(exchange.arguments)
    if sizes[1] > READ:
        exchange.response = exchange.response[: READ + 1]
    return sizes


def _shortened(value: Any) -> Any:
    if isinstance(value, (str, bytes)):
        return value[:_ARGUMENT_MOST]
    if isinstance(value, Mapping):
        return {name: _shortened(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return tuple(_shortened(one) for one in value[: _ARGUMENT_MOST // 10])
    return value

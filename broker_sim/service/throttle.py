"""The gate before every call on a connection: is it called too fast?

The buckets lie in the memory of this process: a bucket in the store would cost a write for
every call. Several processes on one store have a bucket each, so that a connection whose
calls are spread over all of them gets as many times the rate; one restart fills it. Nothing
else is ever lost or gained by that.

Source: RATE-1.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from broker_sim.core import rate
from broker_sim.core.rate import Rate

# With so many buckets the full ones, which say nothing, are dropped.
_MANY: Final = 1024


class Throttle:
    """The buckets of one world's connections.

    Args:
        limit: None for none.
        holds: whether it is in force now.
        shared: other processes serve the same world, and a change would hold here only.
    """

    def __init__(
        self,
        limit: Rate | None = None,
        holds: Callable[[], bool] = lambda: True,
        *,
        shared: bool = False,
    ) -> None:
        self._limit, self._holds = limit, holds
        self._at_first = (limit, holds)
        self._shared = shared
        self._is_changed = False
        self._full_at: dict[str, datetime] = {}
        self._many = _MANY
        self._lock = threading.Lock()

    @property
    def limit(self) -> Rate | None:
        """The limit that is in force now; None for none."""
        return self._limit if self._holds() else None

    def change(self, limit: Rate | None) -> None:
        """Set the limit from now on, whatever the clock does; every bucket is full.

        Raises:
            ValueError: other processes would not have it.
        """
        if self._shared:
            msg = "a limit is set in one process only: start without --workers, or with --rate"
            raise ValueError(msg)
        with self._lock:
            self._limit, self._holds = limit, lambda: True
            self._is_changed = True
            self._full_at.clear()

    def saved(self) -> Mapping[str, Any] | None:
        """Give the limit that was set, as plain JSON data for `restore`; None if none was."""
        if not self._is_changed:
            return None
        limit = self._limit
        return {"rate": 0} if limit is None else {"rate": limit.per_second, "burst": limit.burst}

    def restore(self, saved: Mapping[str, Any] | None) -> None:
        """Limit calls as where `saved` stood; for None as this world began. Every bucket is full.

        Raises:
            ValueError, LookupError, TypeError: it is nothing that `saved` gave.
        """
        if saved is not None:
            self.change(Rate(float(saved["rate"]), int(saved["burst"])) if saved["rate"] else None)
            return
        with self._lock:
            self._limit, self._holds = self._at_first
            self._is_changed = False
            self._full_at.clear()

    def rest(self) -> None:
        """Fill every bucket: it is another world now, whose connections have not called yet."""
        with self._lock:
            self._full_at.clear()

    def admit(self, connection_id: str, now: datetime) -> None:
        """Let one call of a live connection in.

        Raises:
            Refused: RateLimited; the call takes nothing from the bucket.
        """
        limit = self.limit
        if limit is None:
            return
        with self._lock:
            before = self._full_at.get(connection_id)
            self._full_at[connection_id] = rate.take(before, limit, now)
            if len(self._full_at) > self._many:
                self._drop_full(now)

    def _drop_full(self, now: datetime) -> None:
        self._full_at = {name: full for name, full in self._full_at.items() if full > now}
        # Were none of them full, looking again at once would find the same.
        self._many = max(_MANY, 2 * len(self._full_at))

"""Scheduled mode, and several portals at once."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cronsim import CronSim

from conformance.client.wrong.archive import Archive
from conformance.client.wrong.fetching import carried, listed, patiently
from conformance.client.wrong.memory import Connection, GaveUp, read, written
from conformance.client.wrong.watching import Watch
from conformance.client.wrong.wire import Later, Refused, Wire, text

# As far back as the first run looks: all that is kept, but for what may go meanwhile.
_FIRST: Final = timedelta(days=89)
_LOOK_SECONDS: Final = 0.5


class Schedule:
    """Fetches what is new at the times of a cron expression, in UTC."""

    def __init__(
        self, connection: Connection, wire: Wire, archive: Archive, state: Path, cron: str
    ) -> None:
        self._connection = connection
        self._wire = wire
        self._archive = archive
        self._path = state / "schedule.json"
        self._cron = cron
        if archive.wrong == "runs-every-minute":
            self._cron = "* * * * *"

    def follow(self) -> None:
        """Run until a signal; a time that passed while nothing ran is made up for, once."""
        kept = read(self._path)
        if "ran" not in kept or self._archive.wrong == "skips-a-missed-time":
            kept["ran"] = _now().isoformat()
            self._save(kept)
        again = "seen" in kept and self._archive.wrong == "makes-up-without-need"
        while True:
            if again or self._next(kept) <= _now():
                again = False
                kept["ran"] = _now().isoformat()
                self._save(kept)
                self._run(kept)
            time.sleep(_LOOK_SECONDS)  # noqa: TID251  a client of its own

    def _next(self, kept: dict[str, Any]) -> datetime:
        return next(CronSim(self._cron, datetime.fromisoformat(kept["ran"])))

    def _run(self, kept: dict[str, Any]) -> None:
        now = text(patiently(self._connection, "getPortal"), "brokerTime")
        since = kept.get("seen") or (datetime.fromisoformat(now) - _FIRST).isoformat()
        ids = listed(self._connection, since, now, "Updated", wrong=None)
        if not carried(ids, self._connection, self._wire, self._archive):
            kept["seen"] = now
            self._save(kept)

    def _save(self, kept: dict[str, Any]) -> None:
        written(self._path, json.dumps(kept).encode())


def follow_all(watches: Sequence[Watch], interval: float, wrong: str | None) -> None:
    """Follow several portals until a signal; what happens at one is nothing to the others."""
    if wrong == "portals-in-a-row":
        _in_a_row(watches, interval)
        return
    if wrong == "second-waits-for-the-first":
        _first_alone(watches[0], interval)
    failed = threading.Event()
    threads = [
        threading.Thread(target=_until_it_fails, args=(watch.follow, failed), daemon=True)
        for watch in watches
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        if failed.is_set() and wrong == "one-failure-ends-all":
            return
        time.sleep(_LOOK_SECONDS / 5)  # noqa: TID251  a client of its own


def _first_alone(watch: Watch, interval: float) -> None:
    """Poll one portal until a poll comes to something."""
    while True:
        try:
            watch.poll()
        except (GaveUp, Later, Refused) as why:
            sys.stderr.write(f"{why}\n")
            time.sleep(interval)  # noqa: TID251  a client of its own
        else:
            return


def _until_it_fails(follow: Callable[[], None], failed: threading.Event) -> None:
    try:
        follow()
    except (GaveUp, Refused) as why:
        sys.stderr.write(f"{why}\n")
        failed.set()


def _in_a_row(watches: Sequence[Watch], interval: float) -> None:
    while True:
        for watch in watches:
            try:
                watch.poll()
            except (GaveUp, Later, Refused) as why:
                sys.stderr.write(f"{why}\n")
        time.sleep(interval)  # noqa: TID251  a client of its own


def _now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)  # noqa: TID251  its own clock

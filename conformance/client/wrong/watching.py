"""Real time: the change log, poll after poll."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any, Final

from conformance.client.wrong.archive import Archive
from conformance.client.wrong.fetching import listed
from conformance.client.wrong.memory import Connection, read, written
from conformance.client.wrong.wire import Later, Refused, Wire, text, texts

_PAGE: Final = 1000
_SLOWER: Final = 1.6
_CAP_SECONDS: Final = 60.0


class Watch:
    """Follows the log; what is on its way lies in one file with the cursor."""

    def __init__(
        self,
        connection: Connection,
        wire: Wire,
        archive: Archive,
        state: Path,
        interval: float,
        wrong: str | None,
    ) -> None:
        self._connection = connection
        self._wire = wire
        self._archive = archive
        self._path = state / "cursor.json"
        self._interval = interval / 2 if wrong == "polls-early" else interval
        self._wrong = wrong
        self._kept: dict[str, Any] = {}

    def follow(self) -> None:
        """Poll until a signal."""
        failures = 0
        while True:
            began = time.monotonic()
            wait = self._interval
            try:
                self.poll()
                failures = 0
            except Later as later:
                failures += 1
                wait = self._patience(failures, later)
            worked = 0.0 if self._wrong == "drifts" else time.monotonic() - began
            left = wait - worked
            while left < 0:
                left += self._interval
            time.sleep(left)  # noqa: TID251  a client of its own

    def _patience(self, failures: int, later: Later) -> float:
        if self._wrong == "hammers-on-503":
            return max(0.05, later.after)
        slow = min(_CAP_SECONDS, self._interval * _SLOWER**failures)
        after = 0.0 if self._wrong == "ignores-retry-after" else later.after
        # the wait counts from the answer, which came after the poll began
        return max(slow, after + 0.5 if after else 0.0)

    def poll(self) -> None:
        """Read the log once, and store what it tells of."""
        if "cursor" not in self._kept:
            self._begin()
        if self._wrong == "overlapping-polls":
            threading.Thread(target=self._quietly, daemon=True).start()
        else:
            self._read_log()
        self._carry()

    def _begin(self) -> None:
        kept = read(self._path)
        if "cursor" not in kept or self._wrong == "loses-what-it-missed":
            seen = text(self._connection.call("getPortal"), "brokerTime")
            answer = self._connection.call("getLastUpdateId")
            kept = {"cursor": _number(answer), "seen": seen, "pending": []}
        self._kept = kept
        self._save()

    def _quietly(self) -> None:
        try:
            self._read_log()
        except (Later, Refused):
            return

    def _save(self) -> None:
        forgetful = self._wrong in ("cursor-before-data", "overlapping-polls")
        kept = {**self._kept, "pending": []} if forgetful else self._kept
        written(self._path, json.dumps(kept).encode())

    def _read_log(self) -> None:
        while True:
            since = self._kept["cursor"]
            try:
                answer = self._connection.call("getUpdates", since=since, max=_PAGE)
            except Refused as refused:
                if refused.code != "UpdateExpired":
                    raise
                self._look_back(int(refused.fields["oldestUpdateId"]))
                continue
            ids = [int(each) for each in texts(answer, "updateId")]
            if self._wrong == "data-before-cursor":
                self._carry_now(texts(answer, "sessionId"))
            else:
                pending = [*self._kept["pending"], *texts(answer, "sessionId")]
                self._kept["pending"] = list(dict.fromkeys(pending))
            if ids:
                self._kept |= {"cursor": ids[-1], "seen": texts(answer, "time")[-1]}
                if self._wrong == "loses-inserts":
                    self._kept["cursor"] = _number(self._connection.call("getLastUpdateId"))
                self._save()
            if len(ids) < _PAGE:
                return

    def _look_back(self, oldest: int) -> None:
        """Fetch on demand what the log no longer has."""
        if self._wrong != "skips-an-expired-log":
            now = text(self._connection.call("getPortal"), "brokerTime")
            missed = listed(self._connection, self._kept["seen"], now, "Updated", wrong=None)
            self._kept["pending"] = list(dict.fromkeys([*self._kept["pending"], *missed]))
        self._kept["cursor"] = oldest - 1
        self._save()

    def _carry_now(self, sessions: list[str]) -> None:
        for session in dict.fromkeys(sessions):
            self._archive.store(session, self._connection, self._wire)

    def _carry(self) -> None:
        problem: Later | None = None
        for session in tuple(self._kept["pending"]):
            try:
                self._archive.store(session, self._connection, self._wire)
            except Later as later:
                if self._wrong == "dies-on-a-bad-session":
                    raise SystemExit(str(later)) from later
                problem = later
                continue
            except Refused:
                pass  # gone meanwhile
            self._kept["pending"].remove(session)
            self._save()
        if problem is not None and problem.after:
            time.sleep(0 if self._wrong == "ignores-retry-after" else problem.after)  # noqa: TID251  a client of its own


def _number(answer: Any) -> int:
    return next(int(each.text) for each in answer.iter() if (each.text or "").strip().isdigit())

"""Real time: the change log, poll after poll."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

from conformance.client.wrong.archive import Archive
from conformance.client.wrong.fetching import listed
from conformance.client.wrong.memory import Connection, read, written
from conformance.client.wrong.wire import Later, Refused, Wire, text, texts

_PAGE: Final = 1000
_SLOWER: Final = 1.6
_CAP_SECONDS: Final = 60.0
_TRIES: Final = 3


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
        self._fresh = True
        self._begun = set[str]()
        self._failed = Counter[str]()

    def follow(self) -> None:
        """Poll until a signal."""
        failures, late = 0, 0.0
        while True:
            began = time.monotonic() - late
            wait = self._interval
            try:
                told = self.poll()
                if failures and self._wrong == "stays-slow":
                    self._interval *= _SLOWER**2
                failures = 0
                if told and self._wrong == "polls-again-after-news":
                    continue
            except Later as later:
                failures += 1
                wait = self._patience(failures, later)
            worked = 0.0 if self._wrong == "drifts" else time.monotonic() - began
            left = wait - worked
            if self._wrong == "catches-up":
                left, late = max(0.0, left), max(0.0, -left)
            while left < 0:
                left += self._interval
            time.sleep(left)  # noqa: TID251  a client of its own

    def _patience(self, failures: int, later: Later) -> float:
        hasty = self._wrong == "backs-off-from-5xx-alone" and "HTTP" not in str(later)
        if hasty or self._wrong == "hammers-on-503":
            return max(0.05, later.after)
        slow = min(_CAP_SECONDS, self._interval * _SLOWER**failures)
        after = 0.0 if self._wrong == "ignores-retry-after" else later.after
        # the wait counts from the answer, which came after the poll began
        return max(slow, after + 0.5 if after else 0.0)

    def poll(self) -> bool:
        """Read the log once, and store what it tells of; tell whether there was anything."""
        if "cursor" not in self._kept:
            self._begin()
        if self._wrong == "overlapping-polls":
            threading.Thread(target=self._quietly, daemon=True).start()
        else:
            self._read_log()
        told = bool(self._kept["pending"])
        self._carry()
        return told

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
                self._look_back(refused)
                if self._wrong == "keeps-an-expired-cursor":
                    return
                continue
            ids = [int(each) for each in texts(answer, "updateId")]
            if self._wrong == "data-before-cursor":
                self._carry_now(texts(answer, "sessionId"))
            else:
                pending = [*self._kept["pending"], *self._noted(answer)]
                self._kept["pending"] = list(dict.fromkeys(pending))
            if ids:
                self._kept |= {"cursor": ids[-1], "seen": texts(answer, "time")[-1]}
                if self._wrong == "loses-inserts":
                    self._kept["cursor"] = _number(self._connection.call("getLastUpdateId"))
                self._save()
            if len(ids) < _PAGE:
                self._fresh = False
                return

    def _noted(self, answer: Any) -> list[str]:
        """Give the sessions of a page that it looks at."""
        told = texts(answer, "sessionId")
        if self._wrong == "from-the-beginning-only":
            kinds = texts(answer, "kind")
            self._begun |= {
                each for each, kind in zip(told, kinds, strict=True) if kind == "Posted"
            }
            return [each for each in told if each in self._begun]
        if self._wrong == "has-it-at-a-start" and self._fresh:
            return [each for each in told if not self._archive.holds(each)]
        return told

    def _look_back(self, refused: Refused) -> None:
        """Fetch on demand what the log no longer has.

        Raises:
            Refused: for something else.
        """
        late = self._wrong == "cannot-expire-later" and not self._fresh
        if late or refused.code != "UpdateExpired":
            raise refused
        if self._wrong != "skips-an-expired-log":
            now = text(self._connection.call("getPortal"), "brokerTime")
            missed = listed(self._connection, self._kept["seen"], now, "Updated", wrong=None)
            self._kept["pending"] = list(dict.fromkeys([*self._kept["pending"], *missed]))
        if self._wrong != "keeps-an-expired-cursor":
            self._kept["cursor"] = int(refused.fields["oldestUpdateId"]) - 1
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
                if not self._dropped(session):
                    continue
            except Refused:
                pass  # gone meanwhile
            self._kept["pending"].remove(session)
            self._save()
        if problem is not None and problem.after:
            hasty = self._wrong in ("ignores-retry-after", "hurries-sessions")
            time.sleep(0 if hasty else problem.after)  # noqa: TID251  a client of its own

    def _dropped(self, session: str) -> bool:
        """Tell whether it leaves a session out that has failed once more."""
        self._failed[session] += 1
        return self._wrong == "drops-a-bad-session" and self._failed[session] >= _TRIES


def _number(answer: Any) -> int:
    return next(int(each.text) for each in answer.iter() if (each.text or "").strip().isdigit())

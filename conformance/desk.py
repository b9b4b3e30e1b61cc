"""A portal at work: customers and representatives act, the log is followed, the records read.

What chapters share that need sessions: it does the acts, keeps the naive model beside them
and holds what the broker says against it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from broker_sim.contract import limits
from conformance.bench import Bench, Place
from conformance.caller import Outcome
from conformance.cases import CHANGES, FINISHED, Case, posted_facts
from conformance.hands import Hands, Missing, verb
from conformance.patterns import Between, Pattern, Unordered, gives, http, told

DONE: Final = http(200, 299)
REFUSED: Final = http(409, fault="OutOfTurn")


@verb
def follow(hands: Hands, /, *, connection_id: str, since: int, limit: int | None = None) -> Outcome:
    """Read the change log behind `since`, page by page, and what getLastUpdateId says."""
    entries: list[dict[str, Any]] = []
    cursor, pages = since, 0
    while True:
        page = hands.call("getUpdates", connection_id=connection_id, since=cursor, limit=limit)
        if not isinstance(page.get("gives"), list):
            return page
        pages += 1
        entries.extend(page["gives"])
        cursor = max([cursor, *(entry["update_id"] for entry in page["gives"])])
        if len(page["gives"]) < hands.full_page(limit, connection_id) or pages > len(entries) + 2:
            break
    last = hands.call("getLastUpdateId", connection_id=connection_id)
    ids = [entry["update_id"] for entry in entries]
    growing = all(a < b for a, b in pairwise([since, *ids]))
    return {
        "gives": {
            "entries": [{key: entry[key] for key in _ENTRY} for entry in entries],
            "ids": ids,
            "growing": growing,
            "last": cursor,
            "newest": last.get("gives"),
        }
    }


# Within a second of its end, nobody knows whether a connection lives: it is given up before.
_IDLE: Final = limits.CONNECTION_IDLE - timedelta(seconds=1)
_RECORD: Final = ("SESS-1", "SESS-2", "SESS-3", "SESS-4")
_ENTRY: Final = ("session_id", "kind", "time")


@verb
def purges_in_log(hands: Hands, /, *, connection_id: str) -> Outcome:
    """Read all of the log that is kept; count the purges, and those told twice."""
    told = follow(hands, connection_id=connection_id, since=0)
    if told.get("fault") == "UpdateExpired":
        oldest = told["fields"]["oldest_update_id"]
        told = follow(hands, connection_id=connection_id, since=oldest - 1)
    if "gives" not in told:
        return told
    ids = [each["session_id"] for each in told["gives"]["entries"] if each["kind"] == "Purged"]
    return {"gives": {"purged": len(set(ids)), "twice": len(ids) - len(set(ids))}}


class Desk:
    """One portal, one connection, its sessions, and a cursor in its log."""

    def __init__(self, bench: Bench, place: Place) -> None:
        self.bench: Final = bench
        self.place: Final = place
        self._connection = bench.connect(place)
        self._used = bench.now
        self.cases: dict[int, Case] = {}
        self.cursor = 0
        self.due: list[tuple[int, str, datetime]] = []

    def post(self, **words: Any) -> Case:
        """Let a customer post a request.

        Raises:
            Missing: the control API does not do it.
        """
        words = {"subPortal": self.place.sub_portals[0], "question": "It broke.", **words}
        now = self.bench.now
        outcome = self.bench.act("post", portal=self.place.portal, **words)
        if not isinstance(outcome.get("sessionId"), int):
            msg = f"a request cannot be posted through the control API: {told(outcome)}"
            raise Missing(msg)
        case = Case(outcome["sessionId"], now, posted_facts(self.place.portal, words))
        case.events.append({"time": now, "kind": "Posted"})
        self.cases[case.id] = case
        self._changed(case, "Posted", now)
        return case

    def _changed(self, case: Case, kind: str, time: datetime) -> None:
        """Expect an entry in the change log."""
        case.updated = time
        self.due.append((case.id, kind, time))

    def act(self, case: Case, act: str, /, **words: Any) -> Outcome:
        """Let something be done that is in turn; it must work, by SESS-2."""
        now = self.bench.now
        outcome = self.bench.act(act, sessionId=case.id, **words)
        self.bench.expect("SESS-2", DONE)
        case.did(act, now, **words)
        if act in CHANGES:
            self._changed(case, CHANGES[act], now)
        return outcome

    def transfer(self, case: Case, sub_portal: str) -> Case:
        """Transfer a running session; the contract leaves open whether it ends thereby."""
        now = self.bench.now
        outcome = self.bench.act("transfer", sessionId=case.id, subPortal=sub_portal)
        self.bench.expect("SESS-3", {**DONE, "sessionId": Between(1, 2**63)})
        facts = {"portal": self.place.portal, "sub_portal": sub_portal}
        heir = Case(outcome["sessionId"], now, facts)
        case.transferred_to, heir.transferred_from = heir.id, case.id
        case.did("transfer", now)
        self.cases[heir.id] = heir
        self._changed(case, "Transferred", now)
        self._changed(heir, "Posted", now)
        read = self.read(case)
        if isinstance(read, dict) and read.get("status") == "Finished":
            case.stage, case.ended = FINISHED, now
            self._changed(case, "Ended", now)
        return heir

    def record(self, case: Case) -> None:
        """Let the recording become ready, if it has not by itself."""
        self.settle()
        if case.recorded:
            return
        self.bench.act("record", sessionId=case.id)
        self.bench.expect("UPD-2", DONE)
        case.recorded = True
        self._changed(case, "RecordingReady", self.bench.now)

    def finished(self, **words: Any) -> Case:
        """Give a session that was posted, accepted, started and ended, all of it now."""
        case = self.post(**words)
        for act in ("accept", "start", "end"):
            self.act(case, act)
        return case

    def advance(self, to: datetime) -> None:
        """Let time go on; requests that nobody answers are given up."""
        self.bench.advance(to)
        for case in self.cases.values():
            deadline = case.unanswered_at()
            if deadline is not None and deadline <= self.bench.now:
                case.did("unanswered", deadline)
                self._changed(case, "Failed", deadline)

    @property
    def connection(self) -> str:
        """A live connection, about to be used; a new one after a long time."""
        if self.bench.now - self._used >= _IDLE:
            self.bench.call("logoff", connection_id=self._connection)
            self._connection = self.bench.connect(self.place)
        self._used = self.bench.now
        return self._connection

    def skip(self) -> None:
        """Go to the end of the log."""
        self.bench.call("getLastUpdateId", connection_id=self.connection)
        self.cursor = self.bench.expect("UPD-1", gives(Between(0, 2**63)))["gives"]

    def read(self, case: Case) -> Any:
        """Read a session; give what came, or None."""
        outcome = self.bench.call("getSession", connection_id=self.connection, session_id=case.id)
        return outcome.get("gives")

    def check(self, case: Case, rules: Iterable[str] = _RECORD) -> None:
        """Read a session and hold it against the model, rule by rule."""
        self.read(case)
        said = {
            "SESS-1": case.times,
            "SESS-2": case.status,
            "SESS-3": case.links,
            "SESS-4": case.captured,
        }
        for rule in rules:
            self.bench.expect(rule, gives(said[rule]()))

    def settle(self, rule: str = "UPD-1", limit: int | None = None) -> Outcome:
        """Follow the log and hold it against what was done since the last time.

        A recording may become ready by itself at any time after the end: such entries are
        taken note of.
        """
        outcome = self.bench.do(
            "follow", connection_id=self.connection, since=self.cursor, limit=limit
        )
        entries: list[Pattern] = [
            {"session_id": id_, "kind": kind, "time": time} for id_, kind, time in self.due
        ]
        given = outcome.get("gives")
        if isinstance(given, dict):
            entries.extend(self._recorded_by_itself(given["entries"]))
        last = given["last"] if isinstance(given, dict) else None
        wanted = {"entries": Unordered(tuple(entries)), "growing": True, "newest": last}
        self.bench.expect(rule, gives(wanted))
        self.due.clear()
        self.cursor = last or self.cursor
        return outcome

    def _recorded_by_itself(self, entries: list[dict[str, Any]]) -> list[Pattern]:
        found = []
        for entry in entries:
            case = self.cases.get(entry["session_id"])
            if entry["kind"] == "RecordingReady" and case is not None and case.may_be_recorded:
                case.recorded, case.updated = True, entry["time"]
                found.append({**entry, "time": Between(case.ended, self.bench.now)})
        return found

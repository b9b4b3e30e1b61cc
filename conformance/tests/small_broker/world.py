"""Everything that the small broker knows, and its rules, in the plainest way."""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from conformance.tests.small_broker import files
from conformance.tests.small_broker.soap import Refused, bad

KEPT, IDLE, PAGE = timedelta(days=90), timedelta(minutes=20), 1000
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TIMES = {"Posted": "posted", "Started": "started", "Ended": "ended", "Updated": "updated"}


@dataclass
class Login:
    password: str | None = None
    portal: str = ""
    failures: int = 0
    until: datetime | None = None
    for_good: bool = False


@dataclass
class Portal:
    name: str
    sub_portals: list[str]
    hard: bool
    keys: list[files.Key] = field(default_factory=lambda: [files.Key(1)])
    log: list[dict[str, Any]] = field(default_factory=list)
    told: list[tuple[int, datetime]] = field(default_factory=list)


@dataclass
class Connection:
    login: str
    portal: str
    used: datetime
    ended: bool = False


class World:
    """The state of everything; callers hold a lock."""

    def __init__(self) -> None:
        self.now = datetime(2031, 5, 5, 8, 0, tzinfo=UTC)
        self.portals: dict[str, Portal] = {}
        self.logins: dict[str, Login] = {}
        self.connections: dict[str, Connection] = {}
        self.sessions: dict[int, dict[str, Any]] = {}
        self.gone: dict[int, tuple[str, datetime]] = {}
        self.bodies: dict[int, dict[str, tuple[dict[str, Any], bytes]]] = {}
        self.journal: list[dict[str, Any]] = []
        self.base = ""

    # The Sessions service

    def logon(self, username: str, password: str) -> str:
        login = self.logins.setdefault(username, Login())
        if login.for_good:
            raise Refused("LockedOutPermanently")
        if login.until is not None and self.now < login.until:
            raise Refused("LockedOut", seconds_left=_up(login.until - self.now))
        if login.password is None or not secrets.compare_digest(
            login.password.encode(), password.encode()
        ):
            self._fail(login)
            raise Refused("InvalidCredentials")
        for connection in self.connections.values():
            if connection.login == username and self._live(connection):
                left = _up(connection.used + IDLE - self.now)
                raise Refused("AlreadyLoggedOn", seconds_left=left)
        login.failures, login.until = 0, None
        made = secrets.token_urlsafe(24)
        self.connections[made] = Connection(username, login.portal, self.now)
        return made

    def _fail(self, login: Login) -> None:
        login.failures += 1
        if login.portal and self.portals[login.portal].hard and login.failures >= 10:
            login.for_good = True
        elif login.failures % 3 == 0:
            login.until = self.now + timedelta(minutes=5)

    def _live(self, connection: Connection) -> bool:
        return not connection.ended and self.now < connection.used + IDLE

    def admit(self, connection_id: str) -> Connection:
        connection = self.connections.get(connection_id)
        if connection is None:
            raise Refused("InvalidConnection")
        if not self._live(connection):
            raise Refused("ConnectionExpired")
        connection.used = self.now.replace(microsecond=0)
        return connection

    def logoff(self, connection_id: str) -> None:
        self.admit(connection_id).ended = True

    def _portal(self, connection_id: str) -> Portal:
        return self.portals[self.admit(connection_id).portal]

    def get_portal(self, connection_id: str) -> dict[str, Any]:
        portal = self._portal(connection_id)
        key = portal.keys[-1]
        told = {"name": portal.name, "display_name": portal.name, "company": "Small"}
        more = {"portal_type": "SmartBox", "sub_portals": portal.sub_portals}
        numbers = {"retention_days": 90, "idle_seconds": 1200, "page_max": PAGE}
        keys = {"key_version": key.version, "security_key_set": key.salt is not None}
        return {
            **told,
            **more,
            **numbers,
            **keys,
            "hard_lockouts": portal.hard,
            "broker_time": self.now,
        }

    def get_session(self, connection_id: str, session_id: int) -> dict[str, Any]:
        portal = self._portal(connection_id)
        gone = self.gone.get(session_id)
        if gone is not None and gone[0] == portal.name:
            raise Refused("SessionPurged", purged_at=gone[1])
        session = self._own(portal, session_id)
        expires = self.now + timedelta(hours=1)
        told = []
        for name, (row, _) in self.bodies.get(session_id, {}).items():
            signed = files.signature(session_id, name, expires)
            query = f"until={expires.isoformat().replace('+', '%2B')}&signature={signed}"
            url = f"{self.base}/recordings/{session_id}/{name}?{query}"
            told.append({**row, "url": url, "url_expires": expires})
        return {**session, "files": told}

    def _own(self, portal: Portal, session_id: int) -> dict[str, Any]:
        session = self.sessions.get(session_id)
        if session is None or session["portal"] != portal.name:
            raise Refused("NoSuchSession")
        return session

    def get_session_ids(self, connection_id: str, **asked: Any) -> list[int]:
        portal, start, end = self._portal(connection_id), asked["start"], asked["end"]
        edge = self.now - KEPT
        if start < edge or end < start:
            raise Refused("InvalidRange", edge=edge)
        name, size = _TIMES[asked.get("by") or "Ended"], _size(asked.get("limit"))
        rows = sorted(
            (each[name], each["session_id"])
            for each in self.sessions.values()
            if each["portal"] == portal.name
            and each.get(name) is not None
            and start <= each[name] < end
            and (not asked.get("sub_portals") or each["sub_portal"] in asked["sub_portals"])
        )
        if asked.get("after") is not None:
            last = self._own(portal, asked["after"])
            rows = [row for row in rows if row > (last[name], last["session_id"])]
        return [row[1] for row in rows[:size]]

    def get_last_update_id(self, connection_id: str) -> int:
        return len(self._portal(connection_id).told)

    def get_updates(self, connection_id: str, **asked: Any) -> list[dict[str, Any]]:
        portal, since = self._portal(connection_id), asked["since"]
        size = _size(asked.get("limit"))
        if since > len(portal.told):
            raise Refused("InvalidUpdateId", last_update_id=len(portal.told))
        old = [number for number, time in portal.told if time < self.now - KEPT]
        if old and since < old[-1]:
            raise Refused("UpdateExpired", oldest_update_id=old[-1] + 1)
        return [entry for entry in portal.log if entry["update_id"] > since][:size]

    def get_default_key(self, connection_id: str, key_version: int) -> dict[str, Any]:
        for key in self._portal(connection_id).keys:
            if key.version == key_version:
                if key.salt is not None:
                    raise Refused("SecurityKeyRequired", key_version=key_version)
                return {"key_version": key.version, "key": key.kek}
        raise bad("keyVersion", "there is no such version")

    # Time

    def advance(self, to: datetime) -> None:
        while due := self._due(to):
            for time, _, act in due:
                self.now = time
                act()
        self.now = to
        for portal in self.portals.values():
            portal.log = [each for each in portal.log if self._kept(each)]

    def _due(self, to: datetime) -> list[tuple[datetime, int, Callable[[], None]]]:
        """What falls due by `to`, in order; what it brings about comes the next time."""
        found: list[tuple[datetime, int, Callable[[], None]]] = []
        for number, each in self.sessions.items():
            if each["ended"] is not None:
                found.append((each["ended"] + KEPT, number, partial(self._purge, each)))
            elif each["status"] == "New" and each["responded"] is None:
                late = each["posted"] + timedelta(minutes=10)
                found.append((late, number, partial(self.end, each, "Unanswered")))
        return sorted((row for row in found if row[0] <= to), key=lambda row: row[:2])

    def _kept(self, entry: Mapping[str, Any]) -> bool:
        if entry["kind"] == "Purged":
            return bool(self.now < entry["time"] + KEPT)
        return entry["session_id"] in self.sessions

    def _purge(self, session: dict[str, Any]) -> None:
        number = session["session_id"]
        del self.sessions[number]
        self.bodies.pop(number, None)
        self.gone[number] = (session["portal"], self.now)
        self.note(session, "Purged")

    # Acts

    def note(self, session: dict[str, Any], kind: str) -> None:
        portal = self.portals[session["portal"]]
        number = len(portal.told) + 1
        entry = {"update_id": number, "kind": kind, "time": self.now}
        portal.told.append((number, self.now))
        portal.log.append({**entry, "session_id": session["session_id"]})
        session["last_update_id"], session["updated"] = number, self.now

    def happen(self, session: dict[str, Any], kind: str, detail: str = "") -> None:
        session["events"].append({"time": self.now, "kind": kind, "detail": detail})

    def post(self, words: Mapping[str, Any]) -> dict[str, Any]:
        portal = self.portals[words["portal"]]
        number = 20_000_000 + len(self.sessions) + len(self.gone)
        session: dict[str, Any] = dict.fromkeys(("responded", "started", "ended"))
        session |= {"session_id": number, "portal": portal.name, "sub_portal": words["subPortal"]}
        session |= {"question": text(words["question"], "question"), "status": "New"}
        session |= {"posted": self.now, "mode": words.get("mode", "Web"), "events": []}
        session |= {"reference_id": words.get("referenceId"), "locale": words.get("locale", "")}
        session |= {"customer_ip": words.get("customerIp"), "reboot_reconnect": "No"}
        session |= {"smart_box_entries": words.get("smartBoxEntries", [])}
        self.sessions[number] = session
        self.happen(session, "Posted")
        self.note(session, "Posted")
        return session

    def end(self, session: dict[str, Any], kind: str) -> None:
        good = kind == "Ended"
        session |= {"status": "Finished" if good else "Error", "ended": self.now}
        if session["started"] is not None:
            session["duration_minutes"] = -((session["started"] - self.now) // timedelta(minutes=1))
        self.happen(session, kind)
        self.note(session, "Ended" if good else "Failed")


def text(value: str, name: str) -> str:
    """Accept a text that XML can hold."""
    if _FORBIDDEN.search(value) or len(value) > 100_000:
        raise bad(name, "it is too long or holds a character that XML forbids")
    return value


def _up(span: timedelta) -> int:
    return -(-span // timedelta(seconds=1))


def _size(limit: int | None) -> int:
    if limit is not None and not 1 <= limit <= PAGE:
        raise bad("max", "it must lie between 1 and 1000")
    return limit or PAGE

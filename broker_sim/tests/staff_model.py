"""Representatives, requests and codes told once more, with dicts and no thought of speed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

TEN = timedelta(minutes=10)
FIFTEEN = timedelta(minutes=15)
TWENTY = timedelta(minutes=20)


@dataclass(slots=True)
class Person:
    """One representative; `used` is None after a logoff and before the first logon."""

    email: str
    sub_portals: set[str]
    since: datetime
    used: datetime | None = None
    available: bool = False
    inbox: list[tuple[str, int]] = field(default_factory=list)

    def is_on(self, now: datetime) -> bool:
        """Tell whether the connection lives."""
        return self.used is not None and now < self.used + TWENTY

    def takes(self, now: datetime) -> bool:
        """Tell whether it takes requests."""
        return self.is_on(now) and self.available

    def hear(self, kind: str, number: int) -> None:
        """Hear of something, where there is a desktop, be it one that nobody looks at."""
        if self.used is not None:
            self.inbox.append((kind, number))


@dataclass(slots=True)
class Case:
    """One session. `state` is waiting, accepted, going, finished or gone."""

    number: int
    sub_portal: str
    posted: datetime
    state: str = "waiting"
    rep: str | None = None
    started: datetime | None = None
    ended: datetime | None = None
    alerted: set[str] = field(default_factory=set)
    declined: set[str] = field(default_factory=set)


@dataclass(slots=True)
class StaffModel:
    """The naive model; every method is one call that was granted."""

    people: dict[str, Person]
    cases: dict[int, Case] = field(default_factory=dict)
    codes: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    def settle(self, now: datetime) -> None:
        """Give up who has waited for ten minutes."""
        for case in sorted(self.cases.values(), key=lambda one: one.number):
            if case.state == "waiting" and now >= case.posted + TEN:
                self.gone(case, case.posted + TEN)

    def gone(self, case: Case, at: datetime) -> None:
        """End a waiting request without a session."""
        case.state, case.ended = "gone", at
        self._tell_gone(case, None)

    def _tell_gone(self, case: Case, but: str | None) -> None:
        for email in sorted(case.alerted - case.declined - {but}):
            self.people[email].hear("RequestGone", case.number)
        case.alerted = set()

    def logon(self, who: Person, now: datetime) -> None:
        """Open a connection, with an empty desk."""
        who.used, who.available, who.since = now, False, now
        who.inbox = []
        self._clear_desk(who)
        for case in sorted(self.cases.values(), key=lambda one: one.number):
            if case.state == "going" and case.rep == who.email:
                who.hear("Resumed", case.number)

    def logoff(self, who: Person, now: datetime) -> None:
        """End it."""
        who.used, who.available, who.since = None, False, now
        self._clear_desk(who)

    def _clear_desk(self, who: Person) -> None:
        for case in self.cases.values():
            if who.email not in case.declined:
                case.alerted.discard(who.email)

    def set_available(self, who: Person, now: datetime, *, available: bool) -> None:
        """Take requests, or none."""
        if who.available == available:
            return
        who.available, who.since = available, now
        waiting = [case for case in self.cases.values() if case.state == "waiting"]
        for case in sorted(waiting, key=lambda one: (one.posted, one.number)):
            self._alert(case, who, now)

    def _alert(self, case: Case, who: Person, now: datetime) -> None:
        if case.sub_portal in who.sub_portals and who.takes(now):
            if who.email not in case.alerted:
                who.hear("RequestWaiting", case.number)
            case.alerted.add(who.email)

    def post(self, number: int, sub_portal: str, now: datetime) -> None:
        """Let a request wait."""
        case = self.cases[number] = Case(number, sub_portal, now)
        for email in sorted(self.people):
            self._alert(case, self.people[email], now)

    def may_accept(self, who: Person, case: Case, now: datetime) -> str | None:
        """Give the refusal that an acceptance, or a decline, would meet."""
        if case.state != "waiting":
            return "OutOfTurn"
        if case.sub_portal not in who.sub_portals or not who.takes(now):
            return "NotAvailable"
        return "OutOfTurn" if who.email in case.declined else None

    def accept(self, who: Person, case: Case) -> None:
        """Give the request to who was first."""
        case.state, case.rep = "accepted", who.email
        self._tell_gone(case, who.email)
        who.hear("Accepted", case.number)

    def decline(self, who: Person, case: Case, now: datetime) -> None:
        """Take it off one desk; end it when nobody is left."""
        case.declined.add(who.email)
        serving = [one for one in self.people.values() if case.sub_portal in one.sub_portals]
        if all(one.email in case.declined for one in serving if one.takes(now)):
            self.gone(case, now)

    def start(self, case: Case, now: datetime) -> None:
        """Begin an accepted session."""
        case.state, case.started = "going", now
        self._hear(case, "Started")

    def end(self, case: Case, now: datetime) -> None:
        """End a session."""
        case.state, case.ended = "finished", now
        self._hear(case, "Ended")

    def _hear(self, case: Case, kind: str) -> None:
        assert case.rep is not None
        self.people[case.rep].hear(kind, case.number)

    def redeem(self, code: str, number: int, sub_portal: str, now: datetime) -> None:
        """Begin a session with who made the code."""
        email, _ = self.codes.pop(code)
        self.cases[number] = Case(number, sub_portal, now, "accepted", email)
        self.people[email].hear("Accepted", number)

    def active(self, now: datetime, email: str | None = None) -> list[str]:
        """Give the codes that work."""
        return [
            code
            for code, (maker, made) in self.codes.items()
            if now < made + FIFTEEN and email in (None, maker)
        ]

    def status(self, who: Person, now: datetime) -> tuple[str, datetime, list[int], int]:
        """Give status, since when, sessions, and how many were handled; the day is one."""
        mine = [case for case in self.cases.values() if case.rep == who.email]
        going = [case for case in mine if case.state == "going"]
        ended = [case.ended for case in mine if case.started and case.ended]
        numbers = sorted(case.number for case in going)
        if going:
            starts = [case.started for case in going if case.started]
            return "InSession", min(starts), numbers, len(ended)
        marks = [who.since, *ended]
        if not who.is_on(now):
            marks += [] if who.used is None else [who.used + TWENTY]
            return "LoggedOut", max(marks), [], len(ended)
        return "Available" if who.available else "Unavailable", max(marks), [], len(ended)

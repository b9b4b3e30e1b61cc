"""Which sessions does a manager look for, and which of them may a manager see?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from broker_sim.core.record import STATUS, Session, Stage

# A session's place in the list, which goes from the newest post to the oldest.
Place = tuple[datetime, int]
# By these a SmartBox form asks who the customer is, in lower case.
_NAMES = frozenset({"name", "customer name", "your name"})
_MAILS = frozenset({"e-mail", "email", "mail", "e-mail address"})


@dataclass(frozen=True, slots=True)
class Scope:
    """What a manager may see: these portals, teams and representatives; None for all of them.

    A request that nobody has accepted belongs to no team and to no representative.
    """

    portals: frozenset[str] | None = None
    teams: frozenset[str] | None = None
    representatives: frozenset[str] | None = None

    def sees_portal(self, portal: str) -> bool:
        """Tell whether sessions of this portal may be seen at all."""
        return self.portals is None or portal in self.portals

    def sees(self, session: Session) -> bool:
        """Tell whether this session may be seen."""
        return (
            self.sees_portal(session.portal)
            and (self.teams is None or session.team_name in self.teams)
            and (self.representatives is None or session.representative in self.representatives)
        )

    def may_see(self, glimpse: Glimpse) -> bool:
        """Tell whether a session of its portals may be seen, as far as a glimpse says."""
        if self.representatives is not None:
            return glimpse.rep in self.representatives
        return self.teams is None or glimpse.rep is not None

    @property
    def whole(self) -> bool:
        """Whether every session of its portals may be seen."""
        return self.teams is None and self.representatives is None


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What can be told of a session without its record."""

    session_id: int
    posted: datetime
    sub_portal: str
    stage: Stage
    rep: str | None
    started: datetime | None
    ended: datetime | None

    @property
    def place(self) -> Place:
        """Where it stands in the list."""
        return self.posted, self.session_id


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; None and "" leave the choice open.

    Attributes:
        start: posted then or later.
        end: posted before.
        waited: the customer waited longer than this for an answer.
        lasted: the session took longer than this.
        text: in the reference id, in what the customer typed, or the whole session id.
    """

    portal: str = ""
    sub_portal: str = ""
    team: str = ""
    representative: str = ""
    status: str = ""
    mode: str = ""
    resolution: str = ""
    start: datetime | None = None
    end: datetime | None = None
    waited: timedelta | None = None
    lasted: timedelta | None = None
    text: str = ""

    def at_a_glance(self, glimpse: Glimpse, now: datetime) -> bool:
        """Tell whether a session may be among them, from what is known without its record."""
        return (
            self.sub_portal in ("", glimpse.sub_portal)
            and self.representative in ("", glimpse.rep)
            and self.status in ("", STATUS[glimpse.stage])
            and (not self.team or glimpse.rep is not None)
            and _over(_lasted(glimpse.started, glimpse.ended, now), self.lasted)
        )

    def fits(self, session: Session, now: datetime) -> bool:
        """Tell whether a session is among them."""
        glimpse = Glimpse(
            session.session_id,
            session.posted,
            session.sub_portal,
            session.stage,
            session.representative,
            session.started,
            session.ended,
        )
        return (
            self.at_a_glance(glimpse, now)
            and self.portal in ("", session.portal)
            and (self.start is None or session.posted >= self.start)
            and (self.end is None or session.posted < self.end)
            and self.team in ("", session.team_name)
            and self.mode in ("", session.mode)
            and self.resolution in ("", session.resolution)
            and _over(waited(session, now), self.waited)
            and (not self.text or _says(session, self.text.casefold()))
        )


def waited(session: Session, now: datetime) -> timedelta:
    """Tell how long the customer waited for an answer, or for the end without one."""
    return (session.responded or session.ended or now) - session.posted


def lasted(session: Session, now: datetime) -> timedelta | None:
    """Tell how long the session took, or has taken so far; None where it never started."""
    return _lasted(session.started, session.ended, now)


def _lasted(started: datetime | None, ended: datetime | None, now: datetime) -> timedelta | None:
    return None if started is None else (ended or now) - started


def _over(span: timedelta | None, least: timedelta | None) -> bool:
    return least is None or (span is not None and span > least)


def customer(session: Session) -> str:
    """Give the customer's name as the form has it; empty where it does not."""
    return _entry(session, _NAMES)


def mail(session: Session) -> str:
    """Give the customer's e-mail address as the form has it; empty where it does not."""
    return _entry(session, _MAILS)


def _entry(session: Session, labels: frozenset[str]) -> str:
    for entry in session.smart_box_entries:
        if entry.label is not None and entry.label.strip().lower() in labels:
            return entry.value
    return ""


def _says(session: Session, needle: str) -> bool:
    """Search what the customer brought, without regard to upper and lower case."""
    if needle == str(session.session_id):
        return True
    if needle in (session.reference_id or "").casefold() or needle in session.question.casefold():
        return True
    return any(needle in entry.value.casefold() for entry in session.smart_box_entries)

"""What a representative's desktop hears of, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, delete, literal_column, select, update

from broker_sim.adapters.instants import from_ms, to_ms
from broker_sim.adapters.prepared import Prepared, row_of
from broker_sim.adapters.schema import agent_event, alert, representative, session
from broker_sim.adapters.sql_base import Rows
from broker_sim.adapters.sql_sessions import STAGES
from broker_sim.core.record import Stage
from broker_sim.core.routing import Alert
from broker_sim.service.staff_storage import AgentEvent

_COUNT_UP: Final = Prepared(
    update(representative)
    .where(representative.c.email == bindparam("b_email"))
    .values(last_event_id=representative.c.last_event_id + 1)
    .returning(representative.c.last_event_id)
)
_ADD: Final = Prepared(row_of(agent_event))
_EVENTS: Final = Prepared(
    select(
        agent_event.c.event_id,
        agent_event.c.session_id,
        agent_event.c.kind,
        agent_event.c.detail,
        agent_event.c.at,
    )
    .where(
        agent_event.c.email == bindparam("b_email"), agent_event.c.event_id > bindparam("b_since")
    )
    .order_by(agent_event.c.event_id)
    .limit(bindparam("b_limit"))
)
_FORGET: Final = Prepared(
    delete(agent_event).where(
        agent_event.c.email == bindparam("b_email"), agent_event.c.event_id <= bindparam("b_to")
    )
)
_ALERTS: Final = Prepared(
    select(alert.c.email, alert.c.declined).where(alert.c.session_id == bindparam("b_id"))
)
_ADD_ALERT: Final = Prepared(row_of(alert))
_DECLINE: Final = Prepared(
    update(alert)
    .where(alert.c.session_id == bindparam("b_id"), alert.c.email == bindparam("b_email"))
    .values(declined=bindparam("declined"))
)
_WITHDRAW: Final = Prepared(
    delete(alert).where(
        alert.c.email == bindparam("b_email"), alert.c.declined == bindparam("b_declined")
    )
)
# A number in the statement and no parameter: only so the index of open sessions is known to do.
_OPEN: Final = Prepared(
    select(session.c.id)
    .where(
        session.c.stage < literal_column(str(STAGES.index(Stage.FINISHED))),
        session.c.rep == bindparam("b_email"),
    )
    .order_by(session.c.id)
)
_DROP_ALERTS: Final = Prepared(delete(alert).where(alert.c.session_id == bindparam("b_id")))


class DesktopRows(Rows):
    """The part of a transaction that keeps events and alerts."""

    def add_event(self, email: str, event: AgentEvent) -> None:
        """Give a rep an event, with the next number; the event's own is not used."""
        number = self.value(_COUNT_UP, b_email=email)
        self.run(
            _ADD,
            email=email,
            event_id=number,
            session_id=event.session_id,
            kind=event.kind,
            detail=event.detail,
            at=to_ms(event.time),
        )

    def events(self, email: str, since: int, limit: int) -> Sequence[AgentEvent]:
        """Give a rep's events behind `since`, in order."""
        rows = self.all(_EVENTS, b_email=email, b_since=since, b_limit=limit)
        return [AgentEvent(i, s, kind, detail, from_ms(at)) for i, s, kind, detail, at in rows]

    def forget_events(self, email: str, to: int) -> None:
        """Drop a rep's events to this number, it included."""
        self.run(_FORGET, b_email=email, b_to=to)

    def open_sessions(self, email: str) -> Sequence[int]:
        """Give the ids of the sessions that a rep has accepted and that go on, in order."""
        return [row[0] for row in self.all(_OPEN, b_email=email)]

    def alerts(self, session_id: int) -> Sequence[Alert]:
        """Give who was alerted to a waiting request, in order of their addresses."""
        rows = self.all(_ALERTS, b_id=session_id)
        return [Alert(email, bool(declined)) for email, declined in sorted(rows)]

    def add_alerts(self, session_id: int, emails: Sequence[str]) -> None:
        """Note who was alerted."""
        for email in emails:
            self.run(_ADD_ALERT, session_id=session_id, email=email, declined=False)

    def decline_alert(self, session_id: int, email: str) -> None:
        """Note that a rep has declined."""
        self.run(_DECLINE, b_id=session_id, b_email=email, declined=True)

    def withdraw_alerts(self, email: str) -> None:
        """Forget what a rep was alerted to and has not declined: its desktop is gone."""
        self.run(_WITHDRAW, b_email=email, b_declined=False)

    def drop_alerts(self, session_id: int) -> None:
        """Forget who was alerted: the request waits no more."""
        self.run(_DROP_ALERTS, b_id=session_id)

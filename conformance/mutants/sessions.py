"""Brokers that keep a session's life wrongly: SESS-1 to SESS-3."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from broker_sim.core.record import Event, Happening, Session, Stage
from conformance.mutants.registry import Original, mutant

_CORE: Final = "broker_sim.core.session"
_WITH_URLS: Final = "broker_sim.service.sessions.with_urls"
_DUE: Final = "broker_sim.adapters.sql_sessions.SessionRows.due"
_ZONE: Final = timedelta(hours=1)


@mutant("SESS-1", at="broker_sim.core.record.Session.duration_minutes")
def begun_minutes_do_not_count(_duration: Original) -> Original:
    """The duration is rounded down."""

    def down(session: Session) -> int | None:
        if session.started is None or session.ended is None:
            return None
        return (session.ended - session.started) // timedelta(minutes=1)

    return down


@mutant("SESS-1", at="broker_sim.core.record.Session.duration_minutes")
def duration_counts_from_the_post(_duration: Original) -> Original:
    """The duration has the waiting in it."""

    def longer(session: Session) -> int | None:
        if session.started is None or session.ended is None:
            return None
        return -((session.posted - session.ended) // timedelta(minutes=1))

    return longer


@mutant("SESS-1", at="broker_sim.core.record.Session.duration_minutes")
def failed_sessions_have_no_minutes(duration: Original) -> Original:
    """Only a finished session has a duration, not one that failed while it ran."""

    def finished_only(session: Session) -> Any:
        return None if session.stage is Stage.ERROR else duration(session)

    return finished_only


@mutant("SESS-1", at=f"{_CORE}.accept")
def starts_when_it_is_accepted(accept: Original) -> Original:
    """The start time is set by the acceptance already."""

    def early(session: Session, rep: Any, now: datetime) -> Session:
        accepted: Session = accept(session, rep, now)
        return replace(accepted, started=now)

    return early


@mutant("SESS-1", at=_WITH_URLS)
def times_are_local(with_urls: Original) -> Original:
    """Times are those of the office's wall clock, written as if they were UTC."""

    def local(world: Any, session: Session, now: datetime) -> Session:
        told: Session = with_urls(world, session, now)
        return replace(
            told,
            posted=told.posted + _ZONE,
            responded=told.responded and told.responded + _ZONE,
            started=told.started and told.started + _ZONE,
            ended=told.ended and told.ended + _ZONE,
        )

    return local


@mutant("SESS-2", "SESS-1", at=f"{_CORE}.end")
def a_second_end_moves_the_end(end: Original) -> Original:
    """A finished session can be ended again, which moves its end."""

    def again(session: Session, now: datetime, **more: Any) -> Session:
        if session.stage is not Stage.FINISHED:
            ended: Session = end(session, now, **more)
            return ended
        noted = (*session.events, Happening(now, Event.ENDED))
        return replace(session, ended=now, events=noted)

    return again


def _with(
    moves: Mapping[Stage, Mapping[Event, Stage]], stage: Stage, event: Event, to: Stage
) -> Mapping[Stage, Mapping[Event, Stage]]:
    return {**moves, stage: {**moves[stage], event: to}}


@mutant("SESS-2", at=f"{_CORE}.MOVES")
def abandoned_requests_stay_new(moves: Any) -> Any:
    """A customer who gives up waiting leaves the request New."""
    return _with(moves, Stage.WAITING, Event.ABANDONED, Stage.WAITING)


@mutant("SESS-2", at=f"{_CORE}.MOVES")
def finished_sessions_can_be_taken_up_again(moves: Any) -> Any:
    """A finished session can be accepted once more."""
    return _with(moves, Stage.FINISHED, Event.ACCEPTED, Stage.ACCEPTED)


@mutant("SESS-2", at=f"{_CORE}.MOVES")
def sessions_end_without_having_started(moves: Any) -> Any:
    """A request that was only accepted can be ended, from New to Finished."""
    return _with(moves, Stage.ACCEPTED, Event.ENDED, Stage.FINISHED)


@mutant("SESS-2", "SESS-1", at=f"{_CORE}.move")
def errors_have_no_end_time(move: Original) -> Original:
    """Only a finished session gets an end time."""

    def endless(session: Session, event: Event, now: datetime, detail: str = "") -> Session:
        moved: Session = move(session, event, now, detail)
        return replace(moved, ended=None) if moved.stage is Stage.ERROR else moved

    return endless


@mutant("SESS-2", at=f"{_CORE}.unanswered_at")
def requests_wait_for_ever(_unanswered_at: Original) -> Original:
    """A request that nobody answers is never given up."""
    return lambda _session: None


@mutant("SESS-2", at=f"{_CORE}.unanswered_at")
def successors_wait_for_ever(unanswered_at: Original) -> Original:
    """The successor of a transfer is never given up: somebody has answered it once."""

    def patient(session: Session) -> Any:
        return None if session.transferred_from else unanswered_at(session)

    return patient


@mutant("SESS-2", at=_DUE)
def given_up_when_somebody_looks(due: Original) -> Original:
    """An unanswered request is given up when somebody looks, not at its time."""

    def late(tx: Any, portal: str, now: datetime, limit: int) -> Sequence[Any]:
        return [replace(held, due=now) for held in due(tx, portal, now, limit)]

    return late


@mutant("SESS-2", at=f"{_CORE}.move")
def events_do_not_say_which_error(move: Original) -> Original:
    """Declined, unanswered and abandoned requests are all noted as failed."""
    errors = (Event.DECLINED, Event.UNANSWERED, Event.ABANDONED)

    def vague(session: Session, event: Event, now: datetime, detail: str = "") -> Session:
        moved: Session = move(session, event, now, detail)
        if event not in errors:
            return moved
        return replace(moved, events=(*moved.events[:-1], Happening(now, Event.FAILED, detail)))

    return vague


@mutant("SESS-3", at=f"{_CORE}.transfer")
def transfers_are_not_noted_in_the_old_record(transfer: Original) -> Original:
    """The transferred session does not name its successor."""

    def one_way(*given: Any) -> tuple[Session, Session]:
        gone, successor = transfer(*given)
        return replace(gone, transferred_to=None), successor

    return one_way


@mutant("SESS-3", at=f"{_CORE}.transfer")
def successors_do_not_know_their_origin(transfer: Original) -> Original:
    """The successor of a transferred session does not name it."""

    def one_way(*given: Any) -> tuple[Session, Session]:
        gone, successor = transfer(*given)
        return gone, replace(successor, transferred_from=None)

    return one_way

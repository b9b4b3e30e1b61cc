"""Brokers whose representatives' desktops are wrong: AGENT-1."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from broker_sim.contract import faults
from broker_sim.core import record
from broker_sim.core import session as session_rules
from broker_sim.core.refusal import Refused
from conformance.mutants.registry import Original, mutant

_CORE: Final = "broker_sim.core"
_DESKTOP: Final = "broker_sim.service.desktop"
_LOGIN: Final = "broker_sim.service.desk_login"
_EVENTS: Final = "broker_sim.service.desk_events"
_ALERTS: Final = "broker_sim.service.alerts"
_Session = record.Session


@mutant("AGENT-1", at=f"{_EVENTS}._answer")
def alerts_hold_no_smart_box_values(answer: Original) -> Original:
    """The alert says that somebody asks, not what."""
    return lambda tx, event: replace(answer(tx, event), smart_box_entries=())


@mutant("AGENT-1", at=f"{_ALERTS}.arrived")
def who_becomes_available_hears_of_nothing(_arrived: Original) -> Original:
    """Only requests that come later are told."""
    return lambda _tx, _member, _now: None


@mutant("AGENT-1", at=f"{_ALERTS}.resumed")
def sessions_are_not_resumed(_resumed: Original) -> Original:
    """Who logs on again does not hear of the sessions that go on."""
    return lambda _tx, _member, _now: None


@mutant("AGENT-1", at=f"{_LOGIN}.logoff_rep")
def logoffs_end_nothing(_logoff: Original) -> Original:
    """A logoff answers, and the connection lives on."""
    return lambda _call: None


@mutant("AGENT-1", at=f"{_LOGIN}._leave_desktop")
def who_comes_again_is_still_available(_leave: Original) -> Original:
    """A logon finds the availability of the time before."""
    return lambda tx, email, _now: tx.withdraw_alerts(email)


@mutant("AGENT-1", at=f"{_LOGIN}._failed")
def desks_are_never_locked(_failed: Original) -> Original:
    """Failed logons of representatives are not counted."""
    return lambda _tx, _email, state, _now: state


@mutant("AGENT-1", at=f"{_CORE}.staff.account")
def desks_share_the_locks_of_logins(_account: Original) -> Original:
    """A representative and an API login of the same name are locked together."""
    return lambda email: email


@mutant("AGENT-1", at=f"{_CORE}.connection.refuse_second")
def a_second_logon_takes_over(_refuse: Original) -> Original:
    """Who logs on twice has the newer connection."""
    return lambda _live, _now: None


@mutant("AGENT-1", at=f"{_DESKTOP}._own")
def everybody_works_in_every_session(own: Original) -> Original:
    """A representative may act in the sessions of others."""

    def anybodys(call: Any, session_id: int) -> Any:
        try:
            return own(call, session_id)
        except Refused:
            held = call.tx.held(session_id)
            if held is None or held.session.representative == call.email:
                raise
            return held

    return anybodys


@mutant("AGENT-1", at=f"{_CORE}.routing.may_accept")
def unavailable_representatives_accept(may_accept: Original) -> Original:
    """Who serves the sub-portal may accept, available or not."""

    def lenient(email: str, serving: Any, alerts: Any, now: datetime) -> None:
        try:
            may_accept(email, serving, alerts, now)
        except Refused as refused:
            if refused.fault is not faults.NOT_AVAILABLE or email not in serving:
                raise

    return lenient


@mutant("AGENT-1", at=f"{_CORE}.routing.declined_by_all")
def one_who_declines_is_enough(_declined: Original) -> Original:
    """A request ends when the first representative declines it."""
    return lambda _serving, _alerts, _now: True


@mutant("AGENT-1", at=f"{_CORE}.routing.may_accept")
def what_was_declined_comes_back(may_accept: Original) -> Original:
    """Who has declined may accept after all."""
    return lambda email, serving, _alerts, now: may_accept(email, serving, (), now)


@mutant("AGENT-1", at=f"{_DESKTOP}._receiver")
def transfers_go_to_who_is_away(receiver: Original) -> Original:
    """The receiver of a transfer need not be there."""

    def anybody(call: Any, held: Any, email: str) -> Any:
        desks = [sub for portal, sub in call.tx.desks(email) if portal == held.session.portal]
        return (call.tx.member(email), desks[0]) if desks else receiver(call, held, email)

    return anybody


@mutant("AGENT-1", at=f"{_DESKTOP}.transfer_session")
def transfers_stay_in_their_sub_portal(transfer: Original) -> Original:
    """A transfer to a sub-portal comes into the queue that it came from."""

    def stays(
        call: Any, session_id: int, sub_portal: Any = None, representative: Any = None
    ) -> int:
        held = call.tx.held(session_id)
        there = held.session.sub_portal if held and sub_portal else sub_portal
        number: int = transfer(call, session_id, there, representative)
        return number

    return stays


@mutant("AGENT-1", at=f"{_DESKTOP}.end_session")
def the_comment_is_lost(end: Original) -> Original:
    """An end without its comment."""

    def silent(call: Any, session_id: int, **given: Any) -> None:
        end(call, session_id, **{**given, "comment": None})

    return silent


@mutant("AGENT-1", at=f"{_CORE}.session.end")
def the_resolution_is_always_resolved(end: Original) -> Original:
    """Every session ends as resolved."""
    return lambda *given, **named: end(*given, **{**named, "resolution": "Resolved"})


@mutant("AGENT-1", at=f"{_CORE}.session.rate_as_rep")
def representatives_rate_again(_rate: Original) -> Original:
    """A second survey of the representative replaces the first."""

    def again(session: _Session, ratings: Any, _now: datetime) -> _Session:
        if session.ended is None:
            raise Refused(faults.OUT_OF_TURN)
        return replace(session, rep_ratings=ratings)

    return again


@mutant("AGENT-1", at=f"{_CORE}.desktop.push_url")
def any_text_is_a_page(push: Original) -> Original:
    """What is pushed to the customer's browser is not looked at."""

    def careless(session: _Session, url: str, now: datetime) -> _Session:
        pushed: _Session = push(session, "http://x", now)
        return replace(pushed, events=(*pushed.events[:-1], replace(pushed.events[-1], detail=url)))

    return careless


@mutant("AGENT-1", at=f"{_CORE}.desktop.check_file")
def files_may_have_any_size_and_name(_check: Original) -> Original:
    """A file's name and size are not looked at."""
    return lambda _name, _size: None


@mutant("AGENT-1", at="broker_sim.service.agents.sent_file")
def customers_get_half_a_file(sent_file: Original) -> Original:
    """Of a file that was sent the customer gets the first bytes only."""

    def short(world: Any, session_id: int, place: int) -> Any:
        found = sent_file(world, session_id, place)
        return found and (found[0], found[1][:255])

    return short


@mutant("AGENT-1", at=f"{_DESKTOP}.set_screen_sharing")
def screen_sharing_never_stops(share: Original) -> Original:
    """Stopping the view of the screen is taken for starting it."""
    return lambda call, session_id, **_given: share(call, session_id, on=True)


@mutant("AGENT-1", at=f"{_DESKTOP}.reboot_reconnect")
def machines_always_come_back(reboot: Original) -> Original:
    """A reboot that fails is told as one that did not."""
    return lambda call, session_id, **_given: reboot(call, session_id)


@mutant("AGENT-1", at=f"{_EVENTS}._later")
def long_polls_end_at_once(_later: Original) -> Original:
    """Who waits gets an empty answer at once."""
    return lambda _poll, _steps: ()


@mutant("AGENT-1", at=f"{_EVENTS}._later")
def long_polls_look_at_their_end_only(later: Original) -> Original:
    """What happens during the wait is told when its time is over."""

    def lazy(poll: Any, steps: int) -> Any:
        last_look = later(poll, 1)
        return replace(last_look, seconds=last_look.seconds * steps)

    return lazy


@mutant("AGENT-1", at=f"{_EVENTS}.get_events")
def polls_may_be_as_long_as_they_like(get: Original) -> Original:
    """A wait that is too long is cut to one that is not."""

    def lenient(call: Any, since: int, **more: Any) -> Any:
        wait = more.get("wait_seconds")
        return get(call, since, **{**more, "wait_seconds": None if (wait or 0) > 30 else wait})

    return lenient


@mutant("AGENT-1", at=f"{_EVENTS}._forget")
def nothing_is_forgotten(_forget: Original) -> Original:
    """Events that were dealt with come again."""
    return lambda _tx, _email, _since: None


@mutant("AGENT-1", at=f"{_EVENTS}._read")
def events_at_a_border_are_lost(read: Original) -> Original:
    """The first event behind a cursor is left out."""
    return lambda tx, poll: read(tx, replace(poll, since=poll.since and poll.since + 1))


@mutant("PORTAL-4", at=f"{_CORE}.customer.shares_screen")
def a_second_sharing_does_not_show(shares: Original) -> Original:
    """The page knows of the first time only that a screen is shared."""

    def once(session: _Session) -> bool:
        begun = [one for one in session.events if one.kind is record.Event.SCREEN_ON]
        return bool(shares(session)) and len(begun) == 1

    return once


@mutant("PORTAL-5", at=f"{_CORE}.session.rate_as_rep")
def the_reps_survey_is_the_customers(_rate: Original) -> Original:
    """Once the representative has rated, the customer cannot."""

    def rate(session: _Session, ratings: Any, now: datetime) -> _Session:
        if session.rep_ratings:
            raise Refused(faults.OUT_OF_TURN)
        moved = session_rules.move(session, record.Event.SURVEY_RECEIVED, now)
        return replace(moved, rep_ratings=ratings)

    return rate

"""Brokers that are wrong at a customer's own doors: PORTAL-1 to PORTAL-5, PHONE-6, RET-2."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import unquote_plus
from weakref import WeakKeyDictionary

from broker_sim.core import phonecode
from broker_sim.core import session as life
from broker_sim.core.lockout import Open
from broker_sim.core.record import Event, Session, Stage
from broker_sim.core.refusal import Refused
from broker_sim.core.routing import Alert
from broker_sim.testing import Overlay
from conformance.mutants.registry import Original, mutant

_LAUNCH: Final = "broker_sim.service.launching.launch"
_POSTED: Final = "broker_sim.service.alerts.posted"
_SIGHT: Final = "broker_sim.core.customer.sight"
_ROWS: Final = "broker_sim.adapters.sql_log.LogRows"
_CODE_PAGE: Final = "broker_sim.web.code_page"


def _texts(change: Callable[[str], str]) -> Callable[[Original], Original]:
    """Change every text of a launch."""

    def wrap(launch: Original) -> Original:
        def changed(at: Any, portal: str, given: Mapping[str, str], ip: str) -> Any:
            return launch(at, portal, {name: change(text) for name, text in given.items()}, ip)

        return changed

    return wrap


@mutant("PORTAL-1", at=_LAUNCH)
def launches_are_decoded_twice(launch: Original) -> Original:
    """What looks like an escape in a field of a launch is taken for one."""
    return _texts(unquote_plus)(launch)


@mutant("PORTAL-1", at=_LAUNCH)
def launches_lose_blanks(launch: Original) -> Original:
    """Blanks around a field of a launch, and the second of two, are dropped."""
    return _texts(lambda text: " ".join(text.split()))(launch)


@mutant("PORTAL-1", at=_LAUNCH)
def launches_are_cut_at_255_characters(launch: Original) -> Original:
    """A field of a launch is cut at the width of a column."""
    return _texts(lambda text: text[:255])(launch)


@mutant("PORTAL-2", at="broker_sim.web.launch_pages._form")
def a_launch_in_one_request_comes_back_empty(form: Original) -> Original:
    """What names the portal in a field, and not in its path, comes back empty."""

    def empty(found: Any, carried: Mapping[str, str], **more: Any) -> Any:
        return form(found, {} if "portal" in carried else carried, **more)

    return empty


@mutant("PORTAL-3", at="broker_sim.core.routing.may_accept")
def who_was_alerted_may_accept_for_ever(may_accept: Original) -> Original:
    """Who was alerted to a request may accept it, though it takes none any more."""

    def lenient(email: str, serving: Any, alerts: Any, now: Any) -> None:
        if Alert(email) not in alerts:
            may_accept(email, serving, alerts, now)

    return lenient


def _alert_also(posted: Original, tx: Any, session: Session, desks: Any, now: Any) -> None:
    """Alert who else is there."""
    tell = posted.__globals__["_tell"]
    told = {alert.representative for alert in tx.alerts(session.session_id)}
    for member in desks:
        email = member.rep.email
        if email not in told and member.presence.available:
            told.add(email)
            tx.add_alerts(session.session_id, (email,))
            tell(tx, member, session.session_id, "RequestWaiting", "", now)


@mutant("PORTAL-3", at=_POSTED)
def desks_of_one_name_hear_of_all_portals(posted: Original) -> Original:
    """A sub-portal's name is enough: those of another portal's are alerted, too."""

    def everywhere(tx: Any, session: Session, now: Any) -> None:
        posted(tx, session, now)
        for portal in tx.portals():
            if portal.name != session.portal and session.sub_portal in portal.sub_portals:
                _alert_also(
                    posted, tx, session, tx.members_at(portal.name, session.sub_portal), now
                )

    return everywhere


@mutant("PORTAL-3", at=_POSTED)
def what_is_handed_on_is_everybodys(posted: Original) -> Original:
    """All of the portal are alerted to a session that is handed on to a sub-portal."""

    def widely(tx: Any, session: Session, now: Any) -> None:
        posted(tx, session, now)
        if session.transferred_from is not None:
            _alert_also(posted, tx, session, (m for _, m in tx.serving(session.portal)), now)

    return widely


@mutant("PORTAL-4", at="broker_sim.core.session.MOVES")
def screens_are_seen_before_the_customer_agrees(moves: Any) -> Any:
    """The screen can be shared, and diagnostics be taken, before the customer has agreed."""
    early = dict.fromkeys((Event.SCREEN_ON, Event.DIAGNOSTICS_TAKEN), Stage.ACCEPTED)
    return {**moves, Stage.ACCEPTED: {**moves[Stage.ACCEPTED], **early}}


@mutant("PORTAL-4", at="broker_sim.core.session.accept")
def a_code_is_consent_enough(accept: Original) -> Original:
    """Who types a code is in the session at once, and is not asked."""

    def hasty(session: Session, rep: Any, now: Any) -> Session:
        accepted: Session = accept(session, rep, now)
        return life.start(accepted, now) if session.mode == "Phone" else accepted

    return hasty


def _asked_where(true: Callable[[Session], bool]) -> Callable[[Original], Original]:
    """Ask fewer customers how it was."""

    def wrap(sight: Original) -> Original:
        def fewer(session: Session) -> Any:
            seen = sight(session)
            return replace(seen, may_rate=seen.may_rate and true(session))

        return fewer

    return wrap


@mutant("PORTAL-5", at=_SIGHT)
def who_leaves_is_not_asked(sight: Original) -> Original:
    """A customer who ends the session gets no survey."""
    return _asked_where(lambda session: session.resolution != "Unknown")(sight)


@mutant("PORTAL-5", at=_SIGHT)
def callers_are_not_asked(sight: Original) -> Original:
    """A customer who came by a phone code gets no survey."""
    return _asked_where(lambda session: session.mode == "Web")(sight)


@mutant("PORTAL-5", at=_SIGHT)
def only_who_was_helped_is_asked(sight: Original) -> Original:
    """The survey of a session that resolved nothing never opens."""
    return _asked_where(lambda session: session.resolution != "Unresolved")(sight)


# The world of the portal that was asked for last.
_AT: Final[list[Any]] = []


def _noting(asked: Original) -> Original:
    def note(at: Any, portal: str) -> Any:
        _AT[:] = [at]
        return asked(at, portal)

    return note


_NOTED: Final = (Overlay("broker_sim.service.launching.asked", _noting),)


def _was_one(typed: str) -> bool:
    """Tell whether a code worked once, and does not any more."""
    plain, now = phonecode.as_typed(typed), _AT[0].clock.now()
    with _AT[0].store.reading() as tx:
        code = None if plain is None else tx.code(plain)
    return code is not None and not phonecode.is_active(code, now)


@mutant("PHONE-6", at=f"{_CODE_PAGE}._refused", with_=_NOTED)
def dead_codes_have_a_status_of_their_own(refused: Original) -> Original:
    """The page says the same of every code, but 410 of one that was."""

    def telling(found: Any, carried: Any, typed: str, why: Refused) -> Any:
        answer = refused(found, carried, typed, why)
        if answer.status_code == 400 and _was_one(typed):
            answer.status_code = 410
        return answer

    return telling


@mutant("PHONE-6", at=f"{_CODE_PAGE}._page", with_=_NOTED)
def a_codes_link_tells_that_it_was_one(page: Original) -> Original:
    """The link of a code that was says so before anybody has clicked."""

    def telling(found: Any, carried: Any, typed: str, problem: str = "", status: int = 200) -> Any:
        if status == 200 and _was_one(typed):
            problem = "This code was used, or is too old."
        return page(found, carried, typed, problem, status)

    return telling


@mutant("PHONE-6", at="broker_sim.service.redeeming._used_up")
def the_right_code_need_not_wait(used_up: Original) -> Original:
    """Who has guessed too often has to wait, but not with the right code."""
    used: Any = used_up

    def lenient(tx: Any, typed: str, portal: str | None, guesser: str, now: Any) -> Any:
        plain = phonecode.as_typed(typed)
        code = None if plain is None else tx.code(plain)
        if code is not None and phonecode.is_active(code, now) and code.portal == portal:
            tx.set_lockout(guesser, Open(), now)
        return used(tx, typed, portal, guesser, now)

    return lenient


# By the store, that is: by what one running broker has for itself.
_SEEN: Final[WeakKeyDictionary[Any, dict[int, Any]]] = WeakKeyDictionary()


@mutant("RET-2", at="broker_sim.service.launching.look")
def pages_outlive_their_session(look: Original) -> Original:
    """The customer's page shows on what it has shown, purged or not."""

    def cached(at: Any, session_id: int) -> Any:
        kept = _SEEN.setdefault(at.store, {})
        try:
            kept[session_id] = look(at, session_id)
        except Refused:
            if session_id not in kept:
                raise
        return kept[session_id]

    return cached


# Whose purge is not told of, for as long as it takes.
_UNTOLD: Final[set[int]] = set()


def _but_untold(log: Original) -> Original:
    def write(tx: Any, portal_id: int, number: int, *more: Any) -> Any:
        return None if number in _UNTOLD else log(tx, portal_id, number, *more)

    return write


@mutant("RET-2", at=f"{_ROWS}.purge", with_=(Overlay(f"{_ROWS}._log", _but_untold),))
def what_came_to_nothing_goes_untold(purge: Original) -> Original:
    """Of a request that never became a session, no purge update is made."""

    def quiet(tx: Any, doomed: Any, now: Any) -> None:
        held = tx.held(doomed.session_id)
        if held is not None and held.session.started is None:
            _UNTOLD.add(doomed.session_id)
        purge(tx, doomed, now)
        _UNTOLD.discard(doomed.session_id)

    return quiet

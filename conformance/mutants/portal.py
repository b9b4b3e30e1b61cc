"""Brokers whose customers' pages are wrong: PORTAL-1 to PORTAL-5."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from broker_sim.contract import faults
from broker_sim.core import session as life
from broker_sim.core.form import RESERVED, Filled
from broker_sim.core.record import Event, Session, Stage
from broker_sim.core.refusal import Refused
from conformance.mutants.registry import Original, mutant

_CORE: Final = "broker_sim.core"
_LAUNCH: Final = "broker_sim.service.launching.launch"
_PAGES: Final = "broker_sim.web.launch_pages"
_PASSES: Final = "broker_sim.service.passes"
_MOVES: Final = f"{_CORE}.session.MOVES"


def _filled(
    change: Callable[[Any, Mapping[str, str], Filled], Filled],
) -> Callable[[Original], Original]:
    """Fill in the form otherwise."""

    def wrap(fill: Original) -> Original:
        return lambda form, given: change(form, given, fill(form, given))

    return wrap


@mutant("PORTAL-1", at=f"{_CORE}.form.fill")
def unseen_fields_are_dropped(fill: Original) -> Original:
    """What nobody sees on the form does not come into the record."""

    def seen_only(form: Any, _given: Mapping[str, str], filled: Filled) -> Filled:
        seen = {field.label for field in form.fields if field.seen}
        return replace(filled, entries=tuple(e for e in filled.entries if e.label in seen))

    return _filled(seen_only)(fill)


@mutant("PORTAL-1", at=f"{_CORE}.form.fill")
def smart_box_entries_are_sorted(fill: Original) -> Original:
    """SmartBox entries stand in the order of their labels."""

    def by_label(_form: Any, _given: Mapping[str, str], filled: Filled) -> Filled:
        ordered = sorted(filled.entries, key=lambda entry: entry.label or "")
        return replace(filled, entries=tuple(ordered))

    return _filled(by_label)(fill)


@mutant("PORTAL-1", at=f"{_CORE}.form.fill")
def unknown_fields_are_refused(fill: Original) -> Original:
    """A launch that carries more than is asked for is refused."""

    def strict(form: Any, given: Mapping[str, str], filled: Filled) -> Filled:
        asked = {field.name.lower() for field in (*form.fields, *form.survey)}
        if set(given) - asked - RESERVED:
            msg = "there is no such field"
            raise ValueError(msg)
        return filled

    return _filled(strict)(fill)


@mutant("PORTAL-1", at="broker_sim.web.fields._charset")
def only_utf_8_is_read(_charset: Original) -> Original:
    """Forms of old web sites are not understood."""
    return lambda _pairs, _content_type: "utf-8"


@mutant("PORTAL-1", at=f"{_PAGES}._only_looks")
def who_reads_ahead_launches(_only_looks: Original) -> Original:
    """A browser that fetches a link ahead of a click launches a request."""
    return lambda: False


def _given(
    change: Callable[[Mapping[str, str]], Mapping[str, str]],
) -> Callable[[Original], Original]:
    """Launch with other fields than were sent."""

    def wrap(launch: Original) -> Original:
        return lambda world, portal, given, ip: launch(world, portal, change(given), ip)

    return wrap


def _but(*names: str) -> Callable[[Mapping[str, str]], Mapping[str, str]]:
    return lambda given: {name: text for name, text in given.items() if name not in names}


@mutant("PORTAL-1", at=_LAUNCH)
def launches_lose_their_reference(launch: Original) -> Original:
    """The ticket's number does not come into the record."""
    return _given(_but("referenceid"))(launch)


@mutant("PORTAL-2", at=f"{_CORE}.form.fill")
def required_fields_are_a_wish(fill: Original) -> Original:
    """A request is queued whatever is missing."""
    return _filled(lambda _form, _given, filled: replace(filled, missing=()))(fill)


@mutant("PORTAL-2", at=f"{_CORE}.form.fill")
def one_missing_field_is_told_at_a_time(fill: Original) -> Original:
    """Of several missing fields only the first is told."""

    def first(_form: Any, _given: Mapping[str, str], filled: Filled) -> Filled:
        return replace(filled, missing=filled.missing[:1])

    return _filled(first)(fill)


@mutant("PORTAL-2", at=f"{_CORE}.form.fill")
def empty_fields_count_as_filled_in(fill: Original) -> Original:
    """A required field that was sent empty is taken for filled in."""

    def lenient(form: Any, given: Mapping[str, str], filled: Filled) -> Filled:
        sent = {field.label for field in form.fields if field.name.lower() in given}
        return replace(filled, missing=tuple(name for name in filled.missing if name not in sent))

    return _filled(lenient)(fill)


@mutant("PORTAL-2", at=f"{_CORE}.form.fill")
def a_question_is_always_required(fill: Original) -> Original:
    """The portal's setting does not matter."""
    return lambda form, given: fill(replace(form, question_required=True), given)


@mutant("PORTAL-2", at=_LAUNCH)
def what_lacks_something_is_queued_too(launch: Original) -> Original:
    """The form comes back, and the request waits already."""

    def hasty(world: Any, portal: str, given: Mapping[str, str], ip: str) -> Any:
        launched = launch(world, portal, given, ip)
        if launched.session is None:
            sent = {name: text for name, text in given.items() if text}
            launch(world, portal, {**dict.fromkeys(("name", "site", "question"), "?"), **sent}, ip)
        return launched

    return hasty


@mutant("PORTAL-2", at=f"{_PAGES}._form")
def what_was_typed_is_gone(form: Original) -> Original:
    """The form comes back empty."""
    return lambda found, _carried, **more: form(found, {}, **more)


@mutant("PORTAL-2", at=f"{_PAGES}._unseen")
def hidden_fields_do_not_come_back(_unseen: Original) -> Original:
    """What only the launcher knows is lost when the form comes back."""
    return lambda _found, _carried: {}


@mutant("PORTAL-3", at=_LAUNCH)
def all_requests_come_into_one_queue(launch: Original) -> Original:
    """The sub-portal that a request names is not looked at."""
    return _given(_but("subportal"))(launch)


@mutant("PORTAL-3", at=_LAUNCH)
def unknown_sub_portals_mean_the_first(launch: Original) -> Original:
    """A request for a sub-portal that there is not comes into the first one's queue."""

    def lenient(world: Any, portal: str, given: Mapping[str, str], ip: str) -> Any:
        try:
            return launch(world, portal, given, ip)
        except Refused:
            return launch(world, portal, _but("subportal")(given), ip)

    return lenient


@mutant("PORTAL-3", at=f"{_CORE}.routing.to_be_alerted")
def who_takes_no_requests_is_alerted(_to_be_alerted: Original) -> Original:
    """All who serve a sub-portal are alerted, available or not."""

    def everybody(serving: Any, alerts: Any, _now: datetime) -> tuple[str, ...]:
        told = {alert.representative for alert in alerts}
        return tuple(sorted(set(serving) - told))

    return everybody


@mutant("PORTAL-3", at=f"{_CORE}.routing.may_accept")
def anybody_may_accept(may_accept: Original) -> Original:
    """Who does not serve the sub-portal may accept, too."""

    def lenient(*given: Any) -> None:
        try:
            may_accept(*given)
        except Refused as refused:
            if refused.fault is not faults.NOT_AVAILABLE:
                raise

    return lenient


@mutant("PORTAL-3", at=f"{_CORE}.session.accept")
def the_last_to_accept_has_it(accept: Original) -> Original:
    """Who accepts a request that another has takes it away."""

    def again(session: Session, rep: Any, now: datetime) -> Session:
        if session.stage is Stage.ACCEPTED:
            return replace(session, representative=rep.email, rep_name=rep.name)
        accepted: Session = accept(session, rep, now)
        return accepted

    return again


@mutant("PORTAL-3", at="broker_sim.service.alerts._gone")
def nobody_hears_that_it_is_gone(_gone: Original) -> Original:
    """A request that is gone stays on the desks of the others."""
    return lambda tx, session, _why, _now: tx.drop_alerts(session.session_id)


@mutant("PORTAL-4", at=f"{_CORE}.session.accept")
def accepted_is_begun(accept: Original) -> Original:
    """The session starts without the customer's consent."""
    return lambda session, rep, now: life.start(accept(session, rep, now), now)


@mutant("PORTAL-4", at=_MOVES)
def who_agrees_twice_starts_again(moves: Any) -> Any:
    """A second agreement moves the start."""
    running = {**moves[Stage.IN_SESSION], Event.STARTED: Stage.IN_SESSION}
    return {**moves, Stage.IN_SESSION: running}


@mutant("PORTAL-4", at=_MOVES)
def who_left_may_still_agree(moves: Any) -> Any:
    """A request that was left goes on when the customer agrees after all."""
    return {**moves, Stage.ERROR: {Event.STARTED: Stage.IN_SESSION}}


@mutant("PORTAL-4", at=f"{_CORE}.customer.shares_screen")
def customers_cannot_end_screen_sharing(_shares: Original) -> Original:
    """Only the representative can end screen sharing."""
    return lambda _session: False


@mutant("PORTAL-4", at=f"{_CORE}.customer.shares_screen")
def the_page_says_shared_for_ever(_shares: Original) -> Original:
    """The page says that the screen is seen when it is not any more."""
    return lambda session: any(event.kind is Event.SCREEN_ON for event in session.events)


@mutant("PORTAL-5", at=f"{_CORE}.session.surveyed")
def surveys_are_answered_again(_surveyed: Original) -> Original:
    """A second answer replaces the first."""
    return lambda *_given: False


@mutant("PORTAL-5", at=f"{_CORE}.customer.sight")
def surveys_open_before_the_end(sight: Original) -> Original:
    """The customer is asked how it was while it goes on."""
    return lambda session: replace(sight(session), may_rate=not life.surveyed(session))


@mutant("PORTAL-5", at=f"{_CORE}.form.carried")
def the_launcher_knows_nothing_of_surveys(_carried: Original) -> Original:
    """What a launch carries of the survey is dropped."""
    return lambda _form, _given: {}


@mutant("PORTAL-5", at=f"{_CORE}.form.answers")
def one_answer_is_kept(answers: Original) -> Original:
    """Of a survey's answers only the first comes into the record."""

    def first(form: Any, given: Mapping[str, str]) -> Any:
        ratings, wrong = answers(form, given)
        return ratings[:1], wrong

    return first


@mutant("PORTAL-5", at=f"{_PASSES}.survey_token")
def one_token_opens_all_surveys(token: Original) -> Original:
    """The session is not part of what the token signs."""

    def shared(world: Any, session_id: int, portal: str) -> str:
        return f"{session_id}:{token(world, 0, portal).partition(':')[2]}"

    return shared


@mutant("PORTAL-5", at=f"{_PASSES}.is_survey_token")
def tokens_are_not_looked_at(_is: Original) -> Original:
    """Who knows a session's number answers its survey."""
    return lambda *_given: True

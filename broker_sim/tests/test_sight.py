"""PORTAL-4, PORTAL-5: what a customer sees of a session, stage by stage."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from broker_sim.core import chat, customer, desktop, form, session
from broker_sim.core.channel import Party
from broker_sim.core.form import Form, SurveyField
from broker_sim.core.record import Event, Labelled, Representative, Session, Stage

START = datetime(2030, 1, 1, tzinfo=UTC)
AMY = Representative("amy@a.example", "Amy Adams", "Amy", "Desk", "192.0.2.1")


def waiting() -> Session:
    """Give a session that waits."""
    return session.post(5, "alpha", "print", "Why?", START)


def going() -> Session:
    """Give one that goes on."""
    return session.start(session.accept(waiting(), AMY, START), START)


def test_a_waiting_customer_sees_nobody() -> None:
    """PORTAL-3: only which session it is, and that it waits."""
    assert customer.sight(waiting()) == customer.Sight(
        5, Stage.WAITING, None, (), shares_screen=False, may_rate=False, why_ended=None
    )


def test_who_accepted_is_seen_by_the_screen_name() -> None:
    """PORTAL-4: the name that customers are to know."""
    sight = customer.sight(session.accept(waiting(), AMY, START))

    assert (sight.session_id, sight.stage, sight.rep_name) == (5, Stage.ACCEPTED, "Amy")


def test_a_finished_session_may_be_rated_once_by_its_customer() -> None:
    """PORTAL-5: not while it goes on, not twice; the representative's survey is none of theirs."""
    ended = session.end(going(), START, resolution="Resolved")
    by_rep = session.rate_as_rep(ended, (Labelled("Q", "1"),), START)

    assert not customer.sight(going()).may_rate
    assert customer.sight(ended).may_rate
    assert customer.sight(by_rep).may_rate
    assert not customer.sight(session.rate(by_rep, (Labelled("Q", "1"),), START)).may_rate
    assert customer.sight(ended).why_ended is None


@pytest.mark.parametrize("event", [Event.DECLINED, Event.UNANSWERED, Event.ABANDONED])
def test_a_request_that_came_to_nothing_says_how(event: Event) -> None:
    """PORTAL-3: by its last event, whatever was before."""
    later = START + timedelta(seconds=1)
    sight = customer.sight(session.move(waiting(), event, later))

    assert (sight.stage, sight.why_ended, sight.may_rate) == (Stage.ERROR, event, False)


def test_the_last_event_says_why_it_ended() -> None:
    """PORTAL-3: not one before it."""
    accepted = session.accept(waiting(), AMY, START)

    assert customer.sight(session.move(accepted, Event.FAILED, START)).why_ended is Event.FAILED


def test_the_talk_has_chat_by_speaker_and_what_happened_without_one() -> None:
    """AGENT-2, PORTAL-4: in order; what only the record tells makes no line."""
    second = START + timedelta(seconds=1)
    named = session.post(5, "a", "p", "Why?", START, smart_box_entries=(Labelled("Name", "Bo: B"),))
    there = session.start(session.accept(named, AMY, START), START)
    there = chat.say(there, "Amy", "Hello: you", START)
    there = chat.say(there, "Bo: B", "Hi", second)
    there = desktop.push_url(there, "https://a.example/x", second)

    rep, guest = Party.REP, Party.CUSTOMER
    assert list(customer.lines(there)) == [
        customer.Line(START, Event.CHAT, "Amy", "Hello: you", rep),
        customer.Line(second, Event.CHAT, "Bo: B", "Hi", guest),
        customer.Line(second, Event.URL_PUSHED, None, "https://a.example/x"),
    ]


@pytest.mark.parametrize(
    ("rep", "wanted"),
    [
        (AMY, "Amy"),
        (replace(AMY, screen_name=""), "Amy Adams"),
        (replace(AMY, screen_name="", name=""), "Representative"),
    ],
)
def test_who_helps_has_a_name_whatever_is_known(rep: Representative, wanted: str) -> None:
    """AGENT-2: the screen name, else the name, else the part."""
    assert chat.rep_name(session.accept(waiting(), rep, START)) == wanted


def test_a_line_of_chat_is_split_at_its_first_colon() -> None:
    """AGENT-2: where no known speaker holds one; without a colon all of it is text."""
    assert chat.heard("Eva: yes: no") == ("Eva", "yes: no")
    assert chat.heard("just:words") == ("", "just:words")
    assert chat.heard("Bo: B: Hi", ("", "Bo: B")) == ("Bo: B", "Hi")


@pytest.mark.parametrize("locale", ["ar", "ar-EG", "he_IL", "FA", "Ur_PK-x-y", "ckb"])
def test_some_languages_are_read_from_right_to_left(locale: str) -> None:
    """PORTAL-2: by the language, in either way of writing it."""
    assert customer.reads_right_to_left(locale)


@pytest.mark.parametrize("locale", ["", "en", "en-AR", "en_HE", "arn", "de-ar"])
def test_others_are_read_from_left_to_right(locale: str) -> None:
    """PORTAL-2: a country is no language."""
    assert not customer.reads_right_to_left(locale)


def test_a_launcher_s_answers_are_carried_to_the_survey() -> None:
    """PORTAL-5: the survey's own, by name in any case, 200 letters of each at most."""
    fields = (SurveyField("Remarks", "?"), SurveyField("Mood", "?"), SurveyField("Other", "?"))
    asked = Form((), fields, question_required=False)
    given = {"remarks": "x" * 201, "mood": "", "name": "Eva"}

    assert form.carried(asked, given) == {"Remarks": "x" * 200}

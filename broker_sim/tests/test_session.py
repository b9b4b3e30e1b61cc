"""SESS-1 to SESS-4: the record of a session, for every order of events and any clock."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from broker_sim.contract import faults, limits, sessions
from broker_sim.core import chat, session
from broker_sim.core.record import STATUS, Change, Event, Labelled, Representative, Session, Stage
from broker_sim.core.session import CHANGES, MOVES
from broker_sim.tests.refusals import refusal_of

START = datetime(2030, 1, 15, 9, tzinfo=UTC)
TICK = timedelta(milliseconds=1)
MINUTE = timedelta(minutes=1)
REP = Representative("rita@example.com", "Rita Roe", "Rita", "Blue", "192.0.2.7")
ENTRIES = (Labelled("Name", "Ann  Ash"), Labelled(None, ""), Labelled("$Nickname?", "\r\n\t "))

# Calls side by side come in late now and then: their clock was read before another's.
waits = st.sampled_from([-MINUTE, -TICK, timedelta(0), TICK, MINUTE - TICK, MINUTE])
ratings = st.lists(
    st.builds(Labelled, st.none() | st.just("Speed"), st.text(max_size=3)), max_size=2
)


def posted(now: datetime = START) -> Session:
    return session.post(17, "alpha", "print", "Why?", now, customer_ip="192.0.2.1", locale="de")


def running(now: datetime = START) -> Session:
    return session.start(session.accept(posted(now), REP, now), now)


def test_every_stage_has_a_row_and_can_be_reached() -> None:
    """SESS-2: the table is whole, and nothing in it is dead."""
    reached = {Stage.WAITING}
    while more := {to for stage in reached for to in MOVES[stage].values()} - reached:
        reached |= more

    assert reached == set(Stage) == set(MOVES) == set(STATUS)
    assert {event for row in MOVES.values() for event in row} == set(Event) - {Event.POSTED}


def test_the_words_are_the_contract_s() -> None:
    """SESS-2, UPD-2: what is ruled here is what is promised there."""
    assert tuple(Event) == sessions.EVENT_KIND.words
    assert tuple(Change) == sessions.UPDATE_KIND.words
    assert set(STATUS.values()) == set(sessions.STATUS.words)
    assert {field.name for field in sessions.SESSION.fields} - {"status", "duration_minutes"} == {
        field.name for field in fields(Session)
    } - {"stage"}


def test_every_step_of_upd_2_makes_an_entry_and_no_other_does() -> None:
    """UPD-2: recording ready and purged come from elsewhere; a failure is one however it came."""
    made = set(CHANGES.values()) | {Change.RECORDING_READY, Change.PURGED}

    assert made == set(Change)
    ends = {event for row in MOVES.values() for event, to in row.items() if to is Stage.ERROR}
    assert {CHANGES[event] for event in ends} == {Change.FAILED}
    quiet = {event for event, to in MOVES[Stage.IN_SESSION].items() if to is Stage.IN_SESSION}
    assert quiet - {Event.TRANSFERRED} == set(Event) - set(CHANGES)


@pytest.mark.parametrize(
    ("lasted", "minutes"),
    [(0 * TICK, 0), (TICK, 1), (MINUTE - TICK, 1), (MINUTE, 1), (MINUTE + TICK, 2)],
)
def test_a_begun_minute_counts(lasted: timedelta, minutes: int) -> None:
    """SESS-1: durationMinutes is end minus start in minutes, rounded up."""
    assert session.end(running(), START + lasted).duration_minutes == minutes
    assert running().duration_minutes is None


@pytest.mark.parametrize("after", [-TICK, 0 * TICK, TICK])
def test_a_request_is_given_up_after_ten_minutes(after: timedelta) -> None:
    """SESS-2: the instant is its own, whoever looks; once accepted it is never given up."""
    at = session.unanswered_at(posted())

    assert at == START + limits.UNANSWERED_AFTER
    assert session.unanswered_at(session.accept(posted(), REP, at + after)) is None


@given(after=waits, entries=st.sampled_from([ENTRIES, ()]))
def test_a_transfer_links_two_records(after: timedelta, entries: tuple[Labelled, ...]) -> None:
    """SESS-3: each names the other; the customer's words go along; nothing of the rep's does."""
    first = replace(running(), smart_box_entries=entries)

    gone, successor = session.transfer(first, 18, "network", START + after)

    assert (gone.transferred_to, successor.transferred_from) == (18, 17)
    assert (gone.status, successor.status) == ("Finished", "New")
    assert (successor.session_id, successor.sub_portal) == (18, "network")
    assert successor.posted == gone.ended
    kept = ("portal", "question", "mode", "reference_id", "customer_ip", "locale")
    for name in (*kept, "smart_box_entries"):
        assert getattr(successor, name) == getattr(gone, name)
    assert (successor.representative, successor.started, successor.transferred_to) == (None,) * 3
    assert [event.kind for event in successor.events] == [Event.POSTED]


@pytest.mark.parametrize(
    ("entries", "name"),
    [((), "Customer"), ((Labelled("Name", " "),), "Customer"), (ENTRIES, "Ann  Ash")],
)
def test_a_customer_chats_under_the_name_of_the_form(
    entries: tuple[Labelled, ...], name: str
) -> None:
    """AGENT-2: and a chat line says who spoke."""
    spoken = chat.say(running(), chat.rep_name(running()), "a: b", START)

    assert (
        chat.customer_name(session.post(1, "p", "s", "q", START, smart_box_entries=entries)) == name
    )
    assert spoken.events[-1].detail == "Rita: a: b"
    assert spoken.events[-1].kind is Event.CHAT


class AgainstTheDiary(RuleBasedStateMachine):
    """SESS-1 to SESS-3: the record agrees with a diary of a few yes and no."""

    @initialize()
    def post(self) -> None:
        self.now = START
        self.record = posted()
        self.taken = self.begun = self.well = self.over = self.rated = False
        self.events = ["Posted"]
        self.latest = START

    def may(self, event: Event) -> bool:
        """Tell from the diary alone whether the event may come."""
        going = not self.over
        rules = {
            Event.POSTED: False,
            Event.ACCEPTED: going and not self.taken,
            Event.DECLINED: going and not self.taken,
            Event.UNANSWERED: going and not self.taken,
            Event.ABANDONED: going and not self.begun,
            Event.STARTED: going and self.taken and not self.begun,
            Event.FAILED: going,
            Event.SURVEY_RECEIVED: self.well and not self.rated,
        }
        return rules.get(event, going and self.begun)

    @rule(event=st.sampled_from(Event), after=waits, given=ratings)
    def happen(self, event: Event, after: timedelta, given: list[Labelled]) -> None:
        self.now += after
        allowed = self.may(event)
        before = self.record
        refused = refusal_of(lambda: self.do(event, tuple(given)))

        if not allowed:
            assert refused is not None
            assert refused.fault is faults.OUT_OF_TURN
            assert self.record is before
            return
        assert refused is None
        self.latest = max(self.latest, self.now)
        self.note(event)

    def do(self, event: Event, given: tuple[Labelled, ...]) -> None:
        match event:
            case Event.ACCEPTED:
                self.record = session.accept(self.record, REP, self.now)
            case Event.STARTED:
                self.record = session.start(self.record, self.now)
            case Event.TRANSFERRED:
                self.record, _ = session.transfer(self.record, 18, "network", self.now)
            case Event.ENDED:
                self.record = session.end(self.record, self.now, resolution="Resolved")
            case Event.SURVEY_RECEIVED:
                self.record = session.rate(self.record, given, self.now)
                assert self.record.customer_ratings == given
            case _:
                self.record = session.move(self.record, event, self.now, "so")

    def note(self, event: Event) -> None:
        self.events.append(event)
        if event is Event.TRANSFERRED:
            self.events.append("Ended")
        self.taken |= event is Event.ACCEPTED
        self.begun |= event is Event.STARTED
        self.well |= event in (Event.ENDED, Event.TRANSFERRED)
        bad = (Event.DECLINED, Event.UNANSWERED, Event.ABANDONED, Event.FAILED)
        self.over |= event in (Event.ENDED, Event.TRANSFERRED, *bad)
        self.rated |= event is Event.SURVEY_RECEIVED

    @invariant()
    def times_are_in_order(self) -> None:
        """SESS-1, whatever the clock did."""
        record = self.record
        times = [record.posted, record.responded, record.started, record.ended]
        happened = [time for time in times if time is not None]
        assert happened == sorted(happened)
        happenings = [event.time for event in record.events]
        assert happenings == sorted(happenings)
        assert happenings[-1] == self.latest
        assert [record.responded is not None, record.started is not None] == [
            self.taken,
            self.begun,
        ]
        assert (record.representative is not None) == self.taken

    @invariant()
    def status_is_the_diary_s(self) -> None:
        """SESS-2, SESS-3."""
        ended = "Finished" if self.well else "Error"
        going = "InSession" if self.begun else "New"
        assert self.record.status == (ended if self.over else going)
        assert (self.record.ended is not None) == self.over
        assert [event.kind for event in self.record.events] == self.events
        assert (self.record.transferred_to is not None) == ("Transferred" in self.events)
        assert session.surveyed(self.record) == self.rated


TestAgainstTheDiary = AgainstTheDiary.TestCase


def test_an_end_keeps_what_the_representative_said_of_it() -> None:
    """SESS-4, AGENT-1: each field as given; nothing said is Unknown and nothing else."""
    going = session.start(session.accept(posted(), REP, START), START)
    said = session.end(
        going,
        START,
        resolution="Resolved",
        comment="A cable.",
        end_label="Ticket",
        end_data="42",
        rep_ratings=(Labelled("Mood", "5"),),
    )
    fields = (said.resolution, said.rep_comment, said.end_label, said.end_data, said.rep_ratings)

    assert fields == ("Resolved", "A cable.", "Ticket", "42", (Labelled("Mood", "5"),))
    bare = session.end(going, START)
    assert (bare.resolution, bare.rep_comment, bare.end_label) == ("Unknown", None, None)
    assert (bare.end_data, bare.rep_ratings) == (None, ())


def test_a_transfer_hands_on_all_that_the_customer_brought() -> None:
    """SESS-3, SESS-4: and the record says to which session."""
    brought = {"mode": "Phone", "reference_id": "INC-1", "customer_ip": "192.0.2.1"}
    first = session.post(
        5, "alpha", "print", "Why?", START, **brought, smart_box_entries=ENTRIES, locale="de"
    )
    going = session.start(session.accept(first, REP, START), START)
    gone, heir = session.transfer(going, 6, "general", START + MINUTE)

    assert [(e.kind, e.detail) for e in gone.events[-2:]] == [
        (Event.TRANSFERRED, "to session 6"),
        (Event.ENDED, ""),
    ]
    kept = ("portal", "question", "mode", "reference_id", "customer_ip", "locale")
    assert [getattr(heir, name) for name in kept] == [getattr(first, name) for name in kept]
    assert heir.smart_box_entries == ENTRIES
    assert (heir.sub_portal, heir.posted) == ("general", START + MINUTE)


def test_each_step_has_its_own_time_and_who_took_it() -> None:
    """SESS-1, SESS-4: posted, responded and started are three times; the event names the rep."""
    accepted = session.accept(posted(), REP, START + TICK)
    going = session.start(accepted, START + MINUTE)

    assert (going.posted, going.responded, going.started) == (START, START + TICK, START + MINUTE)
    assert accepted.events[-1].detail == REP.screen_name
    assert (accepted.rep_ip, accepted.representative) == (REP.ip, REP.email)

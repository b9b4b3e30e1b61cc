"""The synthetic past keeps the rules of sessions at every index of every seed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from broker_sim.core import access, session
from broker_sim.core.record import Change, Event, Representative, Session, Stage
from broker_sim.synthetic import course, past
from broker_sim.synthetic.company import plan
from broker_sim.tests.synthetic_sessions import END, FIRST_ID, START, indices, seeds, some, whole

MS = timedelta(milliseconds=1)
counts = st.integers(1, 3_000)
spans = st.integers(60, 90 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


@given(seeds, indices)
def test_times_come_in_order_and_only_once_they_have_happened(seed: int, index: int) -> None:
    """SESS-1: post <= response <= start <= end, to the millisecond; events in order of time."""
    one = whole(seed, index)

    known = [t for t in (one.posted, one.responded, one.started, one.ended) if t is not None]
    assert known == sorted(known)
    assert one.ended is not None
    assert one.started is None or one.responded is not None
    times = [event.time for event in one.events]
    assert times == sorted(times)
    assert all(time.microsecond % 1000 == 0 for time in (*known, *times))


@given(seeds, indices)
def test_every_past_session_could_have_been_lived_through(seed: int, index: int) -> None:
    """SESS-1, SESS-2, SESS-3: the rules of core, asked event by event, end in the same record."""
    one = whole(seed, index)

    lived = _lived(one)

    # What core does not rule: the word for the restart, and whence a successor came.
    lived = replace(
        lived, reboot_reconnect=one.reboot_reconnect, transferred_from=one.transferred_from
    )
    assert lived == one


def _lived(one: Session) -> Session:
    made = session.post(
        one.session_id, one.portal, one.sub_portal, one.question, one.posted, mode=one.mode,
        reference_id=one.reference_id, customer_ip=one.customer_ip, locale=one.locale,
        smart_box_entries=one.smart_box_entries,
    )  # fmt: skip
    for event in one.events[1:]:
        made = _step(made, one, event.kind, event.time, event.detail)
    return made


def _step(made: Session, one: Session, kind: Event, at: datetime, detail: str) -> Session:
    if kind is Event.ENDED:
        return made if made.transferred_to else _ended(made, one, at)
    match kind:
        case Event.ACCEPTED:
            who = (one.representative, one.rep_name, one.rep_screen_name, one.team_name, one.rep_ip)
            return session.accept(made, Representative(*map(str, who)), at)
        case Event.STARTED:
            return session.start(made, at)
        case Event.TRANSFERRED:
            assert one.transferred_to is not None
            return session.transfer(made, one.transferred_to, made.sub_portal, at)[0]
        case Event.SURVEY_RECEIVED:
            return session.rate(made, one.customer_ratings, at)
        case _:
            return session.move(made, kind, at, detail)


def _ended(made: Session, one: Session, at: datetime) -> Session:
    noted: dict[str, Any] = {
        "resolution": one.resolution, "comment": one.rep_comment, "end_label": one.end_label,
        "end_data": one.end_data, "rep_ratings": one.rep_ratings,
    }  # fmt: skip
    return session.end(made, at, **noted)


@given(seeds, indices)
def test_a_transfer_names_both_its_halves(seed: int, index: int) -> None:
    """SESS-3: A names B, B names A, and B has what the customer brought to A."""
    pair = past.partner(seed, index)
    one = whole(seed, index)

    assert (pair is None) == (one.transferred_to is None and one.transferred_from is None)
    if pair is not None:
        gone, came = whole(seed, pair[0]), whole(seed, pair[1])
        assert one in (gone, came)
        assert gone.transferred_to == came.session_id
        assert came.transferred_from == gone.session_id
        kept = ("portal", "mode", "question", "smart_box_entries", "reference_id", "customer_ip")
        assert [getattr(gone, n) for n in kept] == [getattr(came, n) for n in kept]
        assert gone.sub_portal != came.sub_portal


@given(seeds, st.integers(1, 400))
@settings(max_examples=25)
def test_rows_are_the_columns_of_whole_sessions(seed: int, count: int) -> None:
    """SESS-5, UPD-2: the bulk path and the single path tell the same."""
    company = plan(seed % 97)
    few = range(0, count, 7)
    rows = past.rows(seed, company, few, first_id=FIRST_ID, count=count, start=START, end=END)

    for index, row in zip(few, rows, strict=True):
        posted = past.posted_at(seed, index, count, START, END)
        one = past.session(seed, company, index, FIRST_ID + index, posted, count=count)
        ready = past.recorded_at(seed, company, index, posted, count=count)
        whole_row = (
            one.session_id, one.portal, one.sub_portal, one.stage, one.mode, one.posted,
            one.started, one.ended, one.representative, past.changes(one, ready),
        )  # fmt: skip
        assert whole_row == tuple(row)


@given(seeds, indices)
def test_the_log_tells_each_change_once_and_in_order(seed: int, index: int) -> None:
    """UPD-2: posted first; one end or failure; a recording exactly if it started."""
    one = whole(seed, index)
    ready = past.recorded_at(seed, plan(seed % 97), index, one.posted)
    told = past.changes(one, ready)

    kinds = [kind for kind, _ in told]
    assert kinds[0] is Change.POSTED
    assert len(set(kinds)) == len(kinds)
    assert (Change.ENDED in kinds) != (Change.FAILED in kinds)
    finished = one.stage is Stage.FINISHED
    assert (Change.RECORDING_READY in kinds) == finished == (ready is not None)
    assert [at for _, at in told] == sorted(at for _, at in told)
    assert told[-1][1] - one.posted < past.LONGEST


@given(seeds, indices)
def test_every_text_is_one_that_the_wire_can_carry(seed: int, index: int) -> None:
    """SESS-4: nothing that XML forbids, nothing longer than the door takes."""
    one = whole(seed, index)
    entries = (*one.smart_box_entries, *one.customer_ratings, *one.rep_ratings)
    found = [one.question, one.rep_comment, one.end_data, one.end_label]
    found += [part for entry in entries for part in (entry.label, entry.value)]
    found += [event.detail for event in one.events]

    for text in found:
        assert len(access.check_text("any", text or "")) < 100_000
    names = (one.portal, one.sub_portal, one.representative, one.rep_name)
    assert all(name is None or 1 <= len(name) <= 255 for name in names)


@given(seeds, indices)
def test_a_restart_is_followed_by_a_return_or_by_the_end(seed: int, index: int) -> None:
    """AGENT-2: what the record says of the restart is what its events say."""
    one = whole(seed, index)
    kinds = [event.kind for event in one.events]

    if Event.REBOOTED not in kinds:
        assert one.reboot_reconnect == "No"
        return
    after = kinds[kinds.index(Event.REBOOTED) + 1]
    known = {Event.RECONNECTED: "Successful", Event.FAILED: "ReconnectFailed"}
    assert one.reboot_reconnect == known[after]


def test_an_error_says_in_its_events_which_it_was() -> None:
    """SESS-2: a failure gives its reason, a refusal who refused; the talk breaks off."""
    world = [whole(3, index) for index in range(900)]
    ends = [(one, one.events[-1]) for one in world if one.stage is Stage.ERROR]

    assert all(end.detail for _, end in ends if end.kind in (Event.FAILED, Event.DECLINED))
    talks = [one for one, end in ends if end.kind is Event.FAILED and one.started]
    whole_talks = [one for one in world if one.resolution == "Resolved"]
    assert talks
    assert _lines(talks) < _lines(whole_talks) * 9 / 10


def _lines(world: list[Session]) -> float:
    said = [sum(event.kind is Event.CHAT for event in one.events) for one in world]
    return sum(said) / len(said)


def test_pushed_pages_are_addresses_of_a_reserved_domain() -> None:
    """AGENT-1: what is pushed can be opened, and leads nowhere."""
    pages = [e.detail for one in some() for e in one.events if e.kind is Event.URL_PUSHED]

    assert len(pages) > 5
    assert all(page.startswith("https://support.example.com/kb/") for page in pages)


def test_errors_are_few_and_of_every_kind() -> None:
    """SESS-2: 4 to 8 % end in error: declined, unanswered, abandoned, failed."""
    rows = list(past.rows(3, plan(3), range(6000), first_id=1, count=6000, start=START, end=END))
    bad = [row for row in rows if row.stage is Stage.ERROR]
    assert 0.04 < len(bad) / len(rows) < 0.08

    ends = {_last(whole(3, index)) for index in range(1500)}
    errors = {Event.DECLINED, Event.UNANSWERED, Event.ABANDONED, Event.FAILED}
    assert ends == errors | {Event.ENDED}


def _last(one: Session) -> Event:
    kinds = [event.kind for event in one.events if event.kind is not Event.SURVEY_RECEIVED]
    return kinds[-1]


def test_a_request_is_given_up_at_its_time() -> None:
    """SESS-2: an unanswered request ends at the instant at which the broker gives it up."""
    lost = next(one for one in (whole(5, n) for n in range(900)) if _last(one) is Event.UNANSWERED)
    waiting = session.post(1, lost.portal, lost.sub_portal, "", lost.posted)

    assert lost.ended == session.unanswered_at(waiting)


def test_a_small_world_has_what_a_reader_must_survive() -> None:
    """SESS-4: null labels, macros, other scripts, markup, long logs, every word of a choice."""
    world = some()
    asked = "\n".join(one.question for one in world)
    said = asked + "\n".join(event.detail for one in world for event in one.events)
    ratings = [rating for one in world for rating in one.customer_ratings]

    assert any(rating.label is None for rating in ratings)
    assert any(rating.label and "$Nickname?" in rating.label for rating in ratings)
    assert any(entry.label is None for one in world for entry in one.smart_box_entries)
    assert max(len(one.question) for one in world) > 2_000
    parts = ("]]>", "<b>", "&", "ö", "ł", "す", "é", "\t", "\r\n")
    assert [part for part in parts if part not in said] == []
    assert any(ord(letter) > 0xFFFF for letter in asked)
    assert {one.locale for one in world} >= {"", "de_DE", "fr_FR", "ja_JP"}
    assert {one.mode for one in world} == {"Web", "Phone"}
    assert {one.resolution for one in world} == {"Resolved", "Unresolved", "Unknown", None}
    assert {one.reboot_reconnect for one in world} >= {"No", "Successful"}


def test_some_surveys_come_late_and_some_never() -> None:
    """PORTAL-5: a later change updates the stored session, so there must be later changes."""
    world = [one for one in some() if one.stage is Stage.FINISHED and not one.transferred_to]
    waits = [
        event.time - one.ended
        for one in world
        for event in one.events
        if event.kind is Event.SURVEY_RECEIVED and one.ended
    ]
    assert len(world) / 2 < len(waits) < len(world) * 3 / 4
    assert max(waits) > timedelta(minutes=10)
    assert all(bool(one.customer_ratings) == session.surveyed(one) for one in world)


@given(seeds, st.lists(indices, min_size=2, max_size=5))
@settings(max_examples=15)
def test_sessions_do_not_depend_on_the_order_they_are_asked_for(
    seed: int, wanted: list[int]
) -> None:
    """Any session by its index: the same forwards and backwards."""
    assume(len(set(wanted)) == len(wanted))
    forwards = [whole(seed, index) for index in wanted]
    backwards = [whole(seed, index) for index in reversed(wanted)]

    assert forwards == backwards[::-1]
    assert course.LONGEST_MS * MS == past.LONGEST

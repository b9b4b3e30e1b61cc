"""C-ONCE-1, C-ONCE-2: the steps of a session, for every history."""

from hypothesis import given
from hypothesis import strategies as st

from integration.core import journey
from integration.core.journey import DISTRUST_LIMIT, FINISHED, MOVES, Event, Journey, Step

ORDER = [Event.FETCH, Event.DOWNLOAD, Event.ARCHIVE]
happenings = st.lists(st.tuples(st.sampled_from(["note", "work"]), st.integers(0, 9)), max_size=20)


def test_every_step_has_a_row_and_can_be_reached() -> None:
    """C-ONCE-1: the table is whole."""
    reached = {Step.NOTED} | {step for moves in MOVES.values() for step in moves.values()}

    assert set(MOVES) == set(Step) == reached


def test_from_every_step_under_way_the_journey_can_begin_again() -> None:
    """C-ONCE-1: whatever stops the client, the session is taken up again."""
    for step in set(Step) - FINISHED:
        assert MOVES[step][Event.FETCH] == Step.FETCHED


@given(happenings)
def test_a_session_is_stored_only_when_every_update_shows(history: list[tuple[str, int]]) -> None:
    """C-ONCE-2: no update that was noted is ever taken for stored before it is."""
    now, newest, shown = Journey(1), 0, 0
    for what, how in history:
        if what == "note":
            newest = max(newest, how)
            now = journey.note(now, how)
        elif not now.finished:
            known = now.wanted
            for event in ORDER[: how - 1]:
                now = journey.move(now, event)
            if how > len(ORDER):
                now, shown = journey.stored(now, known), max(shown, known)
        if now.step is Step.STORED:
            assert newest <= shown


@given(st.integers(1, 9), st.integers(1, 9))
def test_an_update_during_the_work_asks_for_more(first: int, second: int) -> None:
    """C-ONCE-2: what was noted while the session was carried is not lost."""
    under_way = journey.move(journey.note(Journey(1), first), Event.FETCH)
    told_again = journey.note(under_way, second)

    after = journey.stored(told_again, first)

    assert (after.step is Step.STORED) == (second <= first)
    assert after.first_wanted == (0 if second <= first else first + 1)


@given(st.integers(1, 9), st.integers(0, 9))
def test_an_update_that_shows_already_changes_nothing(held: int, told: int) -> None:
    """C-ONCE-2: a page read twice makes no work twice."""
    home = journey.stored(journey.note(Journey(1), held), held)

    assert (journey.note(home, told) == home) == (0 < told <= held)


def test_data_that_never_verifies_is_given_up() -> None:
    """C-STORE-2: after a handful of attempts, with what is held left as it is."""
    now = journey.note(Journey(1), 1)
    for _ in range(DISTRUST_LIMIT - 1):
        now = journey.failed(now, distrusted=True)
        assert not now.finished

    assert Step.GIVEN_UP is journey.failed(now, distrusted=True).step
    assert Step.NOTED is journey.failed(now, distrusted=False).step


def test_a_person_who_asks_again_gets_all_attempts() -> None:
    """C-ONCE-1: what failed before does not count."""
    tried = journey.failed(journey.note(Journey(1), 4), distrusted=True)

    assert journey.note(tried, 5).attempts == 1
    asked = journey.note(tried, 0)
    assert (asked.attempts, asked.distrusted, asked.first_wanted) == (0, 0, 4)


def test_what_is_held_outlives_the_broker() -> None:
    """C-ONCE-1: a purge at the broker takes nothing away here."""
    fresh = journey.note(Journey(1), 1)
    again = journey.note(journey.stored(fresh, 1), 0)

    assert Step.GONE is journey.vanished(fresh).step
    assert Step.STORED is journey.vanished(again).step

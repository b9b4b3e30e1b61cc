"""MON-1, MON-3: what a representative is doing, and since when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker_sim.core import access, connection, staff
from broker_sim.core.connection import Connection
from broker_sim.core.staff import Presence, Status, Work
from broker_sim.tests.stores import START

MINUTE = timedelta(minutes=1)
TWENTY = 20 * MINUTE
TICK = timedelta(milliseconds=1)


def presence(*, available: bool = True, used: datetime | None = START) -> Presence:
    link = None if used is None else Connection("amy@a.example", "", used)
    return Presence(available, START, link)


@pytest.mark.parametrize(
    ("told", "work", "expected"),
    [
        (presence(), Work(), Status.AVAILABLE),
        (presence(available=False), Work(), Status.UNAVAILABLE),
        (presence(used=None), Work(), Status.LOGGED_OUT),
        (presence(), Work(began=START), Status.IN_SESSION),
        (presence(available=False), Work(began=START), Status.IN_SESSION),
        (presence(used=None), Work(began=START), Status.IN_SESSION),
        (presence(), Work(last_end=START), Status.AVAILABLE),
    ],
)
def test_a_session_that_goes_on_says_more_than_the_rep(
    told: Presence, work: Work, expected: Status
) -> None:
    """MON-3: InSession exactly when a session of its own is."""
    assert staff.status(told, work, START + MINUTE) is expected


@pytest.mark.parametrize(
    ("after", "expected"), [(TWENTY - TICK, Status.AVAILABLE), (TWENTY, Status.LOGGED_OUT)]
)
def test_an_idle_connection_ends_at_its_instant(after: timedelta, expected: Status) -> None:
    """MON-1, CONN-2: and from then on the rep takes no requests."""
    assert staff.status(presence(), Work(), START + after) is expected
    assert staff.takes_requests(presence(), START + after) is (expected is Status.AVAILABLE)


def test_since_is_when_the_word_came_to_be_true() -> None:
    """MON-1: by the rep's own doing, by an idle end, by a session's start or end."""
    now = START + 60 * MINUTE
    at = [START + nth * MINUTE for nth in (5, 25)]

    assert staff.since(presence(used=now), Work(), now) == START
    assert staff.since(presence(used=now), Work(last_end=at[0]), now) == at[0]
    assert staff.since(presence(used=now), Work(began=at[0], last_end=at[1]), now) == at[0]
    assert staff.since(presence(), Work(last_end=at[0]), now) == START + TWENTY
    assert staff.since(presence(), Work(last_end=at[1]), now) == at[1]
    assert staff.since(presence(used=None), Work(), now) == START


INSTANTS = st.integers(0, 60 * 24 * 60).map(lambda minutes: START + minutes * MINUTE)
MAYBE = st.none() | INSTANTS


@given(st.booleans(), INSTANTS, MAYBE, MAYBE, MAYBE, INSTANTS)
def test_since_never_lies_ahead_and_the_words_agree(
    available: bool,
    since: datetime,
    used: datetime | None,
    began: datetime | None,
    last_end: datetime | None,
    now: datetime,
) -> None:
    """MON-1: whatever happened before `now`, the status began before it and is one of four."""
    if any(instant is not None and instant > now for instant in (since, used, began, last_end)):
        return
    link = None if used is None else Connection("amy", "", used)
    told, work = Presence(available, since, link), Work(began, last_end)

    word = staff.status(told, work, now)

    assert staff.since(told, work, now) <= now
    assert (word is Status.IN_SESSION) == (began is not None)
    if word is Status.AVAILABLE:
        assert staff.takes_requests(told, now)
    if staff.is_logged_on(told, now):
        assert link is not None
        assert connection.is_live(link, now)


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_login_counts_for_a_rep_of_its_name(name: str, email: str) -> None:
    """LOGON-5: the names of logins and of reps are two spaces, whatever is typed."""
    account = staff.account(email)

    assert access.canonical(name) != account
    assert staff.is_account(account)
    assert not staff.is_account(access.canonical(name))
    assert staff.email_of(account) == access.canonical(email)


@pytest.mark.parametrize("hour", [0, 9, 23])
def test_today_is_a_day_of_utc(hour: int) -> None:
    """MON-1: from midnight to midnight, the second one left out."""
    now = START.replace(hour=hour, minute=17, second=5, microsecond=999_000)

    start, end = staff.today(now)

    assert start == datetime(now.year, now.month, now.day, tzinfo=UTC)
    assert start <= now < end
    assert end - start == timedelta(days=1)
    assert staff.today(end) == (end, end + timedelta(days=1))
    assert staff.today(start) == (start, end)

"""Snapshot reports: sums of sessions, whatever was kept, changed, purged or asked before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from broker_sim.contract.sessions import REBOOT
from broker_sim.core import reporting as rules
from broker_sim.core.record import Session
from broker_sim.core.refusal import Refused
from broker_sim.core.reporting import Group
from broker_sim.core.reviewing import Scope
from broker_sim.service import reporting, sweeper
from broker_sim.service.reporting import Asked, Report
from broker_sim.service.storage import Store, Transaction
from broker_sim.tests.test_review_search import stored
from broker_sim.tests.worlds import Hands, world

DAY = timedelta(days=1)
COUNTS = st.dictionaries(st.sampled_from("abc"), st.integers(1, 5))
GROUPS = st.builds(Group, *[st.sampled_from("xy")] * 3)
COUNTED = st.lists(st.tuples(GROUPS, COUNTS))


@given(COUNTED, COUNTED)
def test_a_sum_of_sums_is_the_sum_of_all(
    some: list[tuple[Group, dict[str, int]]], others: list[tuple[Group, dict[str, int]]]
) -> None:
    """So days may be counted one by one, and in any order."""
    parts = [*rules.summed(some).items(), *rules.summed(others).items()]

    assert rules.summed(parts) == rules.summed([*some, *others])
    assert rules.summed(parts) == rules.summed([*others, *some])
    assert rules.total(rules.summed(parts)).total() == sum(
        sum(counts.values()) for _, counts in [*some, *others]
    )


@pytest.fixture(scope="module")
def hands() -> Iterator[Hands]:
    """A world with a past of ninety days."""
    with world(sessions=150) as opened:
        yield opened


def whole_range(hands: Hands) -> Asked:
    """Ask for all that is kept."""
    return Asked(*reporting.range_kept(hands.broker.world))


def counted(hands: Hands, asked: Asked, scope: Scope | None = None, step: int = 10**6) -> Report:
    """Ask until all is counted."""
    while True:
        found = reporting.report(hands.broker.world, scope or Scope(), asked, step)
        if found.complete:
            return found


@pytest.fixture(scope="module")
def everything(hands: Hands) -> list[Session]:
    """All of its sessions."""
    return stored(hands)


def naive(everything: list[Session], asked: Asked) -> list[Session]:
    """Give the sessions that a report is about."""
    found = [one for one in everything if asked.first <= one.posted.date() <= asked.last]
    found = [one for one in found if asked.portal in ("", one.portal)]
    return [one for one in found if asked.team in ("", one.team_name)]


@settings(max_examples=12)
@given(
    first=st.integers(0, 90),
    length=st.integers(0, 90),
    portal=st.sampled_from(["", "oakhurst-helpdesk", "oakhurst-applications"]),
    team=st.sampled_from(["", "Night Desk", "nobody's"]),
    step=st.sampled_from([40, 10**6]),
)
def test_a_report_says_what_a_walk_over_getsession_says(
    hands: Hands,
    everything: list[Session],
    first: int,
    length: int,
    portal: str,
    team: str,
    step: int,
) -> None:
    """Each number that the pages show is counted once more, from the records, in plain words."""
    start, _ = reporting.range_kept(hands.broker.world)
    asked = Asked(start + first * DAY, start + (first + length) * DAY, portal, team)
    found, sessions = counted(hands, asked, step=step).total, naive(everything, asked)
    finished = [one for one in sessions if one.status == "Finished"]
    lengths = [one.ended - one.started for one in sessions if one.ended and one.started]
    ends = Counter(one.events[-1].kind.value for one in sessions if one.status == "Error")
    answers = [a for one in sessions for a in one.customer_ratings if a.label]

    assert found.get(rules.POSTED, 0) == len(sessions)
    assert found.get(rules.FINISHED, 0) == len(finished)
    assert found.get(rules.STARTED, 0) == sum(one.started is not None for one in sessions)
    assert found.get(rules.ACCEPTED, 0) == sum(one.responded is not None for one in sessions)
    assert found.get(rules.ABANDONED, 0) == ends["Abandoned"]
    assert found.get(rules.DECLINED, 0) == ends["Declined"]
    assert found.get(rules.NO_RESPONSE, 0) == ends["Unanswered"]
    assert ends["Failed"] == found.get(rules.FAILED_AFTER_POSTING, 0) + found.get(
        rules.FAILED_IN_SESSION, 0
    )
    assert found.get(rules.LENGTHS, 0) == len(lengths)
    assert found.get(rules.LASTED, 0) == sum(lengths, timedelta()) // timedelta(milliseconds=1)
    assert [found.get(rules.resolved(r), 0) for r in rules.RESOLUTIONS] == [
        sum(one.resolution == r for one in finished) for r in rules.RESOLUTIONS
    ]
    assert found.get(rules.rated(5), 0) == sum(
        a.value.lower() in ("5", "very positive", "very satisfied") for a in answers
    )
    assert sum(found.get(rules.hour(day, 9), 0) for day in range(7)) == sum(
        one.posted.hour == 9 for one in sessions
    )


def test_what_comes_after_the_end_is_not_counted(everything: list[Session]) -> None:
    """A day is counted once and kept: how a restart went out is told later, and shown nowhere."""
    for one in everything:
        counts = [rules.count(replace(one, reboot_reconnect=how)) for how in REBOOT.words]
        assert counts[1:] == counts[:-1]


def test_the_days_of_a_report_are_its_range(hands: Hands) -> None:
    """Also those on which nothing was posted; a range is cut to what is kept."""
    asked = whole_range(hands)
    far = counted(hands, Asked(date(1990, 1, 1), date(2100, 1, 1)))

    assert list(far.by_day) == rules.days(asked.first, asked.last)
    assert (far.asked.first, far.asked.last) == (asked.first, asked.last)
    assert sum(c.get(rules.POSTED, 0) for c in far.by_day.values()) == far.total[rules.POSTED]


def test_a_team_manager_reads_of_the_own_teams_only(
    hands: Hands, everything: list[Session]
) -> None:
    """SEC-2: what nobody had is nobody's."""
    asked = whole_range(hands)
    mine = counted(hands, asked, Scope(teams=frozenset({"Night Desk"})))
    theirs = [one for one in naive(everything, asked) if one.team_name == "Night Desk"]

    assert {group.team for group in mine.groups} == {"Night Desk"}
    assert mine.total[rules.POSTED] == len(theirs)


def test_a_first_report_counts_in_steps_the_newest_days_first() -> None:
    """No answer counts more than a step and the day that it is in."""
    with world(sessions=100) as fresh:
        asked = whole_range(fresh)
        one = reporting.report(fresh.broker.world, Scope(), asked, step=20)
        two = reporting.report(fresh.broker.world, Scope(), asked, step=20)

    assert 0 < one.counted < two.counted < len(rules.days(asked.first, asked.last))
    assert asked.last in one.by_day


class Meddler:
    """A store in which something happens just before the nth time that somebody writes."""

    def __init__(self, store: Store, nth: int, happens: Callable[[], object]) -> None:
        self.store = store
        self.reads_beside = store.reads_beside
        self.left = nth
        self.happens = happens

    def reading(self) -> AbstractContextManager[Transaction]:
        """Read as ever."""
        return self.store.reading()

    def writing(self) -> AbstractContextManager[Transaction]:
        """Write, perhaps after the meddling."""
        self.left -= 1
        if self.left == 0:
            self.happens()
        return self.store.writing()


def test_a_day_is_not_kept_where_a_session_came_while_it_was_counted() -> None:
    """Else the number would be wrong for good: the other report has seen that change."""
    with world() as hands:
        hands.post()
        today = hands.broker.clock.now().date()
        asked = Asked(today, today, hands.portal)

        def meanwhile() -> None:
            hands.post()
            reporting.report(hands.broker.world, Scope(), asked)

        meddled = replace(hands.broker.world, store=Meddler(hands.broker.world.store, 2, meanwhile))
        reporting.report(meddled, Scope(), asked)
        after = reporting.report(hands.broker.world, Scope(), asked)

    assert after.total[rules.POSTED] == 2


class AgainstTheWalk(RuleBasedStateMachine):
    """Reports stay true while sessions come, end, are rated and are purged."""

    def __init__(self) -> None:
        super().__init__()
        self.opened = world(sessions=20)
        self.hands = self.opened.__enter__()
        self.numbers: list[int] = []

    def teardown(self) -> None:
        """Close the world."""
        self.opened.__exit__(None, None, None)

    @rule()
    def post(self) -> None:
        self.numbers.append(self.hands.post())

    @rule(
        act=st.sampled_from(["accept", "start", "end", "abandon", "fail", "survey"]),
        nth=st.integers(0, 3),
    )
    def go_on(self, act: str, nth: int) -> None:
        more = {"customerRatings": [{"label": "Stars", "value": "4"}]} if act == "survey" else {}
        for number in self.numbers[-1 - nth : len(self.numbers) - nth]:
            with suppress(Refused):  # what does not follow changes nothing
                self.hands.act(act, sessionId=number, **more)

    @rule(days=st.sampled_from([0.01, 1, 30, 89]))
    def wait(self, days: float) -> None:
        self.hands.pass_time(timedelta(days=days))

    @rule()
    def purge(self) -> None:
        sweeper.sweep(self.hands.broker.world)

    @rule()
    def remember_more(self) -> None:
        self.hands.broker.tester.add_past(5, 40)

    @rule(step=st.sampled_from([1, 20]))
    def ask_a_little(self, step: int) -> None:
        reporting.report(self.hands.broker.world, Scope(), whole_range(self.hands), step)

    @invariant()
    def agrees(self) -> None:
        asked = whole_range(self.hands)
        found = counted(self.hands, asked)
        expected = rules.summed(rules.count(one) for one in naive(stored(self.hands), asked))
        assert dict(found.groups) == expected


AgainstTheWalk.TestCase.settings = settings(max_examples=6, stateful_step_count=12)
TestAgainstTheWalk = AgainstTheWalk.TestCase

"""CHAN-1: relays and recorders that die while pages talk, against a model of what was said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from broker_sim.core.channel import Party
from broker_sim.tests.channel_stage import Page, Pages, Stage, pages
from broker_sim.tests.worlds import Hands, world

pytestmark = pytest.mark.foreign
nth = st.integers(0, 30)


@pytest.fixture(scope="module")
def hands() -> Iterator[Hands]:
    with world() as made:
        yield made


@pytest.fixture(scope="module")
def node() -> Iterator[Pages]:
    with pages() as process:
        yield process


class Talking(RuleBasedStateMachine):
    """Pages of both parties, whose requests, relay and recorder are in the test's hand."""

    def __init__(self, hands: Hands, node: Pages) -> None:
        super().__init__()
        self.hands, self.node = hands, node
        self.said = 0

    @initialize()
    def begin(self) -> None:
        self.stage = Stage(self.hands, self.node)
        for party in (Party.CUSTOMER, Party.CUSTOMER, Party.REP):
            self.stage.open(party)
        self.stage.settle()

    def page(self, which: int) -> Page:
        living = [*self.stage.pages.values()]
        return living[which % len(living)]

    @rule(which=nth)
    def say(self, which: int) -> None:
        self.said += 1
        self.stage.say(self.page(which), f"word {self.said}")

    @rule(which=nth)
    def type(self, which: int) -> None:
        self.said += 1
        self.stage.type(self.page(which), self.said)

    @rule(which=nth, ask=nth, how=st.sampled_from(["whole", "whole", "lost", "late"]))
    def answer(self, which: int, ask: int, how: str) -> None:
        page = self.page(which)
        if page.asks:
            self.stage.pass_on(page, [*page.asks][ask % len(page.asks)], how)

    @rule(which=nth, times=st.integers(1, 6))
    def go_on(self, which: int, times: int) -> None:
        for _ in range(times):
            self.stage.pass_all(self.page(which))

    @rule()
    def all_go_on(self) -> None:
        for page in [*self.stage.pages.values()]:
            self.stage.pass_all(page)

    @rule(slowly=st.booleans())
    def follow(self, slowly: bool) -> None:
        if slowly:
            self.stage.follow_slowly()
        else:
            self.stage.follow()

    @rule()
    def kill_relay(self) -> None:
        self.stage.kill_relay()

    @rule()
    def kill_recorder(self) -> None:
        self.stage.kill_recorder()

    @precondition(lambda self: len(self.stage.pages) < 5)
    @rule(party=st.sampled_from([Party.CUSTOMER, Party.REP]))
    def open(self, party: Party) -> None:
        self.stage.open(party)

    @precondition(lambda self: len(self.stage.pages) > 2)
    @rule(which=nth)
    def close(self, which: int) -> None:
        self.stage.close(self.page(which))

    @invariant()
    def nothing_is_recorded_or_shown_twice(self) -> None:
        shown = [one for page in self.stage.pages.values() for one in (page.talk, page.typing)]
        for found in (self.stage.record(), *shown):
            assert len({*found}) == len(found), found

    def teardown(self) -> None:
        try:
            self.stage.settle()
            record = self.stage.record()
            for page in self.stage.pages.values():
                assert page.sent == page.said
                assert [word for word in record if word in page.said] == page.said
                assert page.talk == record
            self.nothing_is_recorded_or_shown_twice()
        finally:
            self.stage.end()


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_pages_send_again_in_any_order(hands: Hands, node: Pages, order: Sequence[int]) -> None:
    """CHAN-1: what a relay had taken, and nobody had read; their numbers do not meet."""
    stage = Stage(hands, node)
    shown = [stage.open(party) for party in (Party.CUSTOMER, Party.CUSTOMER, Party.REP)]
    stage.settle()
    for nth in range(3):
        for page in shown:
            stage.say(page, f"{shown.index(page)} {nth}")
            stage.pass_all(page)
    assert [page.sent for page in shown] == [page.said for page in shown]
    stage.kill_relay()
    stage.follow()
    for page in (shown[at] for at in order):
        for _ in range(10):
            stage.pass_all(page)
    stage.settle()
    assert sorted(stage.record()) == sorted(word for page in shown for word in page.said)
    assert [page.talk for page in shown] == [stage.record()] * 3
    stage.end()


def test_what_the_recorder_has_read_of_a_dead_relay_comes_first(hands: Hands, node: Pages) -> None:
    """CHAN-1: it stores it later than the next relay takes other words; pages show its order."""
    stage = Stage(hands, node)
    one, other, rep = (stage.open(party) for party in (Party.CUSTOMER, Party.CUSTOMER, Party.REP))
    stage.settle()
    stage.say(one, "first")
    stage.pass_all(one)
    stage.follow_slowly()
    stage.kill_relay()
    stage.say(other, "second")
    for page in (other, rep, one):
        for _ in range(10):
            stage.pass_all(page)
    stage.settle()
    assert stage.record() == ["first", "second"]
    assert [page.talk for page in (one, other, rep)] == [stage.record()] * 3
    stage.end()


def test_what_is_sent_again_is_told_once(hands: Hands, node: Pages) -> None:
    """CHAN-1: a pointer that was moved is not moved again by what a dead relay had passed on."""
    stage = Stage(hands, node)
    one, rep = stage.open(Party.CUSTOMER), stage.open(Party.REP)
    stage.settle()
    for nth in (1, 2):  # the first is stored, as its source was new
        stage.type(rep, nth)
        stage.settle()
    stage.kill_recorder()
    stage.kill_relay()
    stage.settle()
    stage.type(rep, 3)
    stage.settle()
    assert one.typing == [1, 2, 3]
    stage.end()


def test_an_answer_of_a_dead_relay_does_not_count(hands: Hands, node: Pages) -> None:
    """CHAN-1: it comes when the page knows the next relay, which has nothing of it."""
    stage = Stage(hands, node)
    one, rep = stage.open(Party.CUSTOMER), stage.open(Party.REP)
    stage.settle()
    stage.say(one, "word")
    post = next(ask for ask, asked in one.asks.items() if asked["method"] == "POST")
    stage.pass_on(one, post, "late")
    stage.kill_relay()
    for _ in range(10):
        stage.pass_all(one, late_too=False)
        stage.follow()
    stage.settle()
    assert stage.record() == one.talk == rep.talk == ["word"]
    stage.end()


def test_a_relay_that_dies_loses_doubles_and_swaps_no_word(hands: Hands, node: Pages) -> None:
    """CHAN-1, AGENT-2: what `send` gave true for is recorded once; each page shows the record."""
    run_state_machine_as_test(
        lambda: Talking(hands, node),  # type: ignore[arg-type]  # it takes any factory, and says so
        settings=settings(
            max_examples=100,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )

"""AGENT-1, PORTAL-3: the desk's live news, by a long poll that holds no thread."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from broker_sim.testing import RunningBroker, running_broker
from broker_sim.tests.desk_pages import DeskPage, ask_for_help, in_session, rep


@pytest.fixture
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


@pytest.fixture
def desk(broker: RunningBroker) -> DeskPage:
    return rep(broker).sit_down()


def news(desk: DeskPage, since: int, wait: int = 0) -> Any:
    return desk.read("/events", since=since, wait=wait)


def kinds(told: Any) -> list[tuple[str, int]]:
    assert not told["missed"]
    return [(event["kind"], event["sessionId"]) for event in told["events"]]


def test_a_desk_hears_of_what_happens_behind_what_it_has_read(
    broker: RunningBroker, desk: DeskPage
) -> None:
    """AGENT-1: the desk's cursor and its content are of one instant."""
    cursor = desk.state()["cursor"]
    assert kinds(news(desk, cursor)) == []
    customer, number = ask_for_help(broker)
    assert kinds(news(desk, cursor)) == [("RequestWaiting", number)]
    state = desk.state()
    assert [one["sessionId"] for one in state["alerts"]] == [number]
    assert kinds(news(desk, state["cursor"])) == []
    desk.do("acceptRequest", number)
    customer.get(customer.answer.url).send("I agree, begin")
    assert kinds(news(desk, state["cursor"])) == [("Accepted", number), ("Started", number)]


def test_who_waits_is_answered_when_something_comes(broker: RunningBroker, desk: DeskPage) -> None:
    """PORTAL-3: long before the wait is over."""
    cursor = desk.state()["cursor"]
    with ThreadPoolExecutor(1) as pool:
        began = time.perf_counter()
        waiting = pool.submit(news, desk, cursor, 20)
        _, number = ask_for_help(broker)
        assert kinds(waiting.result(10)) == [("RequestWaiting", number)]
        assert time.perf_counter() - began < 8


def test_a_desk_without_news_is_told_so_when_its_wait_is_over(desk: DeskPage) -> None:
    began = time.perf_counter()
    assert news(desk, desk.state()["cursor"], 1) == {"missed": False, "events": []}
    assert time.perf_counter() - began >= 0.9


def test_twenty_desks_that_wait_do_not_hold_up_a_page(broker: RunningBroker) -> None:
    """AGENT-1: a wait takes no thread of those that make the pages."""
    desk = rep(broker).sit_down()
    cursor = desk.state()["cursor"]
    with ThreadPoolExecutor(20) as pool:
        waiting = [pool.submit(desk.ask, "/events", since=cursor, wait=8) for _ in range(20)]
        assert rep(broker, 1).log_in().token
        assert not any(one.done() for one in waiting)
        ask_for_help(broker)
        told = [one.result(10).json()["events"] for one in waiting]
    assert {len(events) for events in told} == {1}


def test_a_second_window_that_missed_something_is_told_so(
    broker: RunningBroker, desk: DeskPage
) -> None:
    """AGENT-1: what one window has dealt with is forgotten; the other reads the desk anew."""
    cursor = desk.state()["cursor"]
    ask_for_help(broker)
    ask_for_help(broker)
    news(desk, cursor + 1)
    assert news(desk, cursor) == {"missed": True, "events": []}
    news(desk, cursor + 2)
    assert news(desk, cursor)["missed"]
    assert news(desk, cursor + 3) == {"missed": True, "events": []}
    assert not news(desk, desk.state()["cursor"])["missed"]


def test_a_window_of_an_earlier_login_is_told_so(broker: RunningBroker, desk: DeskPage) -> None:
    """AGENT-1, SEC-2: the browser's cookie is another one's by now; the window is not."""
    before, other = {"X-Desk-Token": desk.token}, rep(broker, 1)
    desk.browser.send("Log off")
    other.browser = desk.browser
    other.log_in()
    now = {"X-Desk-Token": other.token}

    def ask(path: str, token: dict[str, str]) -> Any:
        given = {"since": 0, "wait": 0}
        return other.http.get(other.home + path, params=given, headers=token, timeout=10).json()

    assert ask("/events", before) == {"missed": True, "events": []}
    assert ask("/events", now) == ask("/events", {}) == {"missed": False, "events": []}
    assert ask("/state", before)["elsewhere"]
    assert not ask("/state", now)["elsewhere"]
    assert not ask("/state", {})["elsewhere"]


def test_a_window_that_waits_is_told_that_the_world_was_restored(
    broker: RunningBroker, desk: DeskPage
) -> None:
    """AGENT-1: at once; it heard of nothing until as much had happened again."""
    snapshots = broker.worlds.hand("default").snapshots
    snapshots.take("here")
    ask_for_help(broker)
    cursor = desk.state()["cursor"]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(news, desk, cursor, 20)
        time.sleep(0.3)  # noqa: TID251  so that it waits already
        snapshots.restore("here")
        assert waiting.result(5) == {"missed": True, "events": []}


def test_a_connection_that_ends_ends_the_wait(desk: DeskPage) -> None:
    """CONN-3: at once, with the fault of the service."""
    cursor = desk.state()["cursor"]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(desk.ask, "/events", since=cursor, wait=20)
        time.sleep(0.3)  # noqa: TID251  so that it waits already
        desk.browser.send("Log off")
        answer = waiting.result(10)
    assert (answer.status_code, answer.json()["fault"]) == (401, "ConnectionExpired")


@pytest.mark.parametrize(
    "query", ["since=-1", "since=x", "since=", "since=1&wait=1.5", "since=" + "9" * 40]
)
def test_what_is_no_place_in_the_news_is_refused(desk: DeskPage, query: str) -> None:
    answer = desk.http.get(f"{desk.home}/events?{query}", timeout=10)
    assert answer.status_code == 400
    assert answer.json()["message"].endswith("must be a whole number.")


def test_nobody_else_is_told_anything(broker: RunningBroker, desk: DeskPage) -> None:
    """CONN-3, CONN-4: without a connection, or with a made-up one."""
    _, number = in_session(desk)
    stranger = DeskPage(broker, "", "")
    assert stranger.ask("/events", since=0).status_code == 401
    stranger.http.cookies.set("helpalert", "made.up", path="/helpalert")
    assert stranger.ask("/events", since=0).json()["fault"] == "InvalidConnection"
    other = rep(broker, 1).sit_down()
    assert (other.state()["sessions"], other.state(also=str(number))["sessions"]) == ([], [])
    assert desk.http.post(f"{desk.home}/events", timeout=10).status_code == 405


def test_a_desk_goes_on_after_a_restart_of_the_broker() -> None:
    """CONN-2, AGENT-1: connection, cursor and what happened meanwhile are kept."""
    with running_broker(store="file") as broker:
        desk = rep(broker).sit_down()
        _, number = in_session(desk)
        cursor = desk.state()["cursor"]
        ask_for_help(broker)
        broker.restart()
        assert [kind for kind, _ in kinds(news(desk, cursor))] == ["RequestWaiting"]
        desk.do("sendChat", number, text="Still here")
        assert [line["text"] for line in desk.session(number)["talk"]] == ["Still here"]


def test_each_world_has_desks_of_its_own(broker: RunningBroker) -> None:
    """CONN-4: below its path, with a cookie of its own, in one browser."""
    with broker.world(8) as other:
        here = rep(broker).log_in()
        email, password = other.rep_logins[0]
        there = DeskPage(broker, email, password, other.url, here.browser)
        there.log_in()
        assert there.state()["representative"]["email"] == email
        assert here.state()["representative"]["email"] == here.email
        assert there.post("setAvailability", {"available": True}).status_code == 200
        assert here.post("setAvailability", {"available": True}).status_code == 200

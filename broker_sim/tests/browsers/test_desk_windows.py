"""AGENT-1: two windows of a desk, and lost answers: nothing is lost, nothing done twice."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from broker_sim.core.record import Event
from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.eyes import Watch
from broker_sim.tests.browsers.people import SOON_MS, sits_down, staff_of
from broker_sim.tests.browsers.test_helpalert_desk import begins, posts, request

LOST = ("net::ERR_FAILED", "Failed to load resource")


def pushed(broker: BrokerWorld, number: int) -> int:
    """Count the pages that the customer was shown."""
    with broker.tester.world.store.reading() as tx:
        held = tx.held(number)
    assert held is not None
    return sum(event.kind is Event.URL_PUSHED for event in held.session.events)


def shows_a_page(rep: Page) -> None:
    rep.locator("[data-tool=page]").click()
    rep.locator("#page-dialog [name=url]").fill("https://www.example.com/help")
    rep.locator("#page-dialog [type=submit]").click()


def test_what_was_done_does_not_count_as_failed_where_the_desk_cannot_be_read(
    broker: BrokerWorld, rep: Page, watch: Watch
) -> None:
    """AGENT-1, AGENT-2: it said "try again", and the customer got it twice."""
    watch.allow(*LOST)
    sits_down(rep, broker)
    posts(broker, "Ada")
    expect(request(rep, "Ada")).to_be_visible(timeout=SOON_MS)
    number = begins(rep, broker, "Eva")
    rep.route("**/helpalert/state*", lambda route: route.abort())
    shows_a_page(rep)
    expect(rep.locator("#page-dialog")).to_be_hidden()
    request(rep, "Ada").get_by_role("button", name="Accept").click()
    rep.wait_for_timeout(500)
    rep.unroute("**/helpalert/state*")

    expect(request(rep, "Ada")).to_have_count(0, timeout=SOON_MS)
    expect(rep.locator("#sessions button")).to_have_count(2)
    assert pushed(broker, number) == 1


def test_of_a_lost_answer_it_is_said_that_it_may_be_done(
    broker: BrokerWorld, rep: Page, watch: Watch
) -> None:
    """AGENT-1, AGENT-2: and the desk shows by itself whether it is."""
    watch.allow(*LOST)
    sits_down(rep, broker)
    number = begins(rep, broker, "Eva")

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    rep.route("**/pushUrl", lose)
    shows_a_page(rep)
    expect(rep.locator("#page-dialog .problem-line")).to_contain_text("not known whether")
    rep.keyboard.press("Escape")
    expect(rep.locator("#talk")).to_contain_text("You have shown a page", timeout=SOON_MS)
    assert pushed(broker, number) == 1


def test_a_window_from_before_another_login_becomes_that_login_s(
    broker: BrokerWorld, rep: Page, watch: Watch
) -> None:
    """AGENT-1, SEC-2: it slept meanwhile; under one name it showed the desk of the other."""
    watch.allow(*LOST)
    first, second = staff_of(broker)[:2]
    rep.route("**/helpalert/events*", lambda route: route.abort())
    sits_down(rep, broker, first)
    other = rep.context.new_page()
    other.goto(rep.url)
    other.get_by_role("button", name="Log off").click()
    sits_down(other, broker, second)
    rep.unroute("**/helpalert/events*")

    expect(rep.locator("#desk")).to_have_attribute("data-rep", second, timeout=30_000)
    switch = rep.get_by_role("switch", name="Take requests")
    switch.click()
    expect(switch).not_to_be_checked()
    expect(other.get_by_role("switch", name="Take requests")).not_to_be_checked()

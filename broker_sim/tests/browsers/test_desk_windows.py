"""AGENT-1: two windows of a desk, and lost answers: nothing is lost, nothing done twice."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from broker_sim.core.record import Event
from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.eyes import Watch
from broker_sim.tests.browsers.people import SOON_MS, sits_down, staff_of
from broker_sim.tests.browsers.records import kinds, record
from broker_sim.tests.browsers.test_helpalert_desk import begins, posts, request

LOST = ("net::ERR_FAILED", "Failed to load resource")


def pushed(broker: BrokerWorld, number: int) -> int:
    """Count the pages that the customer was shown."""
    return kinds(broker, number).count(Event.URL_PUSHED)


def is_over(broker: BrokerWorld, number: int) -> bool:
    return record(broker, number).ended is not None


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


def test_a_dialog_is_about_the_session_that_it_was_opened_in(
    broker: BrokerWorld, rep: Page
) -> None:
    """AGENT-2: an accepted request opens another session behind it; that one was ended instead."""
    sits_down(rep, broker)
    number = begins(rep, broker, "Eva")
    other = posts(broker, "Ada")
    held: list[Route] = []
    rep.route("**/acceptRequest", lambda route: held.append(route))  # noqa: PLW0108  not a builtin: it is looked into
    request(rep, "Ada").get_by_role("button", name="Accept").click(timeout=SOON_MS)
    rep.locator("[data-tool=end]").click()
    expect(rep.locator("#end-dialog")).to_be_visible()
    held[0].continue_()
    expect(rep.locator("#session-name")).to_have_text("Ada", timeout=SOON_MS)
    broker.tester.perform("start", {"sessionId": other})
    expect(rep.locator("#session-stage")).to_have_text("in session", timeout=SOON_MS)
    rep.locator("#end-dialog").get_by_role("button", name="End the session").click()
    expect(rep.locator("#end-dialog")).to_be_hidden()

    assert [is_over(broker, one) for one in (number, other)] == [True, False]

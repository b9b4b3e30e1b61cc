"""PORTAL-4, PORTAL-5, CHAN-1: a customer's session in a real browser, from form to survey."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import pytest
from playwright.sync_api import Page, Route, expect

from broker_sim.core.record import Session
from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.eyes import Watch
from broker_sim.tests.browsers.people import agrees
from broker_sim.tests.browsers.records import kinds
from broker_sim.tests.browsers.waits import until

Visit = Callable[..., Page]
MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Case:
    """One customer's session: the browser, and the tester's hand at the other end."""

    broker: BrokerWorld
    page: Page

    def launch(self, **more: str) -> None:
        """Fill in the form of the first portal, and send it."""
        self.page.goto(f"{self.broker.url}/h/{self.broker.logins[0][0]}")
        for label, text in {"Name": "Eva", "How can we help you?": "It hums.", **more}.items():
            self.page.get_by_label(label).fill(text)
        self.page.get_by_role("button", name="Ask for help").click()
        expect(self.page.get_by_role("heading", name="Please wait")).to_be_visible()

    @property
    def number(self) -> int:
        return int(self.page.locator(".stage").get_attribute("data-session") or 0)

    def act(self, act: str, /, number: int | None = None, **given: object) -> Session:
        target = {"sessionId": number or self.number}
        return self.broker.tester.perform(act, {**target, **given})

    def talk(self, **more: str) -> None:
        """Launch, be accepted, agree."""
        self.launch(**more)
        self.act("accept")
        agrees(self.page)

    @property
    def log(self) -> Any:
        return self.page.get_by_role("log", name="What was said")

    def kinds(self) -> list[str]:
        return [kind.value for kind in kinds(self.broker, self.number)]


@pytest.fixture
def case(broker: BrokerWorld, customer: Page) -> Case:
    return Case(broker, customer)


def test_a_session_goes_from_form_to_survey_without_a_new_page(case: Case) -> None:
    """PORTAL-4, PORTAL-5: each stage comes by itself, and its heading is read out."""
    case.launch()
    case.page.evaluate("() => { window.same = true }")
    case.act("accept")
    heading = case.page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("can help you now")
    expect(heading).to_be_focused()
    expect(case.page.locator("#news")).to_contain_text("can help you now")

    with case.page.expect_response("**/channel"):
        case.page.get_by_role("button", name="I agree, begin").click()
        expect(case.page.get_by_text("Simulated: nothing is downloaded")).to_be_visible()
    expect(case.page.get_by_label("Your message")).to_be_visible()
    case.act("end", resolution="Resolved")
    expect(heading).to_have_text("The session has ended")
    assert case.page.evaluate("() => window.same")

    case.page.get_by_role("link", name="Tell us how it was").click()
    case.page.get_by_label("Very satisfied").check()
    case.page.get_by_role("button", name="Send").click()
    expect(heading).to_have_text("Thank you")


def test_the_place_in_the_queue_counts_down_by_itself(case: Case, visit: Visit) -> None:
    """PORTAL-4: for eyes and for screen readers."""
    first = Case(case.broker, visit())
    first.launch()
    case.launch()
    place = case.page.locator("[data-place]")
    expect(place).to_have_text("2")
    expect(case.page.get_by_text("1 person is before you.")).to_be_visible()

    first.act("accept")
    expect(place).to_have_text("1")
    expect(case.page.locator("#news")).to_have_text(
        "Your place in the queue is now 1. You are next."
    )


def test_what_is_said_goes_both_ways(case: Case) -> None:
    """CHAN-1, AGENT-2: over the channel, in one order, once each; links and files can be had."""
    case.talk()
    case.page.get_by_label("Your message").fill("It hums, still.")
    case.page.keyboard.press("Enter")
    expect(case.log.get_by_text("It hums, still.")).to_have_count(1)
    case.act("chat", speaker="representative", text="Please look here:")
    case.act("pushUrl", url="https://example.com/help?a=1&b=2")
    expect(case.log.get_by_text("Please look here:")).to_have_count(1)

    link = case.log.get_by_role("link", name="https://example.com/help?a=1&b=2")
    assert link.get_attribute("rel") == "noopener noreferrer"
    assert link.get_attribute("href") == "https://example.com/help?a=1&b=2"
    assert case.kinds()[-3:] == ["Chat", "Chat", "UrlPushed"]
    case.page.reload()
    expect(case.log.get_by_role("listitem")).to_have_count(3)


def test_the_customer_ends_screen_sharing_at_any_time(case: Case) -> None:
    """PORTAL-4: a banner nobody overlooks, a button within reach of the keyboard."""
    case.talk()
    banner = case.page.get_by_text("can see your screen.").first
    expect(banner).to_be_hidden()
    case.act("screen", on=True)
    expect(banner).to_be_visible()
    expect(case.page.get_by_label("Simulated screen of your computer")).to_be_visible()

    stop = case.page.get_by_role("button", name="Stop sharing my screen")
    stop.focus()
    case.page.keyboard.press("Enter")
    expect(stop).to_be_hidden()
    assert case.kinds()[-2:] == ["ScreenSharingOn", "ScreenSharingOff"]


@pytest.mark.parametrize("on", [True, False])
def test_sharing_that_began_or_ended_unheard_is_in_the_lines(case: Case, on: bool) -> None:
    """CHAN-1, PORTAL-4: the relay loses the event; the next one says so, and the broker knows."""
    lost: list[int] = []
    losing = [False]

    def lose(route: Route) -> None:
        answer = route.fetch()
        body = answer.body()
        if losing[0] and body:
            lost.append(len(body))
        route.fulfill(response=answer, body=b"" if losing[0] else body)

    case.page.route(re.compile(r"/relay/[^/]+\?"), lose)
    case.talk()
    banner = case.page.get_by_text("can see your screen.").first
    if not on:
        case.act("screen", on=True)
        expect(banner).to_be_visible()
    losing[0] = True
    case.act("screen", on=on)
    until(case.page, lambda: lost)
    losing[0] = False
    case.act("chat", speaker="representative", text="Now?")

    expect(case.log.get_by_text("Now?")).to_be_visible()
    expect(banner).to_be_visible(visible=on)
    case.page.unroute_all(behavior="ignoreErrors")


def test_a_transfer_takes_the_customer_along(case: Case) -> None:
    """SESS-3: who was talked with before, and that there is a new representative, is to be seen."""
    case.talk()
    case.act("chat", speaker="representative", text="I hand you on.")
    before = case.page.url
    successor = case.act("transfer", subPortal=other_desk(case.broker)).session_id
    expect(case.page.get_by_role("heading", name="Please wait")).to_be_visible()
    expect(case.page.get_by_text("You are being handed on")).to_be_visible()
    assert case.page.url != before

    case.act("accept", successor)
    expect(case.page.get_by_text("Chat with new representative")).to_be_visible()
    case.page.get_by_role("button", name="I agree, begin").click()
    expect(case.log.get_by_text("I hand you on.")).to_be_visible()
    expect(case.log.get_by_text("Chat with new representative")).to_be_visible()


def other_desk(broker: BrokerWorld) -> str:
    with broker.tester.world.store.reading() as tx:
        portal = tx.portal(broker.logins[0][0])
    assert portal is not None
    return portal.sub_portals[-1]


def test_leaving_is_asked_about_and_then_done(case: Case) -> None:
    """SESS-2: a session ends for both, and so not by one slip."""
    case.talk()
    leave = case.page.get_by_role("button", name="Leave")
    leave.click()
    case.page.get_by_role("button", name="Stay").click()
    assert case.kinds()[-1] == "Started"

    leave.click()
    case.page.get_by_role("button", name="End the session").click()
    expect(case.page.get_by_role("heading", name="The session has ended")).to_be_visible()
    assert case.kinds()[-1] == "Ended"


def test_without_scripts_all_of_it_works(broker: BrokerWorld, visit: Visit) -> None:
    """PORTAL-4: form, queue, consent, talk and end by plain forms; pages look by themselves."""
    case = Case(broker, visit(java_script_enabled=False))
    case.launch()
    case.act("accept")
    agree = case.page.get_by_role("button", name="I agree, begin")
    expect(agree).to_be_visible(timeout=10_000)  # the page looks by itself
    agree.click()
    case.page.get_by_label("Your message").fill("Hello")
    case.page.get_by_role("button", name="Send").click()
    talk = case.page.frame_locator("iframe")
    expect(talk.get_by_text("Hello")).to_be_visible()

    case.page.get_by_role("button", name="Leave").click()
    expect(case.page.get_by_role("heading", name="The session has ended")).to_be_visible()


@pytest.mark.parametrize("typed", ["123456789", "123-456 789", "12 34 56 789"])
def test_a_code_is_grouped_as_it_is_typed(case: Case, typed: str) -> None:
    """PHONE-3: so that it is read back as it was told."""
    case.page.goto(f"{case.broker.url}/ph/{case.broker.logins[0][0]}")
    field = case.page.get_by_label("The code that you were told")
    field.press_sequentially(typed)

    expect(field).to_have_value("123 456 789")
    field.press("ArrowLeft")
    field.press("Backspace")
    expect(field).to_have_value("123 456 79")


def test_a_lost_connection_is_said_and_made_up_for(case: Case, watch: Watch) -> None:
    """CHAN-1: what was said meanwhile comes, once."""
    watch.allow("ERR_INTERNET_DISCONNECTED", "Failed to load resource")
    case.talk()
    number = case.number
    case.page.context.set_offline(True)
    expect(case.page.get_by_text("Connecting again …")).to_be_visible()
    case.act("chat", number, speaker="representative", text="Are you there?")
    case.page.context.set_offline(False)

    expect(case.log.get_by_text("Are you there?")).to_have_count(1, timeout=20_000)
    expect(case.page.get_by_text("Connecting again …")).to_be_hidden()


@pytest.mark.parametrize("status", [409, 503])
def test_an_act_that_fails_leads_back_to_the_page(case: Case, watch: Watch, status: int) -> None:
    """PORTAL-4: what came too late, and what the broker could not do; one may try again."""
    watch.allow(f"status of {status}")
    case.launch()
    case.act("accept")
    agree = case.page.get_by_role("button", name="I agree, begin")
    agree.wait_for()
    case.page.route("**/agree", lambda route: route.fulfill(status=status, body="<p>No</p>"))
    agree.click()
    if status == 503:
        expect(case.page.locator("#news")).to_contain_text("could not be sent")
    expect(agree).to_be_enabled()
    case.page.unroute("**/agree")

    agree.click()
    expect(case.page.get_by_label("Your message")).to_be_visible()


def test_of_a_message_without_an_answer_it_is_said_that_it_may_have_arrived(
    case: Case, watch: Watch
) -> None:
    """PORTAL-4: where there is no channel; it said "try again", and was there twice."""
    watch.allow("net::ERR_FAILED", "Failed to load resource", "status of 409")
    case.page.route("**/channel", lambda route: route.fulfill(status=409, body="{}"))
    case.talk()

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    case.page.route("**/say", lose)
    case.page.get_by_label("Your message").fill("Hello?")
    case.page.get_by_role("button", name="Send", exact=True).click()
    news = case.page.locator("#news")
    expect(news).to_contain_text("Perhaps your message was not sent")
    expect(news).to_be_in_viewport(ratio=1)
    assert (news.bounding_box() or {"height": 0})["height"] > 20  # for eyes, too
    expect(case.page.get_by_label("Your message")).to_have_value("Hello?")
    expect(case.log.get_by_text("Hello?")).to_have_count(1)

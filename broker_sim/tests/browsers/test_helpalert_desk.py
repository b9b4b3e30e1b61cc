"""AGENT-1, PORTAL-3: the representative's desk in a real browser, requests and sessions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import pytest
from playwright.sync_api import Locator, Page, expect

from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.eyes import Looks, Watch
from broker_sim.tests.browsers.people import (
    PORTAL,
    SOON_MS,
    log_in,
    queues,
    reads,
    says,
    sits_down,
    staff_of,
)

Axe = Callable[[Page], None]
Visit = Callable[..., Page]
AWKWARD: Final = "</script><img src=x onerror=\"alert('x')\">\u202egpj.exe {{7*7}} "
LONG: Final = "Donaudampfschifffahrtsgesellschaft" * 8
HEBREW: Final = "שלום, המדפסת לא עובדת מאז הבוקר"
# Counts the tones that a page plays; a browser without speakers plays none.
EAR: Final = """
window.tones = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) {
  window.tones += 1;
  return start.apply(this, when);
};
"""


def posts(broker: BrokerWorld, name: str, question: str = "Why?", **entries: str) -> int:
    """Launch a request, without a browser."""
    values = [{"label": label, "value": text} for label, text in {"Name": name, **entries}.items()]
    given = {
        "portal": PORTAL,
        "subPortal": queues(broker)[0],
        "question": question,
        "smartBoxEntries": values,
    }
    return broker.tester.perform("post", given).session_id


def begins(rep: Page, broker: BrokerWorld, name: str, **entries: str) -> int:
    """Have a request of that customer accepted at the desk, and agreed to."""
    number = posts(broker, name, **entries)
    request(rep, name).get_by_role("button", name="Accept").click(timeout=SOON_MS)
    expect(rep.locator("#session-name")).to_have_text(name)
    broker.tester.perform("start", {"sessionId": number})
    expect(rep.locator("#session-stage")).to_have_text("in session", timeout=SOON_MS)
    return number


def request(rep: Page, name: str) -> Locator:
    """Give the request of a customer at the desk."""
    return rep.locator("#alerts > li").filter(has=rep.get_by_text(name, exact=True))


def hears(broker: BrokerWorld, number: int, text: str) -> None:
    """Let the customer say something."""
    broker.tester.perform("chat", {"sessionId": number, "text": text})


def test_a_request_shows_what_was_filled_in_rings_and_is_taken_by_a_key(
    broker: BrokerWorld, rep: Page, axe: Axe
) -> None:
    """PORTAL-3: after a gesture there is a sound, until the request is taken; the title counts."""
    rep.add_init_script(EAR)
    sits_down(rep, broker)
    posts(broker, "Ada", "It smokes.", Company="Ada & Co")
    card = request(rep, "Ada")
    expect(card).to_contain_text("It smokes.", timeout=SOON_MS)
    card.get_by_text("1 more entry").click()
    expect(card).to_contain_text("Ada & Co")
    expect(rep.locator("#say-now")).to_have_text("New request from Ada: It smokes.")
    assert rep.evaluate("() => window.tones") >= 2
    assert rep.title().startswith(("(1)", "●"))
    axe(rep)
    rep.keyboard.press("a")
    expect(rep.locator("#session-stage")).to_have_text("waits for consent")
    expect(card).to_have_count(0)
    assert rep.title() == "Representative's desk"


def test_a_muted_desk_makes_no_sound(broker: BrokerWorld, rep: Page) -> None:
    rep.add_init_script(EAR)
    sits_down(rep, broker)
    rep.keyboard.press("m")
    expect(rep.locator("#sound")).to_have_attribute("aria-pressed", "false")
    posts(broker, "Ada")
    expect(request(rep, "Ada")).to_be_visible(timeout=SOON_MS)
    rep.wait_for_timeout(300)
    assert rep.evaluate("() => window.tones") == 0


def test_whatever_a_customer_types_is_text(
    broker: BrokerWorld, rep: Page, look: Looks, axe: Axe
) -> None:
    """SEC-2: the watch over the browser sees any script, picture or style that it makes."""
    sits_down(rep, broker)
    posts(broker, AWKWARD + LONG, AWKWARD + LONG, **{LONG: LONG})
    posts(broker, HEBREW, HEBREW)
    number = begins(rep, broker, AWKWARD, **{AWKWARD: AWKWARD + LONG, "Company": HEBREW})
    for text in (AWKWARD, LONG, HEBREW, "Fine."):
        hears(broker, number, text)
    said = reads(rep, AWKWARD)
    expect(rep.locator("#facts-body")).to_contain_text(AWKWARD)
    says(rep, HEBREW)
    expect(rep.locator("#talk li.own")).to_contain_text(HEBREW)
    assert said.locator("img, script").count() == 0
    assert rep.locator("#desk img, #desk script").count() == 0
    look(rep, "desk-awkward")
    axe(rep)
    for area in ("middle", "facts"):
        rep.set_viewport_size({"width": 390, "height": 844})
        rep.locator(f"#areas [data-area={area}]").click()
        look(rep, f"desk-awkward-{area}")


def test_several_sessions_are_tabs_that_mark_what_is_unread(broker: BrokerWorld, rep: Page) -> None:
    """AGENT-1: and a reload shows what was shown, once."""
    sits_down(rep, broker)
    eva, ida = begins(rep, broker, "Eva"), begins(rep, broker, "Ida")
    hears(broker, ida, "I am here")
    reads(rep, "I am here")
    hears(broker, eva, "And I")
    hears(broker, eva, "Hello?")
    tab = rep.get_by_role("tab", name="Eva")
    expect(tab.locator(".unread")).to_have_text("2", timeout=SOON_MS)
    rep.reload()
    expect(rep.locator("#session-name")).to_have_text("Ida")
    expect(rep.locator("#talk li")).to_have_count(1)
    expect(tab.locator(".unread")).to_have_text("2")
    rep.get_by_label("Your message").fill("Not sent yet")
    tab.click()
    expect(tab.locator(".unread")).to_be_hidden()
    expect(rep.locator("#talk li")).to_have_count(2)
    expect(rep.get_by_label("Your message")).to_have_value("")
    rep.get_by_role("tab", name="Ida").click()
    expect(rep.get_by_label("Your message")).to_have_value("Not sent yet")


def test_two_windows_of_one_desk_show_the_same(
    broker: BrokerWorld, rep: Page, watch: Watch
) -> None:
    """AGENT-1, CHAN-1: what is done in one is seen in the other, once."""
    watch.allow("status of 409")  # the relay tells who sends second how to number on
    sits_down(rep, broker)
    other = rep.context.new_page()
    other.goto(rep.url)
    number = begins(rep, broker, "Eva")
    expect(other.locator("#session-name")).to_have_text("Eva", timeout=SOON_MS)
    says(rep, "From the first")
    reads(other, "From the first")
    says(other, "From the second")
    reads(rep, "From the second")
    hears(broker, number, "From me")
    for page in (rep, other):
        reads(page, "From me")
        expect(page.locator("#talk li")).to_have_count(3)
    posts(broker, "Ida")
    for page in (rep, other):
        expect(request(page, "Ida")).to_be_visible(timeout=SOON_MS)
    rep.keyboard.press("Escape")
    request(rep, "Ida").get_by_role("button", name="Decline").click()
    for page in (rep, other):
        expect(request(page, "Ida")).to_have_count(0, timeout=SOON_MS)


def test_a_lost_network_is_said_and_nothing_is_lost_or_doubled(
    broker: BrokerWorld, rep: Page, watch: Watch
) -> None:
    """AGENT-1, CHAN-1: what happened meanwhile is there afterwards, once."""
    watch.allow("net::ERR_INTERNET_DISCONNECTED", "Failed to load resource")
    sits_down(rep, broker)
    number = begins(rep, broker, "Eva")
    hears(broker, number, "Before")
    reads(rep, "Before")
    rep.context.set_offline(True)
    hears(broker, number, "Meanwhile")
    posts(broker, "Ada")
    expect(rep.locator("#link")).to_have_text("No connection. Trying again…", timeout=40_000)
    rep.context.set_offline(False)
    expect(request(rep, "Ada")).to_be_visible(timeout=30_000)
    expect(rep.locator("#link")).to_have_text("")
    reads(rep, "Meanwhile")
    hears(broker, number, "After")
    reads(rep, "After")
    expect(rep.locator("#talk li")).to_have_count(3)


def test_a_connection_that_has_ended_leads_to_the_log_in_page(
    broker: BrokerWorld, rep: Page, watch: Watch
) -> None:
    """CONN-2, CONN-3: and the session goes on after it."""
    watch.allow("status of 401")
    sits_down(rep, broker)
    begins(rep, broker, "Eva")
    broker.clock.advance(timedelta(minutes=21))
    expect(rep.get_by_text("Your connection has ended.")).to_be_visible(timeout=40_000)
    email = staff_of(broker)[0]
    log_in(rep, email, dict(broker.rep_logins)[email])
    expect(rep.locator("#session-name")).to_have_text("Eva", timeout=SOON_MS)


def test_without_scripts_the_log_in_works_and_the_desk_says_what_it_needs(
    broker: BrokerWorld, visit: Visit, watch: Watch
) -> None:
    watch.allow("status of 403")
    page = visit(java_script_enabled=False)
    page.goto(f"{broker.url}/helpalert/")
    email = staff_of(broker)[0]
    log_in(page, email, "wrong")
    expect(page.get_by_role("alert")).to_contain_text("is wrong")
    log_in(page, email, dict(broker.rep_logins)[email])
    expect(page.get_by_text("The desk needs JavaScript")).to_be_visible()
    page.get_by_role("button", name="Log off").click()
    expect(page.get_by_text("You are logged off.")).to_be_visible()


@pytest.mark.parametrize("refusal", ["wrong", "locked", "elsewhere"])
def test_each_way_of_not_getting_in_has_a_page(
    broker: BrokerWorld, visit: Visit, look: Looks, axe: Axe, watch: Watch, refusal: str
) -> None:
    """LOGON-2, LOGON-3, CONN-1: what it is, and what to do."""
    watch.allow("the server responded with a status of")
    email = staff_of(broker)[0]
    right = dict(broker.rep_logins)[email]
    page = visit()
    if refusal == "elsewhere":
        sits_down(visit(), broker, email)
    page.goto(f"{broker.url}/helpalert/login")
    for _ in range({"wrong": 1, "locked": 3, "elsewhere": 0}[refusal]):
        log_in(page, email, "wrong")
    if refusal != "wrong":
        log_in(page, email, right)
    words = {"wrong": "is wrong", "locked": "It opens at", "elsewhere": "in use at another place"}
    expect(page.get_by_role("alert")).to_contain_text(words[refusal])
    look(page, f"desk-login-{refusal}")
    axe(page)

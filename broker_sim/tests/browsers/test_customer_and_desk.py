"""PORTAL-3, PORTAL-4, AGENT-1: what the representative does, as the customer's page shows it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.people import SOON_MS, in_session, reads, says


def test_each_sees_that_the_other_types(broker: BrokerWorld, customer: Page, rep: Page) -> None:
    """CHAN-1: while it is so, and no longer than until it is said."""
    in_session(customer, rep, broker)
    rep.get_by_label("Your message").press_sequentially("I look it up")
    typing = customer.locator("[data-typing]")
    expect(typing).to_contain_text("is typing", timeout=SOON_MS)

    says(rep, "I look it up.")
    reads(customer, "I look it up.")
    expect(typing).to_be_empty()


def test_a_computer_restarts_and_comes_back(broker: BrokerWorld, customer: Page, rep: Page) -> None:
    """AGENT-1: the drawn one, with nothing open; the talk says so."""
    number = {"sessionId": in_session(customer, rep, broker)}
    broker.tester.perform("screen", {**number, "on": True})
    screen = customer.get_by_label("Simulated screen of your computer")
    expect(screen).to_be_visible(timeout=SOON_MS)
    broker.tester.perform("reboot", {**number, "reconnected": True})

    reads(customer, "Your computer restarts.")
    reads(customer, "Your computer is back.")
    expect(screen).to_be_visible()
    says(customer, "It is back.")
    reads(rep, "It is back.")


def test_sharing_that_the_customer_ends_is_over_at_the_desk(
    broker: BrokerWorld, customer: Page, rep: Page
) -> None:
    """PORTAL-4: and may begin again, with the computer as it was."""
    number = {"sessionId": in_session(customer, rep, broker)}
    for _ in range(2):
        broker.tester.perform("screen", {**number, "on": True})
        stop = customer.get_by_role("button", name="Stop sharing my screen")
        stop.click(timeout=SOON_MS)
        expect(stop).to_be_hidden()
        reads(rep, "sharing")
    expect(customer.locator("[data-machine] canvas").first).to_be_hidden()


def test_a_page_that_is_loaded_anew_goes_on_sharing(
    broker: BrokerWorld, customer: Page, rep: Page
) -> None:
    """PORTAL-4: the banner is there before anything else, and the picture comes back."""
    number = {"sessionId": in_session(customer, rep, broker)}
    broker.tester.perform("screen", {**number, "on": True})
    stop = customer.get_by_role("button", name="Stop sharing my screen")
    expect(stop).to_be_visible(timeout=SOON_MS)
    customer.reload()

    expect(stop).to_be_visible()
    expect(customer.get_by_label("Simulated screen of your computer")).to_be_visible()

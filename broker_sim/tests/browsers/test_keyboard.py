"""PORTAL-1 to PORTAL-5: a customer who has no pointer comes from the question to the survey."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.people import PORTAL, SOON_MS, reads, staff_of

_MOST_STEPS = 60


def reach(page: Page, target: Locator) -> None:
    """Go on with Tab until something has the focus, and see that one can see it there.

    Raises:
        AssertionError: Tab never comes there, or nothing shows that it did.
    """
    expect(target).to_be_visible(timeout=SOON_MS)
    for _ in range(_MOST_STEPS):
        if target.evaluate("(one) => one === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(target).to_be_focused()
    ring = target.evaluate(
        """(one) => { const shown = getComputedStyle(one);
        return shown.outlineStyle !== "none" || shown.boxShadow !== "none"; }"""
    )
    assert ring or target.get_attribute("type") == "radio", "nothing shows where the focus is"


def fill(page: Page, name: str, text: str) -> None:
    reach(page, page.locator(f"[name='{name}']"))
    page.keyboard.type(text)


def press(page: Page, button: str) -> None:
    reach(page, page.get_by_role("button", name=button, exact=True))
    page.keyboard.press("Enter")


def test_all_of_it_goes_without_a_pointer(broker: BrokerWorld, customer: Page) -> None:
    """Every step shows where the focus is, and Tab reaches what is needed next."""
    customer.goto(f"{broker.url}/h/{PORTAL}")
    reach(customer, customer.locator("[name=SubPortal]"))
    fill(customer, "Name", "Kim Otieno")
    fill(customer, "Question", "The scanner is upside down.")
    press(customer, "Ask for help")
    expect(customer.get_by_role("heading", name="Please wait")).to_be_visible()
    number = accepted(broker)
    press(customer, "I agree, begin")

    reach(customer, customer.get_by_label("Your message"))
    customer.keyboard.type("Hello")
    customer.keyboard.press("Enter")
    reads(customer, "Hello")
    broker.tester.perform("screen", {"sessionId": number, "on": True})
    press(customer, "Stop sharing my screen")
    expect(customer.get_by_role("button", name="Stop sharing my screen")).to_be_hidden()
    broker.tester.perform("end", {"sessionId": number, "resolution": "Resolved"})

    link = customer.get_by_role("link", name="Tell us how it was")
    reach(customer, link)
    customer.keyboard.press("Enter")
    first = customer.locator("fieldset input[type=radio]").first
    reach(customer, first)
    customer.keyboard.press("ArrowRight")
    press(customer, "Send")
    expect(customer.get_by_role("heading", name="Thank you")).to_be_visible()


def accepted(broker: BrokerWorld) -> int:
    """Have somebody take the request that waits; give its session."""
    with broker.tester.world.store.reading() as tx:
        (number,) = (session.session_id for session in tx.waiting(PORTAL))
    rep = staff_of(broker)[0]
    broker.tester.perform("accept", {"sessionId": number, "representative": rep})
    return int(number)

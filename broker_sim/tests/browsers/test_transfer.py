"""AGENT-4: a customer is handed on, and both sessions know of each other."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.eyes import Looks
from broker_sim.tests.browsers.people import (
    SOON_MS,
    agrees,
    in_session,
    manages,
    reads,
    says,
    session_of,
    sits_down,
    staff_of,
)

Axe = Callable[[Page], None]


def test_a_customer_goes_on_with_a_colleague(
    broker: BrokerWorld,
    customer: Page,
    rep: Page,
    manager: Page,
    visit: Callable[[], Page],
    look: Looks,
    axe: Axe,
) -> None:
    """The customer agrees once more; the manager's review links the two sessions."""
    first = in_session(customer, rep, broker)
    says(customer, "It is about an invoice.")
    reads(rep, "It is about an invoice.")
    colleague = visit()
    other = next(one for one in staff_of(broker) if one != staff_of(broker)[0])
    sits_down(colleague, broker, other)

    rep.locator("[data-tool=transfer]").click()
    dialog = rep.locator("#transfer-dialog")
    choice = dialog.locator(f"input[value='{other}']")
    expect(choice).to_be_enabled(timeout=SOON_MS)
    look(rep, "desk-transfer")
    axe(rep)
    choice.check()
    dialog.get_by_role("button", name="Hand on").click()

    tab = colleague.locator("#sessions [role=tab]")
    expect(tab).to_contain_text("waits for consent", timeout=SOON_MS)
    expect(customer.get_by_text("Chat with new representative").first).to_be_visible(
        timeout=SOON_MS
    )
    agrees(customer)
    second = session_of(customer)
    assert second != first
    tab.click()
    says(customer, "Hello again.")
    reads(colleague, "Hello again.")
    expect(customer.locator("main")).to_contain_text("It is about an invoice.")
    look(customer, "customer-handed-on")
    axe(customer)

    manages(manager, broker)
    manager.goto(f"{broker.url}/manager/sessions/{first}")
    manager.get_by_role("link", name=f"session {second}").click()
    expect(manager.get_by_text(f"Came by transfer from session {first}")).to_be_visible()

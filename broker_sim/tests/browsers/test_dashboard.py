"""MON-1, MON-2: what a manager sees of now, as it happens in the other two browsers."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.eyes import Looks
from broker_sim.tests.browsers.people import (
    SOON_MS,
    accepts,
    agrees,
    asks,
    ends,
    manages,
    session_of,
    sits_down,
    staff_of,
)

Axe = Callable[[Page], None]


def test_the_dashboard_follows_a_session_without_being_asked(
    broker: BrokerWorld, customer: Page, rep: Page, manager: Page, look: Looks, axe: Axe
) -> None:
    """Who waits, who is in session, and who is free again."""
    manages(manager, broker)
    who = next(
        one["name"]
        for one in broker.tester.describe()["representatives"]
        if one["email"] == staff_of(broker)[0]
    )
    row = manager.get_by_role("row").filter(has=manager.get_by_role("rowheader", name=who))
    expect(row).not_to_contain_text("Available")
    sits_down(rep, broker)
    expect(row).to_contain_text("Available", timeout=SOON_MS)
    asks(customer, broker, Question="Nothing prints any more.")
    number = session_of(customer)
    expect(manager.locator("main")).to_contain_text("Nothing prints any more.", timeout=SOON_MS)
    look(manager, "dashboard-waiting")
    axe(manager)

    accepts(rep)
    agrees(customer)
    expect(row).to_contain_text("In session", timeout=SOON_MS)
    expect(row.get_by_role("link", name=str(number))).to_be_visible()
    look(manager, "dashboard-in-session")
    axe(manager)
    ends(rep, "Out of paper.")
    expect(row).to_contain_text("Available", timeout=SOON_MS)

    manager.get_by_role("link", name="Sessions", exact=True).click()
    manager.get_by_role("link", name=str(number)).click()
    expect(manager.locator("main")).to_contain_text("Out of paper.")
    expect(manager.locator("main")).to_contain_text("Nothing prints any more.")

"""The page at the root leads everywhere."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.eyes import Looks


def test_the_root_leads_to_every_page_and_every_service(
    broker: BrokerWorld, customer: Page, look: Looks, axe: Callable[[Page], None]
) -> None:
    """Of its own world, whatever path it stands below."""
    customer.goto(f"{broker.url}/")
    look(customer, "root")
    axe(customer)
    links = customer.locator("main a").evaluate_all("all => all.map((one) => one.href)")

    assert all(link.startswith(f"{broker.url}/") for link in links)
    assert f"{broker.url}/helpalert/" in links
    assert f"{broker.url}/manager/" in links
    assert f"{broker.url}/services/Sessions?wsdl12" in links
    for portal in {portal for portal, _, _ in broker.logins}:
        assert f"{broker.url}/h/{portal}" in links
    customer.get_by_role("link", name="Oakhurst Help Desk").click()
    expect(customer.get_by_role("heading", level=1)).to_contain_text("Oakhurst")

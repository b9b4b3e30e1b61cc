"""The simulator's page, as several tests come to it."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from broker_sim.testing.world import BrokerWorld


def address(broker: BrokerWorld) -> str:
    """Give where the page is."""
    parts = urlsplit(broker.control_url)
    return f"{parts.scheme}://{parts.netloc}/_sim/"


def opened(page: Page, broker: BrokerWorld) -> Page:
    """Open the page, at the world of the test."""
    page.goto(f"{address(broker)}#token={broker.control_token}")
    page.locator("#pick").select_option(broker.name)
    expect(page.locator("#world-name")).to_have_text(broker.name)
    return page


def go(page: Page, section: str) -> None:
    """Turn to a section."""
    page.locator(f"#sections a[href='#{section}']").click()
    expect(page.locator(f"#{section}")).to_be_visible()

"""What people do in their browsers, as several tests have them do it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from broker_sim.testing.world import BrokerWorld


def manages(page: Page, broker: BrokerWorld, role: str = "company") -> Page:
    """Log a manager of a role in; give the page, at the dashboard."""
    username, password = next((n, p) for known, n, p in broker.manager_logins if known == role)
    page.goto(f"{broker.url}/manager/")
    log_in(page, username, password)
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    return page


def log_in(page: Page, username: str, password: str) -> None:
    """Fill in a page that asks who it is, and send it."""
    page.get_by_label("E-mail address").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in", exact=True).click()

"""What people do in their browsers, as several tests have them do it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect

from broker_sim.testing.world import BrokerWorld

PORTAL: Final = "oakhurst-helpdesk"
ASKS: Final[Mapping[str, str]] = {"Name": "Eva Brandt", "Question": "My printer is on fire."}
# What crosses three browsers and a relay may take a while on a busy machine.
SOON_MS: Final = 15_000


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


def queues(broker: BrokerWorld, portal: str = PORTAL) -> list[str]:
    """Give the sub-portals of a portal, in the order of its form."""
    return next(
        list(one["subPortals"])
        for one in broker.tester.describe()["portals"]
        if one["name"] == portal
    )


def staff_of(broker: BrokerWorld, portal: str = PORTAL, queue: str | None = None) -> list[str]:
    """Give the addresses of those who serve a queue of a portal; the first one if not said."""
    there = {"portal": portal, "subPortal": queue or queues(broker, portal)[0]}
    staff = broker.tester.describe()["representatives"]
    return [one["email"] for one in staff if there in one["desks"]]


def sits_down(page: Page, broker: BrokerWorld, email: str | None = None) -> Page:
    """Log a representative on at the desk, and take requests."""
    email = email or staff_of(broker)[0]
    passwords = dict(broker.rep_logins)
    page.goto(f"{broker.url}/helpalert/")
    log_in(page, email, passwords[email])
    switch = page.get_by_role("switch", name="Take requests")
    switch.click()
    expect(switch).to_be_checked()
    return page


def asks(page: Page, broker: BrokerWorld, portal: str = PORTAL, **fields: str) -> Page:
    """Fill in a portal's form and send it; give the page, which waits."""
    page.goto(f"{broker.url}/h/{quote(portal)}")
    for name, text in {**ASKS, **fields}.items():
        field = page.locator(f"[name='{name}']")
        if field.count() and field.evaluate("(one) => one.tagName") == "SELECT":
            field.select_option(text)
        else:
            field.fill(text)
    page.get_by_role("button", name="Ask for help").click()
    expect(page.get_by_role("heading", name="Please wait")).to_be_visible()
    return page


def session_of(page: Page) -> int:
    """Give the number of the session that a customer's page is about."""
    found = re.search(r"\d{6,}", page.locator("main").inner_text())
    assert found is not None
    return int(found[0])


def accepts(page: Page) -> None:
    """Take the first request at the desk."""
    page.locator("#alerts button", has_text="Accept").first.click(timeout=SOON_MS)
    expect(page.locator("#session")).to_be_visible()


def agrees(page: Page) -> None:
    """Let the representative begin; who ends it before the page has its channel has it refused."""
    with page.expect_response("**/channel"):
        page.get_by_role("button", name="I agree, begin").click(timeout=SOON_MS)
    expect(page.get_by_role("heading", name="You are talking with")).to_be_visible()


def in_session(customer: Page, rep: Page, broker: BrokerWorld, **fields: str) -> int:
    """Bring a customer and a representative together; give the session's number."""
    sits_down(rep, broker)
    asks(customer, broker, **fields)
    number = session_of(customer)
    accepts(rep)
    agrees(customer)
    expect(rep.locator("#session-stage")).to_have_text("in session", timeout=SOON_MS)
    return number


def says(page: Page, text: str) -> None:
    """Write a message, at either side."""
    page.get_by_label("Your message").fill(text)
    page.get_by_role("button", name="Send", exact=True).click()


def reads(page: Page, text: str) -> Locator:
    """Wait until something is said in the talk; give that line."""
    line = page.locator(".talk li", has_text=text).last
    expect(line).to_be_visible(timeout=SOON_MS)
    return line


def ends(page: Page, comment: str = "") -> None:
    """End the session at the desk."""
    page.locator("[data-tool=end]").click()
    dialog = page.locator("#end-dialog")
    dialog.get_by_label("Comment").fill(comment)
    dialog.get_by_role("button", name="End the session").click()
    expect(page.locator("#session-stage")).to_have_text("ended", timeout=SOON_MS)

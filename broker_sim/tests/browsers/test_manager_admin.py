"""SEC-2: the Management Center's administration in a real browser: for everybody, and as told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.eyes import Looks, Watch
from broker_sim.tests.browsers.people import PORTAL, SOON_MS, manages

Axe = Callable[[Page], None]
ADMIN = "/manager/administration"
# Pages by the name of their picture; REP stands for a representative's address.
PAGES = {
    "overview": ADMIN,
    "portals": f"{ADMIN}/portals",
    "portal": f"{ADMIN}/portals/one?name={PORTAL}",
    "portal-new": f"{ADMIN}/portals/new",
    "serving": f"{ADMIN}/portals/serving?name={PORTAL}&sub=email",
    "form": f"{ADMIN}/portals/form?name={PORTAL}",
    "branding": f"{ADMIN}/portals/branding?name={PORTAL}",
    "key": f"{ADMIN}/portals/key?name={PORTAL}",
    "teams": f"{ADMIN}/teams",
    "representatives": f"{ADMIN}/representatives",
    "representative": f"{ADMIN}/representatives/one?email=REP",
    "deactivate": f"{ADMIN}/representatives/deactivate?email=REP",
    "subportal-remove": f"{ADMIN}/portals/subportal/remove?name={PORTAL}&sub=email",
    "hire": f"{ADMIN}/representatives/new",
    "api-logins": f"{ADMIN}/logins",
    "lockouts": f"{ADMIN}/lockouts",
    "managers": f"{ADMIN}/managers",
    "manager-new": f"{ADMIN}/managers/new",
    "retention": f"{ADMIN}/retention",
    "audit": "/manager/audit",
    "password": "/manager/password",
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_for_everybody(
    broker: BrokerWorld, manager: Page, look: Looks, axe: Axe, name: str
) -> None:
    """At both widths, light and dark, for readers and keyboards; all of it fits a phone."""
    manages(manager, broker)
    manager.goto(broker.url + PAGES[name].replace("REP", broker.rep_logins[0][0]))
    expect(manager.get_by_role("heading", level=1)).to_be_visible()
    look(manager, f"admin-{name}")
    axe(manager)
    manager.set_viewport_size({"width": 390, "height": 844})
    for box in (manager.locator("html"), *manager.locator(".scroll:has(.stacked)").all()):
        assert box.evaluate("one => one.scrollWidth <= one.clientWidth")


def test_a_refused_field_is_found_from_the_summary(
    broker: BrokerWorld, manager: Page, look: Looks, axe: Axe, watch: Watch
) -> None:
    """The summary's link leads to the field, which says what is wrong with it."""
    watch.allow("status of 400")
    manages(manager, broker)
    manager.goto(broker.url + PAGES["portal-new"])
    for label, text in {
        "Name for people": "Garden",
        "Name in addresses": PORTAL,
        "Sub-portals": "roses",
        "User name": "garden.api",
        "Password": "Quite-Odd-77",
    }.items():
        manager.get_by_label(label).fill(text)
    manager.get_by_role("button", name="Add it").click()
    expect(manager.get_by_role("alert")).to_contain_text("not right yet")
    look(manager, "admin-portal-refused")
    axe(manager)
    manager.get_by_role("alert").get_by_role("link").click()
    field = manager.get_by_label("Name in addresses")
    expect(field).to_be_focused()
    assert "taken" in (field.evaluate(_DESCRIPTION) or "")
    expect(manager.get_by_label("Password")).to_have_value("")


_DESCRIPTION = (
    "one => one.getAttribute('aria-describedby').split(' ')"
    ".map(id => document.getElementById(id)?.textContent ?? '').join(' ')"
)


def test_a_security_key_is_made_and_shown_once(
    broker: BrokerWorld, manager: Page, look: Looks, axe: Axe
) -> None:
    """REC-4: by keyboard; the page of the portal says that it is set."""
    manages(manager, broker)
    manager.goto(broker.url + PAGES["key"])
    button = manager.get_by_role("button", name="Make one for me")
    button.focus()
    manager.keyboard.press("Enter")
    secret = manager.locator(".secret").inner_text()
    assert len(secret) == 29
    look(manager, "admin-key-set")
    axe(manager)
    manager.get_by_role("link", name="I have kept it").click()
    expect(manager.get_by_text("sealed with the portal's own key")).to_be_visible()
    assert secret not in manager.content()


def test_a_logo_is_chosen_in_the_page(broker: BrokerWorld, manager: Page) -> None:
    """PORTAL-1: a drawing becomes the portal's logo; one that is too large is said at once."""
    manages(manager, broker)
    manager.goto(broker.url + PAGES["branding"])
    picture = manager.get_by_label("Picture of the logo")
    large = {"name": "l.svg", "mimeType": "image/svg+xml", "buffer": b" " * 40_000}
    picture.set_input_files(large)  # type: ignore[arg-type]  # a FilePayload
    expect(manager.get_by_text("too large")).to_be_visible()
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg"><circle r="4"/></svg>'
    small = {"name": "l.svg", "mimeType": "image/svg+xml", "buffer": drawing}
    picture.set_input_files(small)  # type: ignore[arg-type]  # a FilePayload
    expect(manager.locator("#logo")).not_to_have_value("")
    manager.get_by_role("button", name="Save").click()
    expect(manager.get_by_text("There is one now.")).to_be_visible()


def test_a_dashboard_left_alone_says_that_its_login_has_ended(
    broker: BrokerWorld, manager: Page, watch: Watch
) -> None:
    """SEC-2: looking by itself is no use of the login; with the box ticked it is one."""
    watch.allow("status of 401")
    manages(manager, broker)
    expect(manager.get_by_text("Live", exact=True)).to_be_visible(timeout=SOON_MS)
    stay = manager.get_by_label("Keep me logged in")
    stay.check()
    advance(broker, timedelta(minutes=19))
    with manager.expect_response(lambda one: "/manager/now" in one.url):
        pass
    advance(broker, timedelta(minutes=19))
    with manager.expect_response(lambda one: "/manager/now" in one.url) as seen:
        pass
    assert seen.value.status in (200, 304)
    stay.uncheck()
    advance(broker, timedelta(minutes=20))
    expect(manager.get_by_text("Your login has ended")).to_be_visible(timeout=SOON_MS)
    manager.get_by_role("link", name="Log in again").click()
    expect(manager.get_by_label("Password")).to_be_visible()


def advance(broker: BrokerWorld, span: timedelta) -> None:
    broker.tester.advance(broker.tester.clock.now() + span)

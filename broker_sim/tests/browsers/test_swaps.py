"""Filters and pages of lists swap the main part of a page, by htmx; a link without scripts.

A page that is not loaded again keeps what a script has set on its window.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.eyes import Looks, Watch
from broker_sim.tests.browsers.people import manages

Axe = Callable[[Page], None]


@pytest.fixture
def inside(manager: Page, broker: BrokerWorld) -> Page:
    """A manager's browser in a world with a past."""
    broker.tester.add_past(300, 60)
    return manages(manager, broker)


def opens(page: Page, broker: BrokerWorld, path: str) -> None:
    """Load a page, and mark it: the mark is gone with the next load."""
    page.goto(f"{broker.url}/manager/{path}")
    page.evaluate("window.mark = true")


def is_the_same_page(page: Page) -> bool:
    """Tell whether the page was not loaded since `opens`."""
    return bool(page.evaluate("window.mark === true"))


def test_a_filter_changes_the_list_the_address_and_the_count_without_a_load(
    inside: Page, broker: BrokerWorld, axe: Axe
) -> None:
    """Focus stays on what was pressed, unfolded filters stay unfolded, and the count is said."""
    opens(inside, broker, "sessions")
    inside.get_by_text("More filters").click()
    inside.get_by_label("Mode").select_option("Phone")
    inside.get_by_label("Took longer than").fill("1")
    inside.get_by_label("Took longer than").press("Enter")

    expect(inside).to_have_url(re.compile("mode=Phone.*lasted=1"))
    expect(inside.get_by_role("link", name="Remove the filter Mode Phone")).to_be_visible()
    rows = inside.locator("tbody tr")
    expect(rows.filter(has_text="Phone")).to_have_count(rows.count())
    expect(inside.get_by_role("status").first).to_contain_text("sessions, ")
    expect(inside.get_by_label("Took longer than")).to_be_focused()
    assert inside.evaluate("document.adoptedStyleSheets.length") == 0  # htmx brings no style
    assert "lasted=1" in str(inside.get_by_role("link", name="CSV").get_attribute("href"))
    axe(inside)

    inside.get_by_role("link", name="Remove the filter Mode Phone").press("Enter")
    expect(inside.get_by_role("link", name="Remove the filter")).to_have_count(1)
    expect(inside.locator("#found")).to_be_focused()
    assert is_the_same_page(inside)


def test_back_goes_to_the_list_as_it_was_with_its_filters(
    inside: Page, broker: BrokerWorld
) -> None:
    """Forth, too; older pages are steps of their own."""
    opens(inside, broker, "sessions")
    newest = inside.locator("tbody tr th").first.inner_text()
    inside.get_by_role("link", name="Older sessions").click()
    expect(inside.locator("tbody tr th").first).not_to_have_text(newest)
    older = inside.locator("tbody tr th").first.inner_text()
    inside.get_by_label("Status").select_option("Error")
    inside.get_by_role("button", name="Search").click()
    expect(inside.get_by_role("link", name="Remove the filter")).to_have_count(1)

    inside.go_back()
    expect(inside.locator("tbody tr th").first).to_have_text(older)
    expect(inside.get_by_label("Status")).to_have_value("")
    inside.go_back()
    expect(inside.locator("tbody tr th").first).to_have_text(newest)
    inside.go_forward()
    inside.go_forward()
    expect(inside.get_by_label("Status")).to_have_value("Error")
    assert is_the_same_page(inside)
    inside.get_by_role("link", name="Remove the filter").click()
    expect(inside.get_by_role("link", name="Remove the filter")).to_have_count(0)
    assert is_the_same_page(inside)


def test_a_new_tab_is_still_a_new_tab(inside: Page, broker: BrokerWorld) -> None:
    """With Control, a link of the list is the browser's own."""
    opens(inside, broker, "sessions")
    with inside.context.expect_page() as other:
        inside.get_by_role("link", name="Older sessions").click(modifiers=["Control"])
    expect(other.value).to_have_url(re.compile("before="))
    assert "before=" not in inside.url


def test_a_filter_of_a_login_that_has_ended_leads_to_the_door(
    inside: Page, broker: BrokerWorld
) -> None:
    """A whole page, not the door inside of the list."""
    opens(inside, broker, "sessions")
    inside.context.clear_cookies()
    inside.get_by_role("button", name="Search").click()
    expect(inside.get_by_role("button", name="Log in", exact=True)).to_be_visible()
    expect(inside.get_by_role("navigation", name="Management Center")).to_have_count(0)
    assert not is_the_same_page(inside)


def test_the_audit_trail_is_filtered_and_turned_the_same_way(
    inside: Page, broker: BrokerWorld, watch: Watch, look: Looks, axe: Axe
) -> None:
    """SEC-2: by who and what; a day that is none is said beside it."""
    for _ in range(51):
        inside.request.get(f"{broker.url}/manager/sessions.csv?status=New")
    opens(inside, broker, "audit")
    expect(inside.locator("tbody tr")).to_have_count(50)
    inside.get_by_role("link", name="Older").click()
    expect(inside).to_have_url(re.compile("before="))
    inside.get_by_label("Words").fill("nonesuch")
    inside.get_by_role("button", name="Show").click()
    expect(inside.get_by_text("Nothing like that was done")).to_be_visible()
    expect(inside.get_by_role("button", name="Show")).to_be_focused()
    assert is_the_same_page(inside)
    look(inside, "manager-audit-nothing")
    axe(inside)
    inside.go_back()
    expect(inside.get_by_label("Words")).to_have_value("")

    watch.allow("400")
    inside.evaluate("document.getElementById('from').type = 'text'")
    inside.get_by_label("From").fill("tomorrow")
    inside.get_by_role("button", name="Show").click()
    expect(inside.get_by_role("alert")).to_contain_text("no day")
    assert is_the_same_page(inside)

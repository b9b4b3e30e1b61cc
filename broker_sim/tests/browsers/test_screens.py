"""CHAN-1, REC-1: the customer's screen at the representative's, its end, and its replay."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.canvases import (
    changed,
    changes,
    keeps,
    painted,
    picture,
    same,
    shows,
)
from broker_sim.tests.browsers.eyes import Looks
from broker_sim.tests.browsers.people import SOON_MS, ends, in_session, manages, reads, says

Axe = Callable[[Page], None]
NOON: Final = datetime(2030, 1, 15, 12, tzinfo=UTC)


def shares(customer: Page, rep: Page) -> tuple[Locator, Locator]:
    """Let the representative see the screen; give it at the customer's, and at the desk."""
    rep.locator("[data-tool=screen]").click()
    expect(customer.get_by_text("can see your screen").first).to_be_visible(timeout=SOON_MS)
    machine, viewer = customer.locator("[data-machine]"), rep.locator("#viewer")
    painted(machine)
    painted(viewer)
    return machine, viewer


def works_on(rep: Page, viewer: Locator) -> None:
    """Open the editor on the customer's screen, write in it, carry it elsewhere."""
    box = viewer.bounding_box()
    assert box is not None
    place, scale = (box["x"], box["y"]), box["width"] / 1024
    rep.mouse.dblclick(place[0] + 66 * scale, place[1] + 150 * scale)
    rep.wait_for_timeout(500)
    rep.keyboard.type("It prints again: שלום, 漢字.", delay=20)
    rep.mouse.move(place[0] + 330 * scale, place[1] + 60 * scale)
    rep.mouse.down()
    rep.mouse.move(place[0] + 520 * scale, place[1] + 240 * scale, steps=8)
    rep.mouse.up()
    rep.wait_for_timeout(500)


def moves_in(machine: Locator) -> None:
    """Move the customer's own pointer about, a second long."""
    machine.scroll_into_view_if_needed()
    box = machine.bounding_box()
    assert box is not None
    for step in range(10):
        machine.page.mouse.move(box["x"] + 100 + 5 * step, box["y"] + 100 + step)
        machine.page.wait_for_timeout(100)


def moves_in_until_seen(machine: Locator, viewer: Locator) -> None:
    """Go on while pictures of the other page are under way, as on a busy machine."""
    for _ in range(20):
        moves_in(machine)
        if picture(machine) == picture(viewer):
            return
    same(machine, viewer)


def opens_the_menu(machine: Locator) -> None:
    """Open the start menu of the customer's computer, which changes its picture."""
    keeps(machine)
    machine.click(position={"x": 300, "y": 300})
    machine.press("F2")
    changes(machine)


def test_both_see_the_same_screen_and_the_customer_ends_it(
    broker: BrokerWorld, customer: Page, rep: Page, look: Looks, axe: Axe
) -> None:
    """What the representative does on it, the customer sees; the customer stops it at any time."""
    in_session(customer, rep, broker)
    machine, viewer = shares(customer, rep)
    same(machine, viewer)
    keeps(viewer)

    rep.locator("#control").click()
    box = viewer.bounding_box()
    assert box is not None
    rep.mouse.dblclick(box["x"] + box["width"] * 0.05, box["y"] + box["height"] * 0.08)
    rep.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
    changes(viewer, more_than=0)
    same(machine, viewer)
    look(customer, "customer-sharing")
    axe(customer)
    look(rep, "desk-screen")
    axe(rep)

    customer.get_by_role("button", name="Stop sharing my screen").click()
    expect(customer.get_by_role("button", name="Stop sharing my screen")).to_be_hidden()
    expect(rep.locator("#panel-screen")).to_be_hidden(timeout=SOON_MS)
    reads(rep, "creen sharing has ended")


def test_a_session_that_was_lived_is_replayed(
    broker: BrokerWorld, customer: Page, rep: Page, manager: Page, look: Looks, axe: Axe
) -> None:
    """REC-1: both recordings paint in the manager's browser, and the talk runs beside them."""
    customer.clock.set_fixed_time(NOON)  # the computer's own is in the picture
    number = in_session(customer, rep, broker)
    machine, viewer = shares(customer, rep)
    rep.locator("#control").click()
    works_on(rep, viewer)
    same(machine, viewer)
    last = picture(machine)
    rep.get_by_role("tab", name="Talk").click()
    says(rep, "I can see it now.")
    reads(customer, "I can see it now.")
    ends(rep)
    broker.clock.advance(minutes=1)

    manages(manager, broker)
    manager.goto(f"{broker.url}/manager/sessions/{number}")
    manager.get_by_role("link", name="Replay the screens").click()
    player = manager.locator("#player")
    painted(player)
    expect(player).to_contain_text("I can see it now.")
    player.get_by_role("slider", name="Position").press("End")
    shows(player.locator("figure").first, last)
    look(manager, "replay-lived")
    axe(manager)


@pytest.mark.broker(sessions=8)
def test_a_generated_session_is_replayed(
    broker: BrokerWorld, manager: Page, look: Looks, axe: Axe
) -> None:
    """Its picture moves with the slider."""
    manages(manager, broker)
    manager.goto(f"{broker.url}/manager/sessions?status=Finished")
    manager.locator("a.id").first.click()
    look(manager, "review")
    axe(manager)
    manager.get_by_role("link", name="Replay the screens").click()
    player = manager.locator("#player")
    painted(player)
    keeps(player)
    slider = player.get_by_role("slider", name="Position")
    slider.focus()
    manager.keyboard.press("End")
    changes(player, more_than=0)
    look(manager, "replay")
    axe(manager)


def test_a_computer_stands_in_where_no_customer_has_a_page_open(
    broker: BrokerWorld, customer: Page, rep: Page, look: Looks, axe: Axe
) -> None:
    """AGENT-2: the desk says that it is simulated there; hands move it, and nothing is recorded."""
    in_session(customer, rep, broker)
    customer.goto("about:blank")

    rep.locator("[data-tool=screen]").click()
    note = rep.locator("#screen-note")
    expect(note).to_contain_text("Nobody has the customer's page open", timeout=SOON_MS)
    viewer = rep.locator("#viewer")
    painted(viewer)
    before = picture(viewer)
    rep.locator("#control").click()
    works_on(rep, viewer)
    assert picture(viewer) != before
    look(rep, "desk-stand-in")
    axe(rep)

    customer.go_back()
    expect(note).not_to_contain_text("Nobody", timeout=SOON_MS)
    same(customer.locator("[data-machine]"), viewer)


def test_of_two_pages_of_a_customer_the_one_in_use_is_seen_and_moved(
    broker: BrokerWorld, customer: Page, rep: Page
) -> None:
    """CHAN-1: both drew into one picture, and the desk asked for whole ones again and again."""
    in_session(customer, rep, broker)
    other = customer.context.new_page()
    other.goto(customer.url)
    expect(other.get_by_role("heading", name="You are talking with")).to_be_visible()
    _, viewer = shares(customer, rep)
    first, second = (page.locator("[data-machine]") for page in (customer, other))
    painted(second)
    opens_the_menu(second)  # by which the two pictures are told apart
    for machine in (second, first):
        rep.wait_for_timeout(3500)  # the one that was seen is silent
        moves_in_until_seen(machine, viewer)

    keeps(second)
    rep.locator("#control").click()
    works_on(rep, viewer)
    same(first, viewer)
    assert changed(second) < 0.05  # by its clock at most


def test_a_clock_that_goes_on_is_no_use_of_a_page(
    broker: BrokerWorld, chromium: Browser, customer: Page, rep: Page
) -> None:
    """CHAN-1: each page's clock is painted anew every minute, also where nobody is."""
    in_session(customer, rep, broker)
    with chromium.new_context() as context:  # for a page has the clock of its context
        other = context.new_page()
        other.clock.set_fixed_time(NOON)
        other.goto(customer.url)
        _, viewer = shares(customer, rep)
        first, second = (page.locator("[data-machine]") for page in (customer, other))
        painted(second)
        rep.wait_for_timeout(3500)
        moves_in_until_seen(first, viewer)
        rep.locator("#control").click()
        works_on(rep, viewer)
        same(first, viewer)

        keeps(second)
        rep.wait_for_timeout(3500)  # the one that is seen is silent
        other.clock.set_fixed_time(NOON + timedelta(minutes=1))
        changes(second, more_than=0)
        rep.wait_for_timeout(1500)

        assert changed(second) < 0.05
        same(first, viewer)

"""Somebody clicks twice, as with a file on a desktop: what a form does is done once."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.people import ASKS, PORTAL, asks, manages, sits_down, staff_of
from broker_sim.tests.browsers.test_phone_session import makes_code
from broker_sim.tests.browsers.waits import until

NAME = "Ask for help"


def twice(page: Page, button: str) -> list[str]:
    """Click a button again before there is an answer; give where requests went."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "POST":
            held.append(route)
        else:
            route.continue_()

    pressed = page.get_by_role("button", name=button, exact=True)
    pressed.scroll_into_view_if_needed()
    box = pressed.bounding_box()
    assert box is not None
    page.route("**/*", hold)
    for _ in range(2):  # by the mouse: a locator waits for the answer first
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_timeout(200)
    until(page, lambda: held)
    held[-1].continue_()
    page.unroute("**/*")
    return [route.request.url for route in held]


def test_a_request_is_launched_once(broker: BrokerWorld, customer: Page) -> None:
    """PORTAL-1: a second one would wait in the queue, and nobody behind it."""
    customer.goto(f"{broker.url}/h/{PORTAL}")
    for name, text in ASKS.items():
        customer.locator(f"[name='{name}']").fill(text)
    assert len(twice(customer, NAME)) == 1
    expect(customer.get_by_role("heading", name="Please wait")).to_be_visible()


def test_who_goes_back_may_ask_again(broker: BrokerWorld, customer: Page) -> None:
    """PORTAL-1: the form is the one that was left, or a new one; either goes."""
    asks(customer, broker)
    first = customer.url
    customer.go_back()
    customer.get_by_role("button", name=NAME).click()
    expect(customer.get_by_role("heading", name="Please wait")).to_be_visible()
    assert customer.url != first


def test_a_code_is_redeemed_once(broker: BrokerWorld, customer: Page, rep: Page) -> None:
    """PHONE-3: its session is shown, and not that the code does not work any more."""
    code = makes_code(sits_down(rep, broker), "Noor Haddad")
    customer.goto(f"{broker.url}/ph/{PORTAL}")
    customer.get_by_label("The code that you were told").fill(code)
    assert len(twice(customer, "Connect")) == 1
    expect(customer.get_by_role("button", name="I agree, begin")).to_be_visible()


def test_a_representative_logs_in_once(broker: BrokerWorld, rep: Page) -> None:
    """CONN-1: whose connection's id was lost with an answer was shut out for twenty minutes."""
    email = staff_of(broker)[0]
    rep.goto(f"{broker.url}/helpalert/")
    rep.get_by_label("E-mail address").fill(email)
    rep.get_by_label("Password").fill(dict(broker.rep_logins)[email])
    assert len(twice(rep, "Log in")) == 1
    expect(rep.get_by_role("button", name="Log off")).to_be_visible()


def test_a_manager_adds_something_once(broker: BrokerWorld, manager: Page) -> None:
    """SEC-2: it is said that it is done, and not that the name is taken."""
    manages(manager, broker)
    manager.goto(f"{broker.url}/manager/administration/teams")
    manager.locator("#name").fill("Night shift")
    assert len(twice(manager, "Add it")) == 1
    expect(manager.get_by_text("Done.")).to_be_visible()

"""SEC-2: logins of managers in a real browser: no fixed sessions, no forged forms, no guessing."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.eyes import Looks, Watch
from broker_sim.tests.browsers.foreign import ELSEWHERE, lured
from broker_sim.tests.browsers.people import log_in, manages

Axe = Callable[[Page], None]


def held(page: Page) -> str:
    """Give the id of the login that the browser keeps."""
    (found,) = (one for one in page.context.cookies() if one["name"] == "manager")
    assert found["httpOnly"]
    assert found["sameSite"] in ("Lax", "Strict")
    return found["value"]


def is_in(page: Page, broker: BrokerWorld) -> bool:
    page.goto(f"{broker.url}/manager/")
    return page.get_by_role("button", name="Log out").is_visible()


def test_the_login_can_be_seen_and_used_by_all(
    broker: BrokerWorld, manager: Page, look: Looks, axe: Axe, watch: Watch
) -> None:
    """At both widths, light and dark, with and without a refusal."""
    watch.allow("status of 403")
    manager.goto(f"{broker.url}/manager/")
    look(manager, "manager-login")
    axe(manager)
    log_in(manager, "nobody@example.com", "wrong")
    expect(manager.get_by_role("alert")).to_contain_text("wrong")
    look(manager, "manager-login-refused")
    axe(manager)


@pytest.mark.parametrize("role", ["company", "api", "team", "representative"])
def test_every_role_gets_in_and_out(broker: BrokerWorld, manager: Page, role: str) -> None:
    """Out means out: the id that the browser held opens nothing any more."""
    manages(manager, broker, role)
    value = held(manager)
    manager.get_by_role("button", name="Log out").click()
    expect(manager.get_by_label("Password")).to_be_visible()

    plant(manager, broker, value)
    assert not is_in(manager, broker)


def plant(page: Page, broker: BrokerWorld, value: str) -> None:
    """Put an id into a browser, as somebody could who had it for a moment."""
    path = urlsplit(broker.url).path + "/manager"
    cookie = {"name": "manager", "value": value, "domain": "127.0.0.1", "path": path}
    page.context.add_cookies([cookie])  # type: ignore[list-item]  # a TypedDict, said as a dict


def test_an_id_that_was_planted_is_not_the_one_that_is_logged_in(
    broker: BrokerWorld, manager: Page, customer: Page
) -> None:
    """Session fixation: who knows the id before the login knows nothing after it."""
    plant(manager, broker, "a" * 43)
    manages(manager, broker)
    assert held(manager) != "a" * 43

    before = held(manager)
    plant(customer, broker, before)
    log_out_and_in(manager, broker)
    assert held(manager) != before
    assert not is_in(customer, broker)


def log_out_and_in(page: Page, broker: BrokerWorld) -> None:
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_label("Password")).to_be_visible()
    manages(page, broker)


@pytest.mark.parametrize("origin", ELSEWHERE)
def test_a_form_on_a_foreign_page_does_nothing(
    broker: BrokerWorld, manager: Page, watch: Watch, origin: str
) -> None:
    """The browser sends it, cookie or not; the broker does not take it."""
    manages(manager, broker)
    before = held(manager)
    lured(manager, watch, origin, f"{broker.url}/manager/logout")

    assert held(manager) == before
    assert is_in(manager, broker)


def test_three_wrong_passwords_lock_the_login_for_five_minutes(
    broker: BrokerWorld, manager: Page, watch: Watch
) -> None:
    """LOGON-3: the right one does not help before; after it, it does."""
    watch.allow("status of 403", "status of 429")
    role, username, password = broker.manager_logins[0]
    assert role
    manager.goto(f"{broker.url}/manager/")
    for guess in ("wrong", "wrong", "wrong", password):
        log_in(manager, username, guess)
        expect(manager.get_by_role("alert")).to_be_visible()
    expect(manager.get_by_role("alert")).to_contain_text("locked")

    broker.clock.advance(minutes=5)
    log_in(manager, username, password)
    expect(manager.get_by_role("button", name="Log out")).to_be_visible()


def test_the_management_center_is_shown_in_nobody_elses_frame(
    broker: BrokerWorld, manager: Page, watch: Watch
) -> None:
    """Clickjacking: the browser refuses to paint it there."""
    watch.allow("frame", "CSP", "ERR_BLOCKED")
    manages(manager, broker)
    manager.goto(f"{broker.url}/h/{broker.logins[0][0]}")
    frame = (
        "(src) => document.body.append(Object.assign(document.createElement('iframe'), { src }))"
    )
    manager.evaluate(frame, f"{broker.url}/manager/")
    manager.wait_for_timeout(500)

    assert manager.frames[1].get_by_text("Dashboard").count() == 0

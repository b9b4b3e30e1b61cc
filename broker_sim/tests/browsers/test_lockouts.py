"""LOGON-3, LOGON-4: who is locked out, and how a manager lets them in again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import zeep
from playwright.sync_api import Page, expect

from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.eyes import Looks, Watch
from broker_sim.tests.browsers.people import log_in, manages, staff_of

Axe = Callable[[Page], None]


def locked_out(broker: BrokerWorld, rep: Page) -> tuple[str, str]:
    """Lock a representative out at the desk, and an API login by SOAP; give both names."""
    email = staff_of(broker)[0]
    rep.goto(f"{broker.url}/helpalert/")
    for _ in range(4):
        log_in(rep, email, "wrong")
        expect(rep.get_by_role("alert")).to_be_visible()
    _portal, username, _password = broker.logins[0]
    service = zeep.Client(broker.wsdl).service  # type: ignore[no-untyped-call]  # zeep has no types
    for _ in range(4):
        with pytest.raises(zeep.exceptions.Fault):
            service.logon(username, "wrong")
    return email, username


def test_a_manager_lets_in_again_who_is_locked_out(
    broker: BrokerWorld, rep: Page, manager: Page, look: Looks, axe: Axe, watch: Watch
) -> None:
    """At the desk and by SOAP: at once, and it is written down who did it."""
    watch.allow("status of 40", "status of 429")
    email, username = locked_out(broker, rep)
    expect(rep.get_by_role("alert")).to_contain_text("locked")
    manages(manager, broker)
    manager.get_by_role("link", name="Administration").click()
    manager.get_by_role("link", name="Lockouts").click()
    look(manager, "manager-lockouts")
    axe(manager)
    for name in (email, username):
        row = manager.get_by_role("row").filter(has_text=name)
        row.get_by_role("button", name="Open").click()
        expect(manager.get_by_role("row").filter(has_text=name)).to_have_count(0)

    log_in(rep, email, dict(broker.rep_logins)[email])
    expect(rep.get_by_role("button", name="Log off")).to_be_visible()
    service = zeep.Client(broker.wsdl).service  # type: ignore[no-untyped-call]  # zeep has no types
    assert service.logon(username, broker.logins[0][2])
    manager.get_by_role("link", name="Audit").click()
    expect(manager.locator("main")).to_contain_text(email)
    look(manager, "manager-audit")
    axe(manager)

"""PHONE-1 to PHONE-4: a caller with a code, in the browsers of both."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.eyes import Looks, Watch
from broker_sim.tests.browsers.people import (
    PORTAL,
    SOON_MS,
    agrees,
    ends,
    reads,
    says,
    sits_down,
)

Axe = Callable[[Page], None]


def makes_code(rep: Page, caller: str) -> str:
    """Make a code at the desk; give its nine digits."""
    rep.get_by_role("button", name="New code").click()
    dialog = rep.locator("#code-dialog")
    dialog.get_by_label("Portal").select_option(PORTAL)
    dialog.get_by_label("Name of the caller").fill(caller)
    dialog.get_by_role("button", name="Make a code").click()
    shown = rep.locator("#codes li").first
    expect(shown).to_be_visible()
    found = re.search(r"\d{3} ?\d{3} ?\d{3}", shown.inner_text())
    assert found is not None
    return found[0].replace(" ", "")


def types(customer: Page, broker: BrokerWorld, code: str) -> None:
    customer.goto(f"{broker.url}/ph/{PORTAL}")
    customer.get_by_label("The code that you were told").fill(code)
    customer.get_by_role("button", name="Connect").click()


def test_a_code_that_was_told_on_the_phone_connects(
    broker: BrokerWorld, customer: Page, rep: Page, look: Looks, axe: Axe
) -> None:
    """Typed with blanks or without; the session is the representative's from the start."""
    sits_down(rep, broker)
    code = makes_code(rep, "Noor Haddad")
    look(rep, "desk-code")
    axe(rep)
    customer.goto(f"{broker.url}/ph/{PORTAL}")
    look(customer, "customer-code")
    axe(customer)
    types(customer, broker, f"{code[:3]} {code[3:6]}-{code[6:]}")
    agrees(customer)

    expect(rep.locator("#session-stage")).to_have_text("in session", timeout=SOON_MS)
    expect(rep.locator("#session-name")).to_have_text("Noor Haddad")
    says(customer, "We spoke a minute ago.")
    reads(rep, "We spoke a minute ago.")
    ends(rep)
    expect(customer.get_by_role("heading", name="The session has ended")).to_be_visible(
        timeout=SOON_MS
    )


def test_a_code_works_once_and_not_for_ever(
    broker: BrokerWorld, customer: Page, rep: Page, watch: Watch
) -> None:
    """PHONE-3: a used code and an expired one are refused with the same words."""
    watch.allow("status of 40")
    sits_down(rep, broker)
    used, late = makes_code(rep, "One"), ""
    types(customer, broker, used)
    expect(customer.get_by_role("button", name="I agree, begin")).to_be_visible(timeout=SOON_MS)
    types(customer, broker, used)
    refusal = customer.get_by_role("alert").inner_text()
    assert refusal

    expect(rep.locator("#codes li")).to_have_count(0, timeout=SOON_MS)
    late = makes_code(rep, "Two")
    broker.clock.advance(hours=1)
    types(customer, broker, late)
    assert customer.get_by_role("alert").inner_text() == refusal

"""PORTAL-1: long names, and names and talk from right to left, at the desk and at the manager's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.eyes import Looks
from broker_sim.tests.browsers.people import SOON_MS, ends, in_session, manages, reads, says

Axe = Callable[[Page], None]

PEOPLE = {
    "rtl": (
        "ليلى حداد",
        "الطابعة لا تعمل منذ الصباح (HP 4200).",
        "בוקר טוב, המדפסת שוב תקועה. PC-17?",
    ),
    "long": ("Wolfeschlegelsteinhausenbergerdorff-" * 5, "Donaudampfschifffahrt" * 30, "x" * 900),
}


@pytest.mark.parametrize("kind", PEOPLE)
def test_any_name_fits_everywhere(
    broker: BrokerWorld, customer: Page, rep: Page, manager: Page, look: Looks, axe: Axe, kind: str
) -> None:
    """Nothing is wider than its window, and each text runs in its own direction."""
    name, question, said = PEOPLE[kind]
    number = in_session(customer, rep, broker, Name=name, Question=question)
    says(customer, said)
    line = reads(rep, said[:40])
    if kind == "rtl":
        assert line.locator("[dir=auto]").count() + line.locator("bdi").count() > 0
    look(rep, f"names-{kind}-desk")
    axe(rep)
    look(customer, f"names-{kind}-customer")
    ends(rep, question)

    manages(manager, broker)
    pages = {"dashboard": "", "sessions": "sessions", "review": f"sessions/{number}"}
    for page, path in pages.items():
        manager.goto(f"{broker.url}/manager/{path}")
        expect(manager.locator("h1")).to_be_visible(timeout=SOON_MS)
        look(manager, f"names-{kind}-{page}")
        axe(manager)

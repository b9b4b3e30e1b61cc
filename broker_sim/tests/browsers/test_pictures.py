"""The pictures of README, of a working day; `bin/pictures` puts them there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from broker_sim.testing.running import RunningBroker
from broker_sim.testing.world import BrokerWorld, made
from broker_sim.tests.browsers.canvases import painted
from broker_sim.tests.browsers.eyes import Looks
from broker_sim.tests.browsers.people import (
    PORTAL,
    SOON_MS,
    in_session,
    manages,
    queues,
    reads,
    says,
)

Visit = Callable[..., Page]
_MOST_BYTES: Final = 200_000
_DAY: Final[dict[str, Any]] = {"seed": 7, "sessions": 400, "livePerHour": 45}
_TALK: Final = (
    ("customer", "Hello! Since this morning the printer prints every page twice."),
    ("rep", "Good morning Eva. Let me have a look at its settings. May I see your screen?"),
    ("customer", "Yes, please go ahead."),
    ("rep", "Thank you. I open the printer's settings now."),
)
_WAITING: Final = (
    ("Noor Haddad", "The scanner cannot find the shared folder any more."),
    ("Tomas Novak", "Mails with attachments stay in the outbox."),
    ("Lea Fischer", "Who can see my calendar?"),
)


def shot(look: Looks, page: Page, name: str) -> None:
    """Take a picture for README; it must not make the page heavy."""
    look.shot(page, name)
    assert (look.folder / f"{name}.png").stat().st_size < _MOST_BYTES


def also_waits(broker: BrokerWorld, name: str, question: str) -> None:
    """Let somebody else ask for help."""
    entries = [{"label": "Name", "value": name}, {"label": "Company", "value": "Northgate"}]
    asked = {"question": question, "smartBoxEntries": entries}
    where = {"portal": PORTAL, "subPortal": queues(broker)[0]}
    broker.tester.perform("post", {**where, **asked})


@pytest.mark.broker(frozen_at="2030-01-15T09:12:00Z")
def test_pictures_of_a_talk(broker: BrokerWorld, customer: Page, rep: Page, look: Looks) -> None:
    """The customer's page with the screen that is shared, and the desk."""
    in_session(customer, rep, broker, Question="My printer prints every page twice.")
    also_waits(broker, "Noor Haddad", "The scanner cannot find the shared folder any more.")
    for who, text in _TALK:
        broker.clock.advance(seconds=25)
        says(customer if who == "customer" else rep, text)
        reads(rep, text)
    expect(rep.locator("#alerts")).to_contain_text("Noor Haddad", timeout=SOON_MS)
    shot(look, rep, "readme-desk")

    rep.locator("[data-tool=screen]").click()
    machine = customer.locator("[data-machine]")
    painted(machine)
    painted(rep.locator("#viewer"))
    box = machine.locator("canvas").first.bounding_box()
    assert box is not None
    customer.mouse.dblclick(box["x"] + box["width"] * 0.064, box["y"] + box["height"] * 0.06)
    customer.wait_for_timeout(800)
    shot(look, customer, "readme-customer")


def test_pictures_of_a_day(broker_server: RunningBroker, visit: Visit, look: Looks) -> None:
    """The dashboard at noon, and a replay."""
    control = (broker_server.control_url, broker_server.control_token)
    with made(broker_server.worlds, _DAY, *control) as broker:
        broker.clock.advance(hours=3, minutes=20)
        for name, question in _WAITING:
            also_waits(broker, name, question)
            broker.clock.advance(seconds=21)
        manager = manages(visit(), broker)
        expect(manager.locator(".figure-big").first).to_be_visible()
        shot(look, manager, "readme-dashboard")

        manager.goto(f"{broker.url}/manager/sessions?status=Finished&lasted=5&q=HD")
        manager.locator("a.id").nth(1).click()
        manager.get_by_role("link", name="Replay the screens").click()
        player = manager.locator("#player")
        painted(player)
        slider = player.get_by_role("slider", name="Position")
        middle = int(slider.get_attribute("max") or 0) // 2000 * 1000
        slider.fill(str(middle))
        slider.blur()
        manager.wait_for_timeout(1500)
        shot(look, manager, "readme-replay")
        manager.goto("about:blank")

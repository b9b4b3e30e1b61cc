"""CHAN-1: a customer's page whose channel goes through a relay of its own, which is killed."""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, expect

from broker_sim.tests.browsers.people import SOON_MS, reads, says
from broker_sim.tests.served import until
from broker_sim.tests.test_relay_processes import serving


def test_a_page_goes_on_at_a_relay_that_was_killed(chromium: Browser, tmp_path: Path) -> None:
    """CHAN-1: another origin, allowed by the policy; what is said before and after is recorded."""
    with serving(tmp_path, "--http") as broker, chromium.new_context() as context:
        link = broker.post()
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda one: said.append(_of(one)))
        page.goto(link)
        says(page, "Before")
        reads(page, "Before")
        assert until(partial(broker.has, link, ["Before"]))

        for pid in broker.pids[1:]:
            os.kill(pid, signal.SIGKILL)
        says(page, "After")

        # the page asks again and again, at most 8 s apart, until a new one is there
        expect(page.locator(".talk li", has_text="After")).to_be_visible(timeout=60_000)
        assert until(partial(broker.has, link, ["Before", "After"]))
        expect(page.locator("[data-state]")).to_be_hidden(timeout=SOON_MS)
        assert not [one for one in said if "policy" in one.lower() or "cors" in one.lower()]


def _of(one: ConsoleMessage) -> str:
    return one.text

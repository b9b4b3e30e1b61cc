"""What `broker-sim serve --demo` shows, in a browser: over plain HTTP, and over https."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from broker_sim.tests.browsers.eyes import Looks, Watch
from broker_sim.tests.browsers.people import SOON_MS, agrees, reads, says
from broker_sim.tests.served import served

Axe = Callable[[Page], None]
Visit = Callable[..., Page]


@pytest.fixture(params=["http", "https"])
def told(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, watch: Watch
) -> Iterator[Mapping[str, Any]]:
    """A demo in a process of its own."""
    scheme = ["--http"] if request.param == "http" else []
    ports = ["--port", "0", "--control", "--control-port", "0"]
    home = tmp_path_factory.mktemp("served")
    with served(home, "--demo", *ports, *scheme) as told:
        watch.origins |= {told["baseUrl"], told["controlUrl"]}
        yield told


def test_a_demo_needs_no_password(
    told: Mapping[str, Any], visit: Visit, look: Looks, axe: Axe
) -> None:
    """One click for a representative, one for a manager; a talk over Web Crypto between them."""
    customer, rep, manager = (visit(ignore_https_errors=True) for _ in range(3))
    rep.goto(f"{told['baseUrl']}/helpalert/")
    look(rep, "demo-desk-login")
    axe(rep)
    portal = next(iter(told["logins"]))
    customer.goto(f"{told['baseUrl']}/h/{portal}")
    rep.locator(".demo-logins button").first.click()
    rep.get_by_role("switch", name="Take requests").click()

    manager.goto(f"{told['baseUrl']}/manager/")
    look(manager, "demo-manager-login")
    axe(manager)
    manager.locator(".person").first.click()
    expect(manager.get_by_role("button", name="Log out")).to_be_visible()
    assert_bound_to_host(manager, rep, is_secure=told["baseUrl"].startswith("https:"))

    talks(customer, rep)


def assert_bound_to_host(*pages: Page, is_secure: bool) -> None:
    """SEC-2: over https nobody else of the domain can set these cookies."""
    for page in pages:
        for cookie in page.context.cookies():
            assert cookie["httpOnly"], cookie
            assert cookie["secure"] is is_secure, cookie
            assert cookie["name"].startswith("__Host-") is is_secure, cookie


def talks(customer: Page, rep: Page) -> None:
    """Connect the two by a phone code, which goes to this desk and no other."""
    rep.get_by_role("button", name="New code").click()
    dialog = rep.locator("#code-dialog")
    dialog.get_by_label("Name of the caller").fill("Ana Lima")
    dialog.get_by_role("button", name="Make a code").click()
    shown = rep.locator("#codes li").first
    expect(shown).to_be_visible()
    code = "".join(c for c in shown.inner_text() if c.isdecimal())[:9]
    portal = rep.locator("#code-portal").input_value()
    root = customer.url.partition("/h/")[0]
    customer.goto(f"{root}/ph/{portal}")
    customer.get_by_label("The code that you were told").fill(code)
    customer.get_by_role("button", name="Connect").click()
    agrees(customer)
    says(customer, "Can you hear me?")
    expect(rep.locator("#session")).to_be_visible(timeout=SOON_MS)
    reads(rep, "Can you hear me?")


def test_the_address_that_serve_prints_opens_the_simulator(
    told: Mapping[str, Any], visit: Visit, tmp_path: Path
) -> None:
    """The page of the process, with the worlds in it."""
    page = visit(ignore_https_errors=True)
    page.goto(told["simulatorUrl"])
    expect(page.locator("#world-name")).to_have_text("default")
    expect(page.locator("#links")).to_contain_text("Management Center")
    page.locator("#sections a[href='#faults']").click()
    card = page.locator("#tls-card")
    if not told["baseUrl"].startswith("https:"):
        expect(card).to_be_hidden()
        return
    expect(card.get_by_label("Certificate", exact=True)).to_have_value("good")

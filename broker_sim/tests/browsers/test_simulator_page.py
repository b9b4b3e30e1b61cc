"""The simulator's page in a browser: it opens, shows a world, and does to it what it says."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zeep
from playwright.sync_api import Page, Route, expect

from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.eyes import Looks, Watch
from broker_sim.tests.browsers.simulators import address, go, opened

SECTIONS = ("world", "clock", "faults", "hostile", "journal", "magic")
Axe = Callable[[Page], None]


@pytest.fixture
def page(visit: Callable[[], Page], broker: BrokerWorld) -> Page:
    """The page, opened."""
    return opened(visit(), broker)


def called(broker: BrokerWorld) -> Any:
    """Log on by SOAP, and read a session that there is and one that there is not."""
    _portal, username, password = broker.logins[0]
    service = zeep.Client(broker.wsdl).service  # type: ignore[no-untyped-call]  # zeep has no types
    connection = service.logon(username, password)
    with pytest.raises(zeep.exceptions.Fault):
        service.getSession(connection, 1)
    return service, connection


def test_the_token_leaves_the_address_at_once(broker: BrokerWorld, page: Page) -> None:
    """And is asked for once in a tab: a second visit is open."""
    assert page.url == address(broker)
    assert broker.control_token not in page.content()

    page.goto(address(broker))
    expect(page.locator("#sections")).to_be_visible()


def test_a_wrong_token_opens_nothing(broker: BrokerWorld, customer: Page, watch: Watch) -> None:
    """The right one does, typed by hand."""
    watch.allow("status of 401")
    customer.goto(f"{address(broker)}#token=guessed")
    expect(customer.locator("#door-problem")).to_contain_text("not the token")
    expect(customer.locator("#sections")).to_be_hidden()

    customer.get_by_label("Token").fill(broker.control_token)
    customer.get_by_role("button", name="Open").click()
    expect(customer.locator("#sections")).to_be_visible()


@pytest.mark.broker(sessions=5)
def test_every_section_can_be_seen_and_used_by_all(
    broker: BrokerWorld, page: Page, look: Looks, axe: Axe
) -> None:
    """At both widths, light and dark, with something in it."""
    called(broker)
    broker.faults.add("getSession", effect="status", status=503, match={"sessionId": 7})
    for section in SECTIONS:
        go(page, section)
        if section == "journal":
            page.locator("#exchanges summary").first.click()
            look.shot(page, "simulator-page")
        look(page, f"simulator-{section}")
        axe(page)


def test_a_world_is_made_kept_brought_back_and_dropped(broker: BrokerWorld, page: Page) -> None:
    """All by the page; the world of the test is not touched."""
    page.get_by_text("New world").click()
    page.locator("#w-name").fill("blue")
    page.locator("#w-sessions").fill("4")
    page.get_by_role("button", name="Make it").click()
    expect(page.locator("#world-name")).to_have_text("blue")
    sessions = page.locator("#facts dd").nth(3)
    expect(sessions).to_have_text("4")

    page.locator("#s-name").fill("before")
    page.get_by_role("button", name="Take one").click()
    page.locator("#r-sessions").fill("0")
    page.get_by_role("button", name="Reset").click()
    expect(sessions).to_have_text("0")
    page.get_by_role("button", name="Restore before").click()
    expect(sessions).to_have_text("4")

    page.get_by_role("button", name="Drop this world").click()
    expect(page.locator("#world-name")).to_have_text("default")
    assert "blue" not in page.locator("#pick").inner_text()


@pytest.mark.broker(sessions=3)
def test_an_export_makes_another_world(broker: BrokerWorld, page: Page, tmp_path: Path) -> None:
    """What the page hands out it takes again."""
    with page.expect_download() as given:
        page.get_by_role("button", name="Export").click()
    file = tmp_path / "export.json"
    given.value.save_as(file)

    page.get_by_text("Import a world").click()
    page.locator("#i-file").set_input_files(file)
    page.locator("#i-name").fill("copy")
    page.get_by_role("button", name="Import", exact=True).click()

    expect(page.locator("#world-name")).to_have_text("copy")
    expect(page.locator("#facts dd").nth(3)).to_have_text("3")
    page.get_by_role("button", name="Drop this world").click()
    expect(page.locator("#world-name")).to_have_text("default")


def test_a_world_is_not_looked_at_while_it_is_dropped(page: Page) -> None:
    """The page glances at its world every two seconds, and not while it drops it itself."""

    def slowly(route: Route) -> None:
        done = route.fetch()
        threading.Event().wait(3)  # longer than from one glance to the next
        route.fulfill(response=done)

    page.get_by_text("New world").click()
    page.locator("#w-name").fill("brief")
    page.get_by_role("button", name="Make it").click()
    expect(page.locator("#world-name")).to_have_text("brief")
    page.route("**/_sim/worlds/brief", slowly)
    page.get_by_role("button", name="Drop this world").click()
    expect(page.locator("#world-name")).to_have_text("default")


@pytest.mark.broker(sessions=6)
def test_a_step_of_the_clock_tells_what_fell_due(broker: BrokerWorld, page: Page) -> None:
    """RET-2: after ninety days every session is gone, and the page says so."""
    go(page, "clock")
    expect(page.locator("#now")).to_have_text("2030-01-15 09:00:00")
    page.get_by_role("button", name="+5 min").click()
    expect(page.locator("#now")).to_have_text("2030-01-15 09:05:00")
    page.get_by_role("button", name="+90 days").click()

    expect(page.locator("#fell li").first).to_contain_text("purged")
    assert broker.tester.describe()["sessions"] == 0
    page.get_by_label("The machine's time").check()
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.get_by_role("button", name="+1 day")).to_be_disabled()
    assert broker.tester.clock.mode == "real"


def test_a_fault_rule_has_a_switch(broker: BrokerWorld, page: Page) -> None:
    """Off, the broker has no such rule; on again, it has; removed, nobody knows it."""
    go(page, "faults")
    form = page.locator("#new-rule")
    form.get_by_label("What happens").select_option("status")
    form.get_by_label("Status").select_option("503")
    form.get_by_label("Operation").fill("Sessions.getSession")
    form.get_by_label("Only where").fill("sessionId=12*")
    form.get_by_role("button", name="Add").click()
    switch = page.get_by_role("switch", name="fault-1")
    expect(switch).to_be_checked()
    (rule,) = broker.faults.list()
    assert (rule["status"], rule["match"]) == (503, {"sessionId": {"like": "12*"}})

    switch.click()
    expect(page.locator("#rules").get_by_text("off", exact=True)).to_be_visible()
    assert broker.faults.list() == []
    switch.click()
    expect(page.locator("#rules")).to_contain_text("struck 0")
    expect(switch).to_be_checked()
    assert [one["id"] for one in broker.faults.list()] == ["fault-1"]
    page.get_by_role("button", name="Remove fault-1").click()
    expect(page.locator("#rules-none")).to_be_visible()
    assert broker.faults.list() == []


def test_provocations_are_switched_one_by_one(broker: BrokerWorld, page: Page) -> None:
    """Or all at once."""
    go(page, "hostile")
    page.get_by_role("switch", name="cdata").click()
    page.get_by_role("switch", name="small-pages").click()
    expect(page.locator("#hostile-state")).to_contain_text("2 on")
    assert broker.faults.hostility.told()["provocations"] == ["cdata", "small-pages"]

    page.get_by_role("switch", name="All of them").click()
    expect(page.locator("#hostile-state")).to_contain_text("22 on")
    page.get_by_role("switch", name="All of them").click()
    expect(page.locator("#hostile-state")).to_have_text("Plain answers")
    assert not broker.faults.hostility.is_on


@pytest.mark.broker(sessions=2)
def test_the_journal_follows_and_opens(broker: BrokerWorld, page: Page) -> None:
    """REC-7: what comes is there within a moment, indented, without what is secret."""
    go(page, "journal")
    expect(page.locator("#exchanges-none")).to_be_visible()
    called(broker)
    first = page.locator("#exchanges > li").first
    expect(first).to_contain_text("NoSuchSession")

    first.locator("summary").click()
    answer = first.get_by_role("region", name="Answer")
    expect(answer).to_contain_text("\n          <code>NoSuchSession</code>")
    assert "[struck out]" in first.get_by_role("region", name="Request").inner_text()

    page.locator("#filter").get_by_label("Fault").fill("none")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("#exchanges")).not_to_contain_text("NoSuchSession")


def test_an_answer_of_the_journal_before_another_filter_is_passed_over(
    broker: BrokerWorld, page: Page
) -> None:
    """A slow look came after the filtered one, and was shown among what it had left out."""
    called(broker)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route) if not held else route.continue_()

    page.route("**/journal?*", hold)
    go(page, "journal")
    expect(page.locator("#exchanges-none")).to_be_visible()
    page.locator("#follow").uncheck()
    page.locator("#j-operation").fill("logon")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("#exchanges > li")).to_have_count(1)
    with page.expect_response("**/journal?*"):
        held[0].continue_()
    page.wait_for_timeout(300)

    expect(page.locator("#exchanges > li")).to_have_count(1)


def test_the_journal_tells_near_misses_and_goes_as_an_archive(
    broker: BrokerWorld, page: Page
) -> None:
    """A getSession of another number came close."""
    called(broker)
    go(page, "journal")
    page.get_by_text("Was it so?").click()
    form = page.locator("#verify")
    form.get_by_label("Operation").fill("getSession")
    form.get_by_label("Arguments").fill("sessionId=2")
    form.get_by_role("button", name="Look").click()
    expect(page.locator("#verdict")).to_contain_text("you sent 1, wanted was 2")

    with page.expect_download() as given:
        page.get_by_role("button", name="HAR").click()
    archive = json.loads(Path(given.value.path()).read_text(encoding="utf-8"))
    assert archive["log"]["version"] == "1.2"


def test_what_a_caller_wrote_is_only_shown(broker: BrokerWorld, page: Page, watch: Watch) -> None:
    """Markup in names, questions and paths stays text."""
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    service = zeep.Client(broker.wsdl).service  # type: ignore[no-untyped-call]  # zeep has no types
    with pytest.raises(zeep.exceptions.Fault):
        service.logon(evil, evil)
    broker.faults.add("logon", effect="delay", seconds=0, login=evil)
    for section in ("faults", "journal"):
        go(page, section)
        expect(page.locator(f"#{section}")).to_contain_text("<img src=x")
        assert page.locator("img[src=x]").count() == 0
    page.locator("#exchanges summary").first.click()
    expect(page.locator(".exchange").first).to_contain_text("onerror")
    assert not watch.complaints


def test_the_page_works_by_keyboard(broker: BrokerWorld, page: Page) -> None:
    """From the top of the page to a step of the clock, without a pointer."""
    page.goto(address(broker))
    expect(page.locator("#sections")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Clock")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Clock", exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="+1 min")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("#now")).to_have_text("2030-01-15 09:01:00")

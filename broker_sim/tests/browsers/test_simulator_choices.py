"""On the simulator's page, what a person chooses while something is under way is kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.simulators import go, opened


@pytest.fixture
def page(visit: Callable[[], Page], broker: BrokerWorld) -> Page:
    """The page, opened."""
    return opened(visit(), broker)


def later(page: Page, path: str, method: str) -> None:
    """Let the answers of a call of the page come a second later than they are given."""

    def slowly(route: Route) -> None:
        if route.request.method == method:
            answer = route.fetch()
            page.wait_for_timeout(1000)
            route.fulfill(response=answer)
        else:
            route.continue_()

    page.route(path, slowly)


def test_a_choice_made_while_a_step_is_under_way_is_kept(broker: BrokerWorld, page: Page) -> None:
    """What the page shows when the step is done was the mode before: it is no choice."""
    go(page, "clock")
    expect(page.get_by_label("Stands still")).to_be_checked()
    later(page, "**/clock/advance", "POST")
    page.get_by_role("button", name="+5 min").click()
    page.get_by_label("The machine's time").check()
    expect(page.locator("#fell li")).to_have_count(1)
    expect(page.get_by_label("The machine's time")).to_be_checked()
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.get_by_role("button", name="+1 day")).to_be_disabled()
    assert broker.tester.clock.mode == "real"


def test_switches_put_one_right_after_the_other_all_count(broker: BrokerWorld, page: Page) -> None:
    """What the page shows when the first is done does not undo the second."""
    go(page, "hostile")
    expect(page.locator("#hostile-state")).to_have_text("Plain answers")
    later(page, "**/hostile", "GET")
    names = ["cdata", "comments", "small-pages"]
    for name in names:
        page.get_by_role("switch", name=name).click()
        page.wait_for_timeout(600)  # the one before is done at the broker, and not shown yet
    expect(page.locator("#hostile-state")).to_contain_text("3 on")
    for name in names:
        expect(page.get_by_role("switch", name=name)).to_be_checked()
    assert sorted(broker.faults.hostility.told()["provocations"]) == names

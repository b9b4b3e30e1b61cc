"""CHAN-1: which page of a customer's two the view asks for a whole picture, and when."""

from __future__ import annotations

from typing import Any, Final

import pytest
from playwright.sync_api import Page

from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.scripts import blank

BEGIN: Final = """async () => {
  const { createViewer } = await import("/static/screen/viewer.js");
  window.asked = [];
  const send = ({ kind, source }) => kind === "refresh" && asked.push(source);
  window.viewer = createViewer({ container: document.querySelector("main"), send });
}"""
TAKE: Final = """([source, turn, idle]) => {
  const message = { kind: "screen", ms: 0, data: "4.sync,1.0;", key: turn === 0, turn, idle };
  viewer.handle(message, source);
}"""


class View:
    """The representative's view, told message after message, at a time of the test's."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def takes(self, source: str, turn: int, *, idle: bool = False) -> None:
        self.page.evaluate(TAKE, [source, turn, idle])

    def waits(self, ms: int) -> None:
        self.page.clock.run_for(ms)

    @property
    def asked(self) -> Any:
        return self.page.evaluate("() => asked")


@pytest.fixture
def view(broker: BrokerWorld, customer: Page) -> View:
    """A view to which page `a` has sent a whole picture; it has asked nobody yet."""
    customer.clock.install(time=0)
    blank(customer, broker).evaluate(BEGIN)
    customer.clock.pause_at(3600)
    view = View(customer)
    view.takes("a", 0)
    assert view.asked == []
    return view


def test_a_gap_is_asked_for(view: View) -> None:
    view.takes("a", 1)
    assert view.asked == []
    view.takes("a", 3)
    assert view.asked == ["a"]


def test_a_gap_in_one_page_is_not_filled_by_the_other(view: View) -> None:
    """The other's picture took the place of the one in use where that was slow to answer."""
    view.takes("a", 2)
    assert view.asked == ["a"]
    view.waits(2500)
    view.takes("b", 5, idle=True)
    view.takes("b", 6)
    assert view.asked == ["a"]
    view.takes("a", 3)
    assert view.asked == ["a", "a"]


@pytest.mark.parametrize("has_gap", [False, True])
@pytest.mark.parametrize(("idle", "after_ms"), [(False, 3000), (True, 65_000)])
def test_the_other_is_asked_where_the_one_is_silent(
    view: View, idle: bool, after_ms: int, has_gap: bool
) -> None:
    """From the first millisecond beyond; in the same way where the picture has a gap."""
    view.takes("a", 1)
    if has_gap:
        view.takes("a", 3)
    before = view.asked
    view.waits(after_ms)
    view.takes("b", 5, idle=idle)
    assert view.asked == before
    view.waits(1)
    view.takes("b", 6, idle=idle)
    assert view.asked == [*before, "b"]


def test_a_second_gap_is_filled_where_nothing_more_comes(view: View) -> None:
    """Not asked for so soon, it never was: the view stood still until the clock went on."""
    view.takes("a", 2)
    view.takes("a", 0)
    view.takes("a", 2)
    assert view.asked == ["a"]
    view.waits(1999)
    assert view.asked == ["a"]
    view.waits(1)
    assert view.asked == ["a", "a"]


def test_a_gap_that_is_filled_is_not_asked_for_later(view: View) -> None:
    view.takes("a", 2)
    view.takes("a", 3)
    view.takes("a", 0)
    view.waits(5000)
    assert view.asked == ["a"]

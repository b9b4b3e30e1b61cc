"""SEC-2, CONN-1: logins at the representative's desk in a real browser."""

from __future__ import annotations

import threading
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.eyes import Watch
from broker_sim.tests.browsers.foreign import ELSEWHERE, lured
from broker_sim.tests.browsers.people import log_in, sits_down, staff_of


def held(page: Page) -> str:
    """Give the id of the connection that the browser keeps."""
    (found,) = (one for one in page.context.cookies() if one["name"].startswith("helpalert-w"))
    assert found["httpOnly"]
    assert found["sameSite"] in ("Lax", "Strict")
    return found["value"]


def plant(page: Page, broker: BrokerWorld, value: str, like: Page) -> None:
    """Put an id into a browser, under the name that another one knows."""
    (found,) = (one for one in like.context.cookies() if one["name"].startswith("helpalert-w"))
    path = urlsplit(broker.url).path + "/helpalert"
    cookie = {"name": found["name"], "value": value, "domain": "127.0.0.1", "path": path}
    page.context.add_cookies([cookie])  # type: ignore[list-item]  # a TypedDict, said as a dict


def is_in(page: Page, broker: BrokerWorld) -> bool:
    page.goto(f"{broker.url}/helpalert/")
    return page.get_by_role("button", name="Log off").is_visible()


def test_an_id_from_before_a_login_opens_nothing_after_it(
    broker: BrokerWorld, rep: Page, customer: Page
) -> None:
    """Session fixation: a planted id is not the one that is logged on; out means out."""
    sits_down(rep, broker)
    first = held(rep)
    rep.get_by_role("button", name="Log off").click()
    expect(rep.get_by_label("Password")).to_be_visible()
    rep.context.clear_cookies()
    sits_down(rep, broker)

    assert held(rep) != first
    plant(customer, broker, first, like=rep)
    assert not is_in(customer, broker)


def test_who_logs_off_gives_up_the_poll(broker: BrokerWorld, rep: Page) -> None:
    """However late the answer to the logoff comes, nothing is refused that waits beside it."""

    def slowly(route: Route) -> None:
        answer = route.fetch(max_redirects=0)
        threading.Event().wait(1)
        route.fulfill(response=answer)

    with rep.expect_request("**/helpalert/events?*"):
        sits_down(rep, broker)
    rep.route("**/helpalert/logoff", slowly)
    rep.get_by_role("button", name="Log off").click()
    expect(rep.get_by_label("Password")).to_be_visible()


@pytest.mark.parametrize("origin", ELSEWHERE)
def test_a_form_on_a_foreign_page_does_nothing(
    broker: BrokerWorld, rep: Page, watch: Watch, origin: str
) -> None:
    """Nobody is logged off, and nobody is logged on as somebody else."""
    sits_down(rep, broker)
    before = held(rep)
    lured(rep, watch, origin, f"{broker.url}/helpalert/logoff")
    assert is_in(rep, broker)

    other = staff_of(broker)[1]
    fields = f"<input name=username value={other}>"
    fields += f"<input name=password value={dict(broker.rep_logins)[other]}>"
    lured(rep, watch, origin, f"{broker.url}/helpalert/login", fields)
    assert is_in(rep, broker)
    assert held(rep) == before


def test_a_login_has_one_desk(broker: BrokerWorld, rep: Page, customer: Page, watch: Watch) -> None:
    """CONN-1: who comes second is told so, and until when."""
    watch.allow("status of 40")
    sits_down(rep, broker)
    email = staff_of(broker)[0]
    customer.goto(f"{broker.url}/helpalert/")
    log_in(customer, email, dict(broker.rep_logins)[email])
    expect(customer.get_by_role("alert")).to_contain_text("in use at another place")

    assert is_in(rep, broker)
    rep.get_by_role("button", name="Log off").click()
    expect(rep.get_by_label("Password")).to_be_visible()
    log_in(customer, email, dict(broker.rep_logins)[email])
    expect(customer.get_by_role("button", name="Log off")).to_be_visible()

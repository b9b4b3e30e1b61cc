"""The watch over the browsers sees what it is there for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.eyes import Looks, Watch
from broker_sim.tests.browsers.people import ends, in_session
from broker_sim.tests.browsers.waits import until

Axe = Callable[[Page], None]


@pytest.mark.parametrize(
    ("script", "word"),
    [
        ("console.error('this went wrong')", "this went wrong"),
        ("setTimeout(() => { throw new Error('nobody caught it') })", "nobody caught it"),
        ("document.body.insertAdjacentHTML('beforeend', '<p style=\"color:red\">')", "CSP: style"),
        ("void fetch('http://elsewhere.example/').catch(() => 0)", "elsewhere.example"),
        ("alert('opened')", "dialog: alert 'opened'"),
        ("void fetch('/no-such-page')", "status of 404"),
    ],
)
def test_a_complaint_of_the_browser_is_noticed(
    broker: BrokerWorld, customer: Page, watch: Watch, script: str, word: str
) -> None:
    """And may be allowed by a test that wants it."""
    customer.goto(f"{broker.url}/h/{broker.logins[0][0]}")
    assert not watch.problems

    customer.evaluate(f"() => {{ {script} }}")

    def is_told() -> bool:
        return any(word in problem for problem in watch.problems)

    until(customer, is_told)
    watch.allow(word, "CSP", "elsewhere", "Content Security Policy", "Failed to fetch", "net::ERR")
    assert not watch.problems


def test_who_asks_for_the_channel_of_a_session_that_is_over_is_not_blamed(
    broker: BrokerWorld, customer: Page, rep: Page, watch: Watch
) -> None:
    """CHAN-1: of all answers with 409 that one alone."""
    number = in_session(customer, rep, broker)
    link = customer.url
    ends(rep)
    expect(customer.get_by_role("heading", name="The session has ended")).to_be_visible()

    customer.evaluate("(url) => fetch(url)", f"{link}/channel")
    rep.evaluate("(url) => fetch(url)", f"{broker.url}/helpalert/sessions/{number}/channel")
    until(customer, lambda: len([one for one in watch.complaints if "of 409" in one]) >= 2)
    assert not watch.problems
    customer.evaluate("(url) => fetch(url, { method: 'POST' })", f"{link}/agree")
    until(customer, lambda: watch.problems)
    watch.allow("status of 409")


def test_a_page_that_keeps_people_out_does_not_pass(
    broker: BrokerWorld, customer: Page, axe: Axe
) -> None:
    """A field without a name, a text that nobody can read."""
    customer.goto(f"{broker.url}/h/{broker.logins[0][0]}")
    axe(customer)

    customer.evaluate("() => document.querySelectorAll('label').forEach((label) => label.remove())")

    with pytest.raises(AssertionError, match="label at"):
        axe(customer)


def test_a_page_that_is_wider_than_its_window_does_not_pass(
    broker: BrokerWorld, customer: Page, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """On any size; pictures are taken all the same."""
    folder = tmp_path_factory.mktemp("looks")
    customer.goto(f"{broker.url}/h/{broker.logins[0][0]}")
    customer.evaluate("() => { document.querySelector('h1').style.width = '700px' }")

    with pytest.raises(AssertionError, match="on a phone: 716 px in 390 px"):
        Looks(folder)(customer, "wide")

    assert len(list(folder.glob("wide-*.png"))) == 4


def test_visitors_share_no_cookies(broker: BrokerWorld, customer: Page, rep: Page) -> None:
    """A customer's browser is not the representative's."""
    for page in (customer, rep):
        page.goto(f"{broker.url}/h/{broker.logins[0][0]}")
    customer.evaluate("() => { document.cookie = 'mine=1' }")

    assert "mine=1" in customer.evaluate("() => document.cookie")
    assert rep.evaluate("() => document.cookie") == ""


def test_plain_http_on_the_loopback_address_is_a_secure_context(
    broker: BrokerWorld, customer: Page
) -> None:
    """So the demo needs no certificate: Web Crypto is there, and encrypts."""
    customer.goto(f"{broker.url}/h/{broker.logins[0][0]}")
    sealed = customer.evaluate("""async () => {
      const wish = { name: "AES-GCM", length: 128 };
      const key = await crypto.subtle.generateKey(wish, false, ["encrypt"]);
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, new Uint8Array(5));
      return [isSecureContext, location.protocol, sealed.byteLength];
    }""")

    assert sealed == [True, "http:", 21]

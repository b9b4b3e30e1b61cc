"""AGENT-1, PORTAL-4: a connection that is back is said to be back, though nothing has happened.

A poll may wait 25 s for something to happen: this has to be seen sooner.
"""

from __future__ import annotations

from playwright.sync_api import Page, expect

from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.eyes import Watch
from broker_sim.tests.browsers.people import SOON_MS, in_session, says, sits_down
from broker_sim.tests.browsers.test_helpalert_desk import posts, request


def test_at_the_desk(broker: BrokerWorld, rep: Page, watch: Watch) -> None:
    watch.allow("net::ERR_FAILED")
    sits_down(rep, broker)
    rep.route("**/helpalert/events?*", lambda route: route.abort())
    posts(broker, "Ada")
    expect(request(rep, "Ada")).to_be_visible(timeout=SOON_MS)
    link = rep.locator("#link")
    expect(link).to_have_text("No connection. Trying again…")
    rep.unroute("**/helpalert/events?*")
    expect(link).to_have_text("")


def test_at_the_customer_s(broker: BrokerWorld, customer: Page, rep: Page, watch: Watch) -> None:
    watch.allow("net::ERR_FAILED")
    in_session(customer, rep, broker)
    customer.route("**/watch/**", lambda route: route.abort())
    says(rep, "Are you there?")
    lost = customer.get_by_text("Connecting again …")
    expect(lost).to_be_visible()
    customer.unroute("**/watch/**")
    expect(lost).to_be_hidden()

"""CHAN-1: what the desk says over a channel that is left is recorded once."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from broker_sim.core.record import Event
from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.people import says, sits_down
from broker_sim.tests.browsers.records import details
from broker_sim.tests.browsers.test_helpalert_desk import begins
from broker_sim.tests.browsers.waits import until


def chats(broker: BrokerWorld, number: int) -> list[str]:
    """Give what the record says was said."""
    return [one.partition(": ")[2] for one in details(broker, number, Event.CHAT)]


def test_what_was_under_way_when_a_session_was_left_is_not_sent_twice(
    broker: BrokerWorld, rep: Page
) -> None:
    """CHAN-1, AGENT-2: the relay has it, but its answer never came; who sent it is told so."""
    taken: list[int] = []
    sits_down(rep, broker)
    with rep.expect_request(re.compile(r"/relay/.*wait=25")):  # the channel is open
        number = begins(rep, broker, "Ada")
    # The page gets no answer.
    rep.route(re.compile(r"/relay/.*back=yes"), lambda route: taken.append(route.fetch().status))
    says(rep, "Only once")
    until(rep, lambda: taken)
    begins(rep, broker, "Bob")

    expect(rep.get_by_text("Send it again if the talk does not show it.")).to_be_visible()
    until(rep, lambda: chats(broker, number))
    rep.wait_for_timeout(300)  # a second one would come right after it
    assert chats(broker, number) == ["Only once"]
    rep.unroute_all(behavior="ignoreErrors")

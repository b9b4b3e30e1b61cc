"""SEC-2: markup from every field that a customer can type stays text, on every page that shows it.

The policy of the pages would stop a script that got through; it would also complain, and a
complaint fails a test here. So does an element that was made of somebody's text.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.people import (
    PORTAL,
    SOON_MS,
    accepts,
    agrees,
    asks,
    ends,
    manages,
    reads,
    says,
    session_of,
    sits_down,
)

_MARK: Final = "pwned"


def evil(field: str) -> str:
    """Give a text that would run a script wherever markup is taken for markup."""
    return (
        f"{field}</textarea></script>\"'><img src=x data-{_MARK} onerror=window.{_MARK}=1>"
        f"<svg/onload=window.{_MARK}=1><script data-{_MARK}>window.{_MARK}=1</script>"
        f"<a href=javascript:window.{_MARK}=1 data-{_MARK}>{{{{7*7}}}}"
    )


FIELDS: Final = {name: evil(name) for name in ("Name", "Company", "Phone", "Question")}


def harmless(*pages: Page, shows: str) -> None:
    """Check that a text is to be read on pages, and that nothing was made of it.

    Raises:
        AssertionError: it is not there, or an element is that it spoke of.
    """
    for page in pages:
        expect(page.locator("body")).to_contain_text(shows, timeout=SOON_MS)
        for frame in page.frames:
            assert frame.locator(f"[data-{_MARK}]").count() == 0, frame.url
            assert frame.evaluate(f"() => window.{_MARK} === undefined"), frame.url
        assert "49" not in page.title()


def test_what_a_customer_types_stays_text_everywhere(
    broker: BrokerWorld, customer: Page, rep: Page, manager: Page, tmp_path: Path
) -> None:
    """The form, the talk and the survey; at the customer's, at the desk, and at the manager's."""
    sits_down(rep, broker)
    asks(customer, broker, **FIELDS, Email="eva@example.com")
    number = session_of(customer)
    harmless(customer, shows="Question</textarea>")
    harmless(rep, shows="Name</textarea>")
    accepts(rep)
    agrees(customer)
    harmless(rep, shows="Company</textarea>")

    says(customer, evil("chat"))
    reads(rep, "chat</textarea>")
    says(rep, evil("answer"))
    reads(customer, "answer</textarea>")
    file = tmp_path / "<img src=x data-pwned onerror=window.pwned=1>.txt"
    file.write_text("plain", encoding="utf-8")
    rep.get_by_role("button", name="Send file").or_(
        rep.get_by_role("button", name="Send a file")
    ).click()
    rep.locator("#file-pick").set_input_files(file)
    harmless(rep, shows="onerror=window.pwned=1>.txt")
    rep.get_by_role("button", name="Send it").click()
    reads(customer, "onerror=window.pwned=1>.txt")
    harmless(customer, rep, shows="chat</textarea>")
    rep.locator("[data-tool=diagnostics]").click()
    expect(rep.locator("#panel-diagnostics")).to_contain_text("Windows", timeout=SOON_MS)
    harmless(rep, shows="Name</textarea>")
    rep.get_by_role("tab", name="Talk").click()
    ends(rep, evil("comment"))
    answers(customer)

    broker.clock.advance(minutes=1)
    reviewed(manager, broker, number)


def answers(customer: Page) -> None:
    customer.get_by_role("link", name="Tell us how it was").click()
    for area in customer.locator("textarea").all():
        area.fill(evil("survey"))
    customer.get_by_role("button", name="Send").click()
    expect(customer.get_by_role("heading", name="Thank you")).to_be_visible()


def reviewed(manager: Page, broker: BrokerWorld, number: int) -> None:
    """Look at the session on every page of the Management Center that tells of it."""
    manages(manager, broker)
    root = f"{broker.url}/manager"
    manager.goto(f"{root}/sessions")
    harmless(manager, shows="Name</textarea>")
    manager.goto(f"{root}/sessions?q={'%3Cimg src=x data-pwned onerror=window.pwned=1%3E'}")
    harmless(manager, shows="data-pwned")
    manager.goto(f"{root}/sessions/{number}")
    for said in (*FIELDS, "chat", "answer", "comment", "survey"):
        harmless(manager, shows=f"{said}</textarea>")
    manager.get_by_role("link", name="Replay the screens").click()
    harmless(manager, shows="chat</textarea>")
    for report in ("survey", "details", "summary", "representatives"):
        manager.goto(f"{root}/reports/{report}?from=2030-01-01&to=2030-01-16")
        harmless(manager, shows="Reports")


def test_a_customer_who_waits_is_text_on_the_dashboard(
    broker: BrokerWorld, customer: Page, manager: Page
) -> None:
    """Live, as it comes in."""
    manages(manager, broker)
    asks(customer, broker, **FIELDS)
    harmless(manager, shows="Question</textarea>")


def test_what_a_launch_brings_unseen_stays_text(
    broker: BrokerWorld, customer: Page, rep: Page, manager: Page
) -> None:
    """PORTAL-1: hidden fields, an e-mail address, ticket number and language; an answer, too."""
    unseen = ("Name", "Email", "CustomField1", "ReferenceId", "Locale")
    sits_down(rep, broker)
    query = urlencode({"Portal": PORTAL, "Question": "Why?", **{one: evil(one) for one in unseen}})
    customer.goto(f"{broker.url}/ds/queryPost.flow?{query}")
    number = session_of(customer)
    harmless(customer, shows="Please wait")
    harmless(rep, shows="CustomField1</textarea>")
    accepts(rep)
    harmless(rep, shows="Email</textarea>")
    agrees(customer)
    ends(rep)
    broker.tester.perform(
        "survey",
        {"sessionId": number, "customerRatings": [{"label": evil("label"), "value": evil("v")}]},
    )
    broker.clock.advance(minutes=1)

    manages(manager, broker)
    manager.goto(f"{broker.url}/manager/sessions/{number}")
    for one in (*unseen, "label"):
        harmless(manager, shows=f"{one}</textarea>")
    for page in ("sessions?q=data-pwned", "reports/survey", "audit"):
        manager.goto(f"{broker.url}/manager/{page}")
        harmless(manager, shows="Log out")


@pytest.mark.parametrize("path", ["/h/{}", "/sb/{}", "/ph/{}"])
def test_what_an_address_brings_along_stays_text(
    broker: BrokerWorld, customer: Page, path: str, visit: Callable[[], Page]
) -> None:
    """PORTAL-2: pre-filled fields, hidden ones, and a portal that there is not."""
    bad = "%22%27%3E%3Cscript%20data-pwned%3Ewindow.pwned=1%3C/script%3E"
    query = "&".join(f"{name}={bad}" for name in ("Name", "Question", "Code", "Company", "x"))
    customer.goto(f"{broker.url}{path.format(PORTAL)}?{query}")
    harmless(customer, shows="Oakhurst")


def test_the_journal_of_the_simulator_shows_it_as_text(
    broker: BrokerWorld, customer: Page, visit: Callable[[], Page]
) -> None:
    """Whatever was sent, by form or in an address."""
    asks(customer, broker, **FIELDS)
    page = visit()
    host = broker.control_url.partition("/_sim")[0]
    page.goto(f"{host}/_sim/#token={broker.control_token}")
    page.locator("#pick").select_option(broker.name)
    page.locator("#sections a[href='#journal']").click()
    for line in page.locator("#exchanges summary").all()[:6]:
        line.click()
    harmless(page, shows="/h/")

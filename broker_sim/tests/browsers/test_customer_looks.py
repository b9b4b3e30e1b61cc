"""PORTAL-1, SEC-2: a portal's pages, for everybody: keys, reader, phone, dark, right to left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from broker_sim.core.branding import Branding
from broker_sim.core.form import Form, FormField, SurveyField
from broker_sim.core.record import Representative
from broker_sim.service import branding, forms, hiring
from broker_sim.service.storage import Portal
from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.eyes import Looks, Watch
from broker_sim.tests.browsers.people import agrees

Axe = Callable[[Page], None]
LONG: Final = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
ARABIC: Final = "الطابعة لا تعمل منذ الصباح"
TYPES: Final = ("SmartBox", "SmartButton", "SmartMatch", "SmartPin")
# What a form may do to a page that believes it.
EVIL: Final = (
    "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>{{7*7}}"
    "<svg onload=alert(3)>javascript:alert(4)"
)


@pytest.fixture(autouse=True)
def errors_are_wanted(watch: Watch) -> Iterator[None]:
    """A form that comes back has a status of 400, which Chromium writes on its console."""
    watch.allow("status of 400")
    return iter([None])


def a_portal(broker: BrokerWorld, kind: str, name: str = "Help & Co") -> str:
    portal = Portal(
        kind.lower(), name, "Oakhurst Textiles", kind, ("general", "print"), hard_lockouts=False
    )
    broker.tester.add_portal(portal, f"api-{kind}", "Swordfish-1")
    return portal.name


def staff(broker: BrokerWorld, portal: str, *names: str) -> None:
    """Hire representatives, and put them at their desks."""
    world = broker.tester.world
    now = world.clock.now()
    for place, name in enumerate(names):
        rep = Representative(f"rep-{place}@example.com", name, name, "Desktop support", "192.0.2.9")
        hiring.hire(world, rep, "Swordfish-11", portal)
        with world.store.writing() as tx:
            tx.connect_rep(rep.email, None, now)
            tx.set_available(rep.email, available=True, since=now)


def ask(page: Page) -> Any:
    return page.get_by_role("button", name="Ask for help")


@pytest.mark.parametrize("kind", TYPES)
def test_the_home_of_every_type_of_portal(
    broker: BrokerWorld, customer: Page, look: Looks, axe: Axe, kind: str
) -> None:
    """PORTAL-1: it fits, and keeps nobody out."""
    name = a_portal(broker, kind)
    if kind == "SmartMatch":
        staff(broker, name, "Mara Lindqvist", "Tom Okafor", LONG, "ليلى")
    customer.goto(f"{broker.url}/h/{name}")

    look(customer, f"customer-{kind.lower()}")
    axe(customer)


def test_a_representative_is_picked_by_keyboard(broker: BrokerWorld, customer: Page) -> None:
    """PORTAL-6: and alone has the request; nobody's address is on the page."""
    name = a_portal(broker, "SmartMatch")
    staff(broker, name, "Mara Lindqvist", "Tom Okafor")
    customer.goto(f"{broker.url}/h/{name}")
    assert "@example.com" not in customer.content()
    customer.get_by_label("Whoever is free first").focus()
    customer.keyboard.press("ArrowUp")
    assert customer.get_by_role("radio", name="Tom Okafor").is_checked()
    customer.get_by_label("Name").fill("Eva")
    customer.get_by_label("How can we help you?").fill("Why?")
    ask(customer).click()

    expect(customer.get_by_text("Whom you picked sees your request first.")).to_be_visible()
    with broker.tester.world.store.reading() as tx:
        (waiting,) = tx.waiting(name)
        assert [alert.representative for alert in tx.alerts(waiting.session_id)] == [
            "rep-1@example.com"
        ]


def test_the_pages_of_a_session(broker: BrokerWorld, customer: Page, look: Looks, axe: Axe) -> None:
    """PORTAL-4, PORTAL-5: each stage, with something in it."""
    customer.goto(f"{broker.url}/h/{broker.logins[0][0]}")
    ask(customer).evaluate("button => { button.form.noValidate = true }")
    ask(customer).click()
    expect(customer.get_by_text("Please fill in: Name, Question")).to_be_visible()
    see(customer, "missing", look, axe)
    customer.get_by_label("Name").fill("Eva")
    customer.get_by_label("How can we help you?").fill("The printer hums.")
    ask(customer).click()
    see(customer, "waiting", look, axe)
    number = {"sessionId": int(customer.locator(".stage").get_attribute("data-session") or 0)}
    broker.tester.perform("accept", number)
    customer.get_by_role("button", name="I agree, begin").wait_for()
    see(customer, "consent", look, axe)
    agrees(customer)
    customer.get_by_label("Your message").wait_for()
    see(customer, "talk-empty", look, axe)
    for speaker, text in (("representative", "Does it show anything?"), ("customer", "“Tray 2”.")):
        broker.tester.perform("chat", {**number, "speaker": speaker, "text": text})
    broker.tester.perform("pushUrl", {**number, "url": "https://example.com/tray-2"})
    broker.tester.perform("screen", {**number, "on": True})
    customer.get_by_label("Simulated screen of your computer").wait_for()
    see(customer, "talk-sharing", look, axe)
    broker.tester.perform("end", number)
    customer.get_by_role("link", name="Tell us how it was").click()
    see(customer, "survey", look, axe)
    customer.get_by_label("Yes").check()
    customer.get_by_role("button", name="Send").click()
    see(customer, "thanks", look, axe)


def see(page: Page, name: str, look: Looks, axe: Axe) -> None:
    look(page, f"customer-{name}")
    axe(page)


def test_what_is_long_or_written_from_right_to_left_fits(
    broker: BrokerWorld, customer: Page, look: Looks, axe: Axe
) -> None:
    """PORTAL-1: names, labels, questions, chat; the page is laid out by the launch's locale."""
    world, name = broker.tester.world, a_portal(broker, "SmartBox", LONG)
    words = Branding(LONG, "#ffd400", "مد", "مرحبا بكم، كيف نساعدكم؟", f"© {LONG}")
    branding.set_branding(world, name, words)
    fields = (FormField("Name", "الاسم", required=True), FormField("Asset", LONG))
    stars = SurveyField("Stars", "How many stars?", ("1", "2", "3", "4", "5"))
    forms.set_form(world, name, Form(fields, (stars,)))
    customer.goto(f"{broker.url}/h/{name}?Locale=ar-EG&Name=ليلى")
    assert customer.locator("html").get_attribute("dir") == "rtl"
    see(customer, "rtl-form", look, axe)
    customer.get_by_label("How can we help you?").fill(ARABIC)
    ask(customer).click()
    assert customer.locator("html").get_attribute("dir") == "rtl"
    see(customer, "rtl-waiting", look, axe)
    number = {"sessionId": int(customer.locator(".stage").get_attribute("data-session") or 0)}
    broker.tester.perform("accept", number)
    agrees(customer)
    customer.get_by_label("Your message").wait_for()
    for speaker, text in (("representative", ARABIC), ("customer", LONG * 3)):
        broker.tester.perform("chat", {**number, "speaker": speaker, "text": text})
    customer.get_by_text(LONG * 3).wait_for()
    see(customer, "rtl-talk", look, axe)
    broker.tester.perform("end", number)
    customer.get_by_role("link", name="Tell us how it was").click()
    customer.get_by_label("3 of 5").focus()
    customer.keyboard.press("ArrowRight")
    assert (
        customer.get_by_label("4 of 5").is_checked() or customer.get_by_label("2 of 5").is_checked()
    )
    see(customer, "rtl-stars", look, axe)


def test_whatever_is_typed_is_text(broker: BrokerWorld, customer: Page, watch: Watch) -> None:
    """SEC-2: nothing runs, nothing is loaded: from forms, chats, file names, pages, brandings."""
    world, portal = broker.tester.world, broker.logins[0][0]
    words = Branding(EVIL[:80], "#123456", "<b>", EVIL, EVIL)
    branding.set_branding(world, portal, words)
    customer.goto(f"{broker.url}/h/{portal}")
    for label in ("Name", "Company", "E-mail", "Phone", "How can we help you?"):
        customer.get_by_label(label).fill(EVIL)
    ask(customer).click()
    expect(customer.get_by_text(EVIL).first).to_be_visible()
    number = {"sessionId": int(customer.locator(".stage").get_attribute("data-session") or 0)}
    broker.tester.perform("accept", number)
    agrees(customer)
    customer.get_by_label("Your message").fill(EVIL)
    customer.keyboard.press("Enter")
    log = customer.get_by_role("log")
    expect(log.get_by_text(EVIL).last).to_be_visible()
    broker.tester.perform("chat", {**number, "speaker": "representative", "text": EVIL})
    broker.tester.perform("sendFile", {**number, "name": EVIL.replace("/", "|"), "size": 1})
    broker.tester.perform(
        "pushUrl", {**number, "url": 'https://a.example/"><script>alert(5)</script>'}
    )
    expect(log.get_by_role("listitem")).to_have_count(4)
    assert not customer.locator("main img, main script, main svg").count()
    customer.goto(f"{customer.url}/talk")
    assert not customer.locator("main img, main script, main svg").count()
    assert not watch.problems

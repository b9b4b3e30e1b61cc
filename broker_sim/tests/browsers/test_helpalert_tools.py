"""AGENT-1, PHONE-1, PHONE-5: codes, tools and dialogs of the desk in a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from broker_sim.contract import limits
from broker_sim.core.record import Event
from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.eyes import Looks, Watch
from broker_sim.tests.browsers.people import SOON_MS, reads, sits_down, staff_of
from broker_sim.tests.browsers.records import details, record
from broker_sim.tests.browsers.test_helpalert_desk import begins
from broker_sim.tests.browsers.waits import until

Axe = Callable[[Page], None]
Visit = Callable[..., Page]


def makes_code(rep: Page, name: str) -> str:
    """Make a phone code; give its digits."""
    rep.get_by_role("button", name="New code").click()
    rep.get_by_label("Name of the caller").fill(name)
    rep.get_by_role("button", name="Make a code").click()
    card = rep.locator("#codes > li").filter(has_text=name)
    expect(card).to_be_visible()
    return str(card.get_attribute("data-key"))


def test_a_code_is_read_mailed_and_cancelled(
    broker: BrokerWorld, rep: Page, look: Looks, axe: Axe
) -> None:
    """PHONE-1, PHONE-5: big digits, the time that is left, a text with the link in it."""
    sits_down(rep, broker)
    code = makes_code(rep, "Ann")
    makes_code(rep, "Ben")
    makes_code(rep, "Cem")
    card = rep.locator("#codes > li").filter(has_text="Ann")
    expect(card).to_contain_text(f"{code[:3]} {code[3:6]} {code[6:]}")
    expect(card.get_by_role("timer")).to_have_attribute("aria-label", "15:00 left")
    look(rep, "desk-codes")
    card.get_by_role("button", name="E-mail").click()
    mail = rep.locator("#mail-dialog")
    text = mail.locator("#mail-text").input_value()
    assert f"code={code}" in text
    assert "$" not in text
    link = str(mail.get_by_role("link").get_attribute("href"))
    assert link.startswith("mailto:?subject=")
    look(rep, "desk-mail")
    axe(rep)
    mail.get_by_text("Change the template").click()
    mail.locator("#mail-template").fill("Go to $URL$ now, $CUSTOMER$")
    assert mail.locator("#mail-text").input_value().endswith(f"code={code} now, Ann")
    mail.get_by_role("button", name="Close").click()
    card.get_by_role("button", name="Cancel").click()
    expect(card).to_have_count(0)
    rep.get_by_role("button", name="Cancel all codes").click()
    expect(rep.locator("#toast")).to_have_text("2 codes are cancelled.")
    expect(rep.locator("#codes > li")).to_have_count(0)


def test_a_typed_code_opens_a_session_at_the_desk(
    broker: BrokerWorld, rep: Page, customer: Page
) -> None:
    """PHONE-4: the representative sees who has typed it."""
    sits_down(rep, broker)
    rep.get_by_role("button", name="New code").click()
    rep.get_by_label("Name of the caller").fill("Ann")
    rep.get_by_label("Ticket number").fill("INC-7")
    rep.get_by_role("button", name="Make a code").click()
    card = rep.locator("#codes > li")
    expect(card).to_have_count(1)
    code = card.get_attribute("data-key")
    portal = rep.evaluate("() => document.querySelector('#code-portal').value")
    customer.goto(f"{broker.url}/ph/{portal}?code={code}")
    customer.get_by_role("button", name="Connect").click()
    expect(rep.locator("#session-stage")).to_have_text("waits for consent", timeout=SOON_MS)
    expect(rep.locator("#facts-body")).to_contain_text("INC-7")
    expect(rep.locator("#facts-body")).to_contain_text("phone code")
    expect(card).to_have_count(0)


def test_a_file_s_size_is_said_before_it_is_sent(
    broker: BrokerWorld, rep: Page, tmp_path: Path
) -> None:
    """AGENT-1: one byte too many is refused in the page."""
    sits_down(rep, broker)
    number = begins(rep, broker, "Eva")
    rep.locator("[data-tool=file]").click()
    dialog, most = rep.locator("#file-dialog"), limits.SENT_FILE_MAX_BYTES
    for size, fits in ((most + 1, False), (most, True)):
        file = tmp_path / f"big file {size}.bin"
        file.write_bytes(bytes(size))
        rep.locator("#file-pick").set_input_files(file)
        expect(rep.locator("#file-said")).to_contain_text(f"has {size:,} bytes")
        dialog.get_by_role("button", name="Send it").click()
        if not fits:
            expect(dialog.get_by_role("alert")).to_contain_text("can be sent")
    reads(rep, f"big file {most}.bin ({most} bytes)")
    until(rep, lambda: details(broker, number, Event.FILE_SENT))
    assert details(broker, number, Event.FILE_SENT) == [f"big file {most}.bin ({most} bytes)"]


def test_a_customer_is_handed_on_to_a_colleague(
    broker: BrokerWorld, rep: Page, visit: Visit, axe: Axe
) -> None:
    """SESS-3: the dialog says who is there, and the colleague has the session at once."""
    first, second = staff_of(broker)[:2]
    colleague = visit()
    sits_down(colleague, broker, second)
    sits_down(rep, broker, first)
    number = begins(rep, broker, "Eva")
    request = colleague.locator("#alerts > li")
    expect(request).to_have_count(0, timeout=SOON_MS)
    rep.locator("[data-tool=transfer]").click()
    dialog = rep.locator("#transfer-dialog")
    expect(dialog.locator(".pick").first).to_be_visible()
    axe(rep)
    dialog.locator(f"input[value='{second}']").check()
    dialog.get_by_role("button", name="Hand on").click()
    expect(rep.locator("#after-title")).to_have_text("The customer is handed on")
    expect(colleague.locator("#session-name")).to_have_text("Eva", timeout=SOON_MS)
    expect(colleague.locator("#facts-body")).to_contain_text(f"session {number}")


def test_reboot_end_and_survey_are_told_and_kept(
    broker: BrokerWorld, rep: Page, look: Looks, axe: Axe
) -> None:
    """AGENT-1: by keyboard, from dialog to dialog; focus comes back to where it was."""
    sits_down(rep, broker)
    number = begins(rep, broker, "Eva")
    reboot = rep.locator("[data-tool=reboot]")
    reboot.focus()
    rep.keyboard.press("Enter")
    rep.get_by_label("does not come back").check()
    rep.keyboard.press("Enter")
    expect(rep.locator("#toast")).to_contain_text("did not come back")
    expect(reboot).to_be_focused()
    rep.keyboard.press("e")
    rep.get_by_label("Comment").fill("Machine is dead.")
    rep.get_by_label("Unresolved").check()
    look(rep, "desk-end")
    axe(rep)
    rep.get_by_role("button", name="End the session").click()
    expect(rep.locator("#after-note")).to_have_text("Resolution: Unresolved.")
    look(rep, "desk-after")
    axe(rep)
    rep.get_by_label("Not so well").check()
    rep.get_by_role("button", name="Send the survey").click()
    expect(rep.locator("#survey")).to_be_hidden()
    rep.get_by_role("button", name="Close this session").click()
    expect(rep.locator("#nobody")).to_be_visible()
    lived = record(broker, number)
    assert (lived.resolution, lived.rep_comment) == ("Unresolved", "Machine is dead.")
    assert lived.reboot_reconnect == "ReconnectFailed"
    assert [one.value for one in lived.rep_ratings] == ["Not so well"]


def test_keys_work_outside_of_fields_and_can_be_switched_off(
    broker: BrokerWorld, rep: Page, axe: Axe
) -> None:
    """A list of them is behind the question mark."""
    sits_down(rep, broker)
    begins(rep, broker, "Eva")
    message = rep.get_by_label("Your message")
    expect(message).not_to_be_focused()
    rep.keyboard.press("1")
    expect(message).to_be_focused()
    assert "Hello Eva" in message.input_value()
    rep.keyboard.type("?a")
    assert message.input_value().endswith("?a")
    expect(rep.locator("#keys-dialog")).to_be_hidden()
    rep.keyboard.press("Escape")
    rep.keyboard.press("?")
    expect(rep.locator("#keys-dialog")).to_be_visible()
    axe(rep)
    rep.get_by_label("Single keys work").uncheck()
    rep.keyboard.press("Escape")
    rep.keyboard.press("v")
    expect(rep.locator("#availability")).to_be_checked()


def test_canned_replies_are_one_s_own_and_stay(broker: BrokerWorld, rep: Page) -> None:
    """They are kept in the browser, with the names of who talks filled in."""
    sits_down(rep, broker)
    begins(rep, broker, "Eva")
    rep.get_by_role("button", name="Edit replies").click()
    field = rep.get_by_label("Replies", exact=True)
    assert "Goodbye" in field.input_value()
    field.fill("Tea? | Would you like tea, {customer}? <b>{rep}</b>\n\nJust this")
    rep.get_by_role("button", name="Keep them").click()
    expect(rep.locator("#canned button")).to_have_count(2)
    rep.reload()
    expect(rep.locator("#session-name")).to_have_text("Eva")
    rep.get_by_role("button", name="Tea?").click()
    name = rep.locator("#desk").get_attribute("data-name")
    expect(rep.get_by_label("Your message")).to_have_value(
        f"Would you like tea, Eva? <b>{name}</b>"
    )
    rep.keyboard.press("Enter")
    reads(rep, "Would you like tea, Eva?")


def test_what_xml_cannot_carry_is_refused_in_words(
    broker: BrokerWorld, rep: Page, watch: Watch
) -> None:
    """SESS-4: a control character that came with a paste is not lost without a word."""
    watch.allow("status of 400")
    sits_down(rep, broker)
    begins(rep, broker, "Eva")
    message = rep.get_by_label("Your message")
    message.fill("tab \x0b tab")
    rep.keyboard.press("Enter")
    expect(rep.locator("#message-problem")).to_contain_text("U+000B")
    expect(message).to_have_value("tab \x0b tab")
    expect(rep.locator("#talk li")).to_have_count(0)

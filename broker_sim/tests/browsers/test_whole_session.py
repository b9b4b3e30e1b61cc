"""A whole session in three browsers: the customer's, the representative's, the manager's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

from broker_sim.core.record import Event
from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.eyes import Looks
from broker_sim.tests.browsers.people import (
    SOON_MS,
    accepts,
    agrees,
    asks,
    reads,
    says,
    session_of,
    sits_down,
)
from broker_sim.tests.browsers.records import kinds

Axe = Callable[[Page], None]


@dataclass(frozen=True, slots=True)
class Stage:
    """Who plays, and who looks on."""

    broker: BrokerWorld
    customer: Page
    rep: Page
    look: Looks
    axe: Axe

    def seen(self, page: Page, name: str) -> None:
        """Take pictures of a page, and check that everybody can use it."""
        self.look(page, name)
        self.axe(page)


def test_a_session_from_the_question_to_the_survey(
    broker: BrokerWorld, customer: Page, rep: Page, look: Looks, axe: Axe, tmp_path: Path
) -> None:
    """SESS-2, CHAN-1: what each does, the other sees; what happened is the session's record."""
    stage = Stage(broker, customer, rep, look, axe)
    number = begin(stage)
    talk(stage)
    hand_over(stage, tmp_path)
    end(stage)
    answer_the_survey(stage)

    assert kinds(broker, number) == [
        Event.POSTED,
        Event.ACCEPTED,
        Event.STARTED,
        Event.CHAT,
        Event.CHAT,
        Event.FILE_SENT,
        Event.URL_PUSHED,
        Event.DIAGNOSTICS_TAKEN,
        Event.ENDED,
        Event.SURVEY_RECEIVED,
    ]


def begin(stage: Stage) -> int:
    customer, rep = stage.customer, stage.rep
    sits_down(rep, stage.broker)
    stage.seen(rep, "desk-empty")
    asks(customer, stage.broker, Question="The till prints blank receipts.")
    number = session_of(customer)
    stage.seen(customer, "customer-waiting")
    expect(rep.locator("#alerts")).to_contain_text("blank receipts", timeout=SOON_MS)
    stage.seen(rep, "desk-alert")
    accepts(rep)
    expect(customer.get_by_role("button", name="I agree, begin")).to_be_visible(timeout=SOON_MS)
    stage.seen(customer, "customer-consent")
    agrees(customer)
    return number


def talk(stage: Stage) -> None:
    says(stage.customer, "Hello, is anybody there?")
    reads(stage.rep, "is anybody there?")
    says(stage.rep, "Yes. Which till is it?")
    reads(stage.customer, "Which till is it?")


def hand_over(stage: Stage, folder: Path) -> None:
    """A file, a page, the diagnostics."""
    customer, rep = stage.customer, stage.rep
    rep.get_by_role("button", name="Send file").click()
    file = folder / "driver notes.txt"
    file.write_text("Turn it off and on again.", encoding="utf-8")
    rep.locator("#file-pick").set_input_files(file)
    rep.get_by_role("button", name="Send it").click()
    with customer.expect_download() as given:
        reads(customer, "driver notes.txt").get_by_role("link").click()
    assert Path(given.value.path()).read_text(encoding="utf-8") == "Turn it off and on again."

    rep.get_by_role("button", name="Show page").click()
    rep.get_by_label("Address").fill("https://help.example.com/tills")
    rep.get_by_role("button", name="Show it").click()
    link = reads(customer, "help.example.com").get_by_role("link")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    rep.locator("[data-tool=diagnostics]").click()
    expect(rep.locator("#panel-diagnostics")).to_contain_text("Windows", timeout=SOON_MS)
    stage.seen(rep, "desk-diagnostics")
    rep.get_by_role("tab", name="Talk").click()
    stage.seen(customer, "customer-talking")
    stage.seen(rep, "desk-talking")


def end(stage: Stage) -> None:
    stage.rep.locator("[data-tool=end]").click()
    dialog = stage.rep.locator("#end-dialog")
    dialog.get_by_label("Comment").fill("A new roll of paper.")
    stage.seen(stage.rep, "desk-ending")
    dialog.get_by_role("button", name="End the session").click()
    over = stage.customer.get_by_role("heading", name="The session has ended")
    expect(over).to_be_visible(timeout=SOON_MS)
    stage.seen(stage.customer, "customer-finished")


def answer_the_survey(stage: Stage) -> None:
    customer = stage.customer
    customer.get_by_role("link", name="Tell us how it was").click()
    stage.seen(customer, "customer-survey")
    for question in customer.locator("fieldset.question").all():
        question.locator("label").last.click()
    customer.get_by_role("button", name="Send").click()
    expect(customer.get_by_role("heading", name="Thank you")).to_be_visible()

"""The manager's way through sessions, a replay that really paints, and reports, in a browser."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from broker_sim.service import managers
from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browsers.eyes import Looks
from broker_sim.tests.managers_in import password_of

Axe = Callable[[Page], None]
LONG = "Bartholomew-Maximilian " * 8
ARABIC = "الطابعة لا تعمل منذ الصباح"
# How much of the first screen is painted in other than its commonest colour, in percent.
PAINTED = """() => {
  const found = [...document.querySelectorAll(".replay-stage canvas")];
  const canvas = found.find((one) => one.width > 100);
  if (!canvas) return 0;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Map();
  for (let at = 0; at < data.length; at += 4) {
    const colour = data[at] << 16 | data[at + 1] << 8 | data[at + 2];
    seen.set(colour, (seen.get(colour) ?? 0) + 1);
  }
  return 100 - 100 * Math.max(...seen.values()) / (data.length / 4);
}"""


def enter(page: Page, broker: BrokerWorld, role: str = "company") -> None:
    """Log in to the Management Center."""
    username, password = password_of(broker, role)
    page.goto(f"{broker.url}/manager/login")
    page.get_by_label("E-mail address").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")


def lived(broker: BrokerWorld) -> int:
    """Live a session in which both talk, to its recording; give its id."""
    portal = broker.logins[0][0]
    with broker.tester.world.store.reading() as tx:
        known = tx.portal(portal)
    assert known is not None
    asked = {
        "portal": portal,
        "subPortal": known.sub_portals[0],
        "question": ARABIC,
        "smartBoxEntries": [
            {"label": "Name", "value": "ليلى عبد الرحمن"},
            {"label": "Company", "value": LONG},
            {"label": None, "value": "<b>bold</b>"},
        ],
    }
    number = broker.tester.perform("post", asked).session_id
    for act, more in (
        ("accept", {}),
        ("start", {}),
        ("chat", {"text": ARABIC}),
        ("chat", {"speaker": "representative", "text": "Let me have a look."}),
        ("screen", {"on": True}),
        ("end", {"resolution": "Resolved"}),
        ("record", {}),
    ):
        broker.tester.perform(act, {"sessionId": number, **more})
    return number


@pytest.fixture
def inside(visit: Callable[[], Page], broker: BrokerWorld) -> Page:
    """A company manager's browser, logged in."""
    page = visit()
    enter(page, broker)
    return page


def test_a_manager_finds_a_session_reads_it_and_sees_it_replayed(
    inside: Page, broker: BrokerWorld, look: Looks, axe: Axe
) -> None:
    """REC-4: the key that the page gets opens both recordings; frames are painted."""
    number = lived(broker)
    inside.get_by_role("link", name="Sessions").click()
    inside.get_by_label("Search", exact=True).fill("الطابعة")
    inside.keyboard.press("Enter")
    expect(inside.locator("tbody tr")).to_have_count(1)
    look(inside, "manager-sessions-right-to-left")
    axe(inside)
    inside.get_by_role("link", name=str(number)).click()
    expect(inside.get_by_role("heading", level=1)).to_have_text(f"Session {number}")
    look(inside, "manager-session-right-to-left")
    axe(inside)
    inside.get_by_role("link", name="Replay the screens").click()
    expect(inside.get_by_role("button", name="Play")).to_be_visible()
    # A function is evaluated once; a text each time, which the page's policy forbids.
    inside.wait_for_function(f"() => ({PAINTED})() > 5")
    expect(inside.locator(".replay-stage canvas").first).to_be_visible()
    look(inside, "manager-replay")
    axe(inside)


def test_a_security_key_is_typed_in_the_page_and_never_sent(
    inside: Page, broker: BrokerWorld
) -> None:
    """REC-4, REC-7: a wrong one opens nothing and says so."""
    managers.set_security_key(broker.tester.world, broker.logins[0][0], "correct horse")
    number = lived(broker)
    sent: list[str] = []
    inside.on("request", lambda request: sent.append(f"{request.url} {request.post_data}"))
    inside.goto(f"{broker.url}/manager/sessions/{number}/replay")
    field = inside.get_by_label("Security key")
    field.fill("wrong horse")
    field.press("Enter")
    expect(inside.get_by_role("alert").filter(has_text="key")).to_be_visible()
    field.fill("correct horse")
    field.press("Enter")
    expect(inside.get_by_role("button", name="Play")).to_be_visible()

    assert not any("horse" in one for one in sent)


def test_sealed_diagnostics_open_in_the_page(inside: Page, broker: BrokerWorld, axe: Axe) -> None:
    """REC-2, REC-4: the broker shows none of them; the key does, and is not sent."""
    managers.set_security_key(broker.tester.world, broker.logins[0][0], "correct horse")
    number = lived(broker)
    sent: list[str] = []
    inside.on("request", lambda request: sent.append(f"{request.url} {request.post_data}"))
    inside.goto(f"{broker.url}/manager/sessions/{number}")
    expect(inside.get_by_text("REMOTE DIAGNOSTICS")).to_have_count(0)
    field = inside.get_by_label("Security key")
    axe(inside)
    field.fill("wrong horse")
    field.press("Enter")
    expect(inside.get_by_role("alert").filter(has_text="key")).to_be_visible()
    field.fill("correct horse")
    field.press("Enter")
    expect(inside.get_by_text(f"REMOTE DIAGNOSTICS session {number}")).to_be_visible()

    assert not any("horse" in one for one in sent)


def test_pages_of_a_full_world_are_open_to_everybody(
    visit: Callable[[], Page], full: BrokerWorld, look: Looks, axe: Axe
) -> None:
    """No axe finding is serious; nothing is wider than its window."""
    page = visit()
    enter(page, full)
    pages = {
        "sessions": "sessions",
        "sessions-filtered": "sessions?resolution=Unresolved&waited=10&mode=Phone",
        "sessions-empty": "sessions?q=nonesuch",
        "report-summary": "reports",
        "report-details": "reports/details",
        "report-representatives": "reports/representatives",
        "report-survey": "reports/survey",
        "report-empty": "reports?team=nobody",
    }
    for name, path in pages.items():
        page.goto(f"{full.url}/manager/{path}")
        look(page, f"manager-{name}")
        axe(page)


@pytest.fixture
def full(broker: BrokerWorld) -> BrokerWorld:
    """A world with a past."""
    broker.tester.add_past(300, 60)
    return broker


def test_the_list_and_reports_work_without_scripts(
    visit: Callable[..., Page], broker: BrokerWorld
) -> None:
    """Filters, pages and charts are forms, links and tables."""
    lived(broker)
    page = visit(java_script_enabled=False)
    enter(page, broker)
    page.goto(f"{broker.url}/manager/sessions")
    page.get_by_text("More filters").click()
    page.get_by_label("Resolution").select_option("Resolved")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.get_by_role("link", name="Remove the filter")).to_have_count(1)
    page.goto(f"{broker.url}/manager/reports")
    expect(page.get_by_role("table", name="Requests by weekday and hour")).to_be_visible()
    expect(page.get_by_text("Questions submitted")).to_be_visible()


def test_a_search_goes_on_by_itself_once_told_to(
    inside: Page, broker: BrokerWorld, axe: Axe
) -> None:
    """Step after step, until there is something or nothing is left."""
    lived(broker)
    broker.tester.add_past(2500, 60)
    inside.goto(f"{broker.url}/manager/sessions?status=Finished&q=nonesuch")
    expect(inside.get_by_text("Nothing fits since")).to_be_visible()
    axe(inside)
    inside.get_by_role("link", name="Search on, further back").press("Enter")
    expect(inside.get_by_role("heading", name="No more sessions")).to_be_visible(timeout=30_000)
    expect(inside.get_by_role("link", name="Search on")).to_have_count(0)


def test_what_a_search_found_stays_while_it_goes_on(inside: Page, broker: BrokerWorld) -> None:
    """The newest of all and the oldest of all are in one list in the end."""
    broker.tester.add_past(1500, 60)
    with broker.tester.world.store.reading() as tx:
        oldest = tx.held(12012692)
    assert oldest is not None
    needle = oldest.session.smart_box_entries[0].value
    portal, sub = oldest.session.portal, oldest.session.sub_portal
    asked = {"portal": portal, "subPortal": sub, "question": f"Like {needle}"}
    newest = broker.tester.perform("post", asked).session_id
    inside.goto(f"{broker.url}/manager/sessions?q={quote(needle)}")
    expect(inside.get_by_role("link", name=str(newest))).to_be_visible()
    inside.get_by_role("link", name="Search on, further back").click()
    expect(inside.get_by_role("link", name="12012692")).to_be_visible(timeout=30_000)
    expect(inside.get_by_role("link", name=str(newest))).to_be_visible()
    expect(inside.locator("table.cases")).to_have_count(1)

"""SEC-2, LOGON-2 to LOGON-5: how managers get in, and how they are out again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from broker_sim.core import management
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browser import Browser
from broker_sim.tests.managers_in import logged_in, password_of

TICK = timedelta(milliseconds=1)


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


@pytest.fixture
def world(broker: RunningBroker) -> Iterator[BrokerWorld]:
    with broker.world() as made:
        yield made


def is_in(there: Browser, world: BrokerWorld) -> bool:
    """Tell whether the browser is logged in; to look is a use."""
    return there.get(f"{world.url}/manager/password").title == "Your password"


def tried(world: BrokerWorld, username: str, password: str) -> Browser:
    there = Browser().get(f"{world.url}/manager/login")
    return there.send("Log in", username=username, password=password)


def later(world: BrokerWorld, span: timedelta) -> None:
    world.tester.advance(world.tester.clock.now() + span)


@pytest.mark.parametrize("role", ["company", "api", "team", "representative"])
def test_each_of_the_seeded_managers_gets_in_and_out(world: BrokerWorld, role: str) -> None:
    """SEC-2: a representative with access with the password of its desk."""
    there = logged_in(world, role)
    assert is_in(there, world)

    there.send("Log out")
    assert there.title == "Log in"
    assert not is_in(there, world)


def test_who_is_not_logged_in_is_asked_and_then_gets_what_was_wanted(world: BrokerWorld) -> None:
    """SEC-2: the wanted page comes after the login, and only a page of the Management Center."""
    username, password = password_of(world, "company")
    there = Browser().get(f"{world.url}/manager/password?a=1&b=2")
    there.send("Log in", username=username, password=password)

    assert there.answer.url == f"{world.url}/manager/password?a=1&b=2"


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/manager",
        "/\\evil.example/manager",
        "javascript:alert(1)",
        "/manager/../h/x\n",
        "/managerial",
        "",
    ],
)
def test_nobody_is_sent_elsewhere_after_the_login(world: BrokerWorld, wanted: str) -> None:
    """SEC-2: a link to the login page cannot lead to another site."""
    username, password = password_of(world, "company")
    there = Browser()
    there.post(f"{world.url}/manager/login", username=username, password=password, next=wanted)

    assert there.answer.url == f"{world.url}/manager/"


def test_three_failures_lock_for_five_minutes(world: BrokerWorld) -> None:
    """LOGON-3: like any login; the end left out."""
    username, password = password_of(world, "api")
    for _ in range(3):
        assert "password is wrong" in tried(world, username.upper(), "wrong").text
    there = tried(world, username, password)
    assert there.answer.status_code == 429
    assert there.answer.headers["Retry-After"] == "300"

    later(world, timedelta(minutes=5) - TICK)
    assert "locked" in tried(world, username, password).text
    later(world, TICK)
    assert tried(world, username, password).title == "Dashboard"


def test_the_tenth_failure_locks_for_good_where_a_portal_has_hard_lockouts(
    world: BrokerWorld,
) -> None:
    """LOGON-4: the seeded company has one such portal."""
    username, password = password_of(world, "api")
    for nth in range(10):
        if nth and nth % 3 == 0:
            later(world, timedelta(minutes=5))
        tried(world, username, "wrong")
    later(world, timedelta(days=30))

    assert "until an administrator unlocks it" in tried(world, username, password).text


def test_a_name_that_nobody_has_is_told_by_nothing(world: BrokerWorld) -> None:
    """LOGON-2: the same words, the same count, the same lock."""
    known, _ = password_of(world, "team")
    for _ in range(4):
        first, second = tried(world, known, "wrong"), tried(world, "nobody@x.example", "wrong")
        assert first.answer.status_code == second.answer.status_code
        assert first.text == second.text


def test_the_locks_of_a_desk_and_of_the_management_center_are_two(world: BrokerWorld) -> None:
    """LOGON-5: a representative who is locked out here can still work, and the other way round."""
    email, password = password_of(world, "representative")
    for _ in range(3):
        tried(world, email, "wrong")
    with world.tester.world.store.reading() as tx:
        assert tx.lockout(management.account(email)) != tx.lockout(f" {email}")
    assert "locked" in tried(world, email, password).text


@pytest.mark.parametrize(("wrong", "status"), [(9, 200), (10, 429), (11, 429)])
def test_ten_wrong_passwords_from_one_address_have_to_wait(
    world: BrokerWorld, wrong: int, status: int
) -> None:
    """SEC-2: whatever names they were for; limit - 1, limit, limit + 1."""
    username, password = password_of(world, "company")
    for nth in range(wrong):
        tried(world, f"nobody{nth}@x.example", "wrong")

    there = tried(world, username, password)
    assert there.answer.status_code == status
    if status == 429:
        assert there.answer.headers["Retry-After"] == "60"
        later(world, timedelta(minutes=1) - TICK)
        assert tried(world, username, password).answer.status_code == 429
        later(world, TICK)
        assert tried(world, username, password).title == "Dashboard"


def test_a_login_ends_after_twenty_idle_minutes(world: BrokerWorld) -> None:
    """SEC-2: every use begins them anew; the end left out."""
    there = logged_in(world)
    for _ in range(3):
        later(world, timedelta(minutes=20) - TICK)
        assert is_in(there, world)
    later(world, timedelta(minutes=20))
    assert not is_in(there, world)


def test_a_login_ends_after_twelve_hours_whatever_it_is_used_for(world: BrokerWorld) -> None:
    """SEC-2: the end left out."""
    there = logged_in(world)
    for _ in range(36):
        later(world, timedelta(minutes=19, seconds=59))
        assert is_in(there, world)
    later(world, timedelta(seconds=36) - TICK)
    assert is_in(there, world)
    later(world, TICK)
    assert not is_in(there, world)


def test_a_page_that_looks_by_itself_keeps_nobody_logged_in(world: BrokerWorld) -> None:
    """SEC-2: a screen that is left alone ends."""
    there = logged_in(world)
    later(world, timedelta(minutes=19))
    own = {"Own-Accord": "yes"}
    url = f"{world.url}/manager/password"
    assert there.session.get(url, headers=own, timeout=10).status_code == 200
    later(world, timedelta(minutes=1))
    assert there.session.get(url, headers=own, timeout=10).status_code == 401


def test_a_login_is_always_a_new_id_and_ends_the_one_before(world: BrokerWorld) -> None:
    """SEC-2: an id that somebody else has put into the browser is worth nothing."""
    there = logged_in(world)
    first = there.session.cookies["manager"]
    username, password = password_of(world, "company")
    there.post(f"{world.url}/manager/login", username=username, password=password)

    assert there.session.cookies["manager"] != first
    old = Browser()
    old.session.cookies.set("manager", first)
    assert not is_in(old, world)
    forged = Browser()
    forged.session.cookies.set("manager", "chosen-by-somebody")
    forged.post(f"{world.url}/manager/login", username=username, password=password)
    assert "chosen" not in str(forged.session.cookies.get("manager", path=_path(world)))


def _path(world: BrokerWorld) -> str:
    return f"/w/{world.name}/manager"


def test_a_new_password_ends_the_other_logins_and_not_this_one(world: BrokerWorld) -> None:
    """SEC-2: and the old one works no more."""
    username, password = password_of(world, "company")
    here, elsewhere = logged_in(world), logged_in(world)
    here.get(f"{world.url}/manager/password")
    new = {"newPassword": "Quite-new-77", "newPasswordAgain": "Quite-new-77"}
    here.send("Change it", password=password, **new)

    assert "is changed" in here.text
    assert is_in(here, world)
    assert not is_in(elsewhere, world)
    assert "wrong" in tried(world, username, password).text
    assert tried(world, username, "Quite-new-77").title == "Dashboard"


def test_a_representative_changes_the_password_of_its_desk_too(world: BrokerWorld) -> None:
    """SEC-2: one person, one password."""
    email, password = password_of(world, "representative")
    there = logged_in(world, "representative").get(f"{world.url}/manager/password")
    new = {"newPassword": "Quite-new-77", "newPasswordAgain": "Quite-new-77"}
    there.send("Change it", password=password, **new)

    with world.tester.world.store.reading() as tx:
        member = tx.member(email)
    assert member is not None
    assert world.tester.world.vault.check_password("Quite-new-77", member.password_hash)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (("wrong", "Quite-new-77", "Quite-new-77"), "not your present password"),
        ((None, "Quite-new-77", "Quite-new-78"), "not the same"),
        ((None, "short", "short"), "8 to 32 characters"),
        ((None, "lower-case-only", "lower-case-only"), "three of these"),
    ],
)
def test_what_is_wrong_with_a_new_password_is_said_beside_it(
    world: BrokerWorld, typed: tuple[str | None, str, str], words: str
) -> None:
    """SEC-2: and nothing is changed, and no password comes back in the page."""
    _, password = password_of(world, "company")
    there = logged_in(world).get(f"{world.url}/manager/password")
    present, new, again = typed
    there.send("Change it", password=present or password, newPassword=new, newPasswordAgain=again)

    assert words in there.page.xpath("string(//p[@class='wrong'])")
    assert there.page.xpath("//*[@aria-invalid='true']")
    assert new not in there.answer.text
    assert tried(world, *password_of(world, "company")).title == "Dashboard"

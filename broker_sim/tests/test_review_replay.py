"""What the player of recordings gets, where none of it shows, what the audit trail has of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from broker_sim.service import managers
from broker_sim.service.manager_storage import Wanted
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.testing.world import BrokerWorld
from broker_sim.tests.browser import JSON
from broker_sim.tests.managers_in import logged_in, password_of
from broker_sim.tests.test_review_pages import finished, review


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


@pytest.fixture
def world(broker: RunningBroker) -> Iterator[BrokerWorld]:
    with broker.world() as made:
        yield made


def test_the_replay_gets_the_default_key_and_no_security_key(world: BrokerWorld) -> None:
    """REC-8: as getDefaultKey hands it out; what a security key protects is not handed out."""
    default = finished(world)
    managers.set_security_key(world.tester.world, world.logins[0][0], "correct horse")
    secured = finished(world)
    there = logged_in(world, "company").session
    told = {
        n: there.get(review(world, n, "/replay"), headers=JSON).json() for n in (default, secured)
    }

    assert [one["name"] for one in told[default]["recordings"]] == [
        f"remoteScreen{default}.g2a",
        f"localScreen{default}.g2a",
    ]
    assert all(one["key"] for one in told[default]["recordings"])
    assert all(one["key"] is None for one in told[secured]["recordings"])
    assert all(one["wrappedKey"] and one["kdfSalt"] for one in told[secured]["recordings"])


def test_no_key_is_in_a_page_or_in_the_journal(world: BrokerWorld) -> None:
    """REC-7: the script asks for it, and what the script gets is struck out."""
    number = finished(world)
    there = logged_in(world, "company").session
    told = there.get(review(world, number, "/replay"), headers=JSON).json()
    page = there.get(review(world, number, "/replay")).text
    journal = str(world.journal.find())

    assert f"/sessions/{number}/replay" in journal
    for one in told["recordings"]:
        assert one["key"] not in page + journal
        assert one["wrappedKey"] not in page + journal


def test_who_looks_at_a_session_is_in_the_audit_trail(world: BrokerWorld) -> None:
    """SEC-2: read, replayed, exported."""
    number = finished(world)
    there = logged_in(world, "company").get(review(world, number))
    there.get(review(world, number, "/replay"))
    there.session.get(f"{world.url}/manager/sessions.csv?mode=Web", timeout=10)
    email, _ = password_of(world, "company")
    with world.tester.world.store.reading() as tx:
        deeds = [one for one in tx.deeds(Wanted(), 9) if one.action.startswith("session.")]

    assert {one.actor for one in deeds} == {email}
    assert [(one.action, one.subject, one.detail) for one in deeds] == [
        ("session.exported", "1 session", "mode Web"),
        ("session.replayed", str(number), ""),
        ("session.read", str(number), ""),
    ]


def test_replay_urls_of_the_soap_service_are_these_pages(world: BrokerWorld) -> None:
    """SESS-4: where the record says that the screens can be replayed, they can."""
    number = finished(world)
    there = logged_in(world, "company").get(review(world, number))
    (both,) = (a for a in there.page.iter("a") if a.text_content() == "Replay the screens")
    for which in ("remote", "local"):
        page = there.get(f"{world.url.split('/w/')[0]}{both.get('href')}/{which}")
        assert page.answer.status_code == 200
        assert page.page.xpath("//div[@id='player']")
    assert there.get(review(world, number, "/replay/other")).answer.status_code == 404

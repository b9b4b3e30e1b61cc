"""What the player of recordings gets, where none of it shows, what the audit trail has of it."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from broker_sim.adapters import vault
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


def test_the_replay_gets_keys_that_open_its_own_files_only(world: BrokerWorld) -> None:
    """REC-8: the default key, which would open all of the portal's, goes to no page."""
    numbers = [finished(world), finished(world)]
    there = logged_in(world, "company").session
    told = [one for n in numbers for one in recordings(world, there, n)]

    assert [one["name"] for one in told] == [
        f"{side}Screen{number}.g2a" for number in numbers for side in ("remote", "local")
    ]
    assert len({one["contentKey"] for one in told}) == 4
    for one in told:
        sealed = requests.get(world.url + one["url"].removeprefix(below(world)), timeout=10).content
        plain = b"".join(vault.unseal(b64decode(one["contentKey"]), one["keyId"], [sealed]))
        assert plain.startswith(b"4.size")
    with world.tester.world.store.reading() as tx:
        default = tx.key(world.logins[0][0], None)
    assert default is not None
    for number in numbers:
        answer = there.get(review(world, number, "/replay"), headers=JSON)
        assert b64encode(default.kek).decode() not in answer.text
        assert default.kek.hex() not in answer.text


def test_what_a_security_key_protects_is_not_handed_out(world: BrokerWorld) -> None:
    """REC-4, REC-8: nor the keys of the single files."""
    managers.set_security_key(world.tester.world, world.logins[0][0], "correct horse")
    secured = finished(world)
    told = recordings(world, logged_in(world, "company").session, secured)

    assert len(told) == 2
    assert all(one["contentKey"] is None for one in told)
    assert all(one["wrappedKey"] and one["kdfSalt"] for one in told)


def test_no_key_is_in_a_page_or_in_the_journal(world: BrokerWorld) -> None:
    """REC-7: the script asks for it, and what the script gets is struck out."""
    number = finished(world)
    there = logged_in(world, "company").session
    told = recordings(world, there, number)
    page = there.get(review(world, number, "/replay")).text
    journal = str(world.journal.find())

    assert f"/sessions/{number}/replay" in journal
    for one in told:
        assert one["contentKey"] not in page + journal
        assert one["wrappedKey"] not in page + journal


def recordings(
    world: BrokerWorld, there: requests.Session, number: int
) -> Sequence[Mapping[str, Any]]:
    """Give what the player's script is told of a session's recordings."""
    told: Sequence[Mapping[str, Any]] = there.get(
        review(world, number, "/replay"), headers=JSON
    ).json()["recordings"]
    return told


def below(world: BrokerWorld) -> str:
    """Give the path that a world stands below."""
    return urlsplit(world.url).path


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

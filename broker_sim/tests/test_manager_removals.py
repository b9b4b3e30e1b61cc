"""SEC-2: what has no history is removed, and what has one stays, whatever a manager wants."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from broker_sim.core import management, staff
from broker_sim.core.lockout import HardLocked
from broker_sim.core.management import Role
from broker_sim.core.record import Representative
from broker_sim.core.refusal import Refused
from broker_sim.service import manager_people, manager_portals, manager_staff, standing_in
from broker_sim.service.manager_storage import Manager
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.tests.manager_cast import GOOD, Cast
from broker_sim.tests.managers_in import logged_in

AT = "/manager/administration"


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


@pytest.fixture
def company(cast: Cast) -> str:
    """Who may do all of it."""
    return cast.managers[Role.COMPANY]


def session_of(cast: Cast, *acts: str) -> int:
    """Let a session of the cast's representative come as far as these acts; give its number."""
    portal, sub = cast.desk
    asked = {"portal": portal, "subPortal": sub, "question": "?"}
    number = int(cast.hands.perform("post", asked).session_id)
    for act in acts:
        more = {"representative": cast.rep.email} if act == "accept" else {}
        cast.hands.perform(act, {"sessionId": number, **more})
    return number


def members(cast: Cast) -> list[str]:
    with cast.world.store.reading() as tx:
        return [one.rep.email for one in tx.members()]


def sub_portals(cast: Cast) -> tuple[str, ...]:
    with cast.world.store.reading() as tx:
        known = tx.portal(cast.desk[0])
    assert known is not None
    return known.sub_portals


def test_nothing_is_left_of_who_is_removed(cast: Cast, company: str) -> None:
    """SEC-2: no desk, code, lock, access or connection; the address may be hired anew."""
    email, (portal, sub) = cast.rep.email, cast.desk
    access = Manager(email, "", Role.REPRESENTATIVE, None, "")
    manager_people.appoint(cast.world, company, access, "")
    now = cast.world.clock.now()
    with cast.world.store.writing() as tx:
        for account in (staff.account(email), management.account(email)):
            tx.set_lockout(account, HardLocked(now), now)
    standing_in.sit_down(cast.world, email)

    manager_staff.remove(cast.world, company, email)

    assert email not in members(cast)
    for table, rows in cast.tables().items():
        assert not any(email in str(row) for row in rows), table
    with cast.world.store.reading() as tx:
        assert email not in [one.rep.email for one in tx.members_at(portal, sub)]
    again = Representative(email, "Somebody Else", "Else", cast.rep.team, "192.0.2.1")
    manager_staff.hire(cast.world, company, again, GOOD, [cast.desk])
    assert email in members(cast)


@pytest.mark.parametrize("acts", [("accept",), ("accept", "start"), ("accept", "start", "end")])
def test_whom_a_session_names_is_not_removed(
    cast: Cast, company: str, acts: tuple[str, ...]
) -> None:
    """SEC-2, SESS-1: from the acceptance on, until the session is purged."""
    session_of(cast, *acts)
    before = cast.tables()

    with pytest.raises(Refused, match="deactivate instead"):
        manager_staff.remove(cast.world, company, cast.rep.email)
    assert cast.tables() == before

    if "end" in acts:
        cast.hands.advance(cast.world.clock.now() + timedelta(days=91))
        manager_staff.remove(cast.world, company, cast.rep.email)
        assert cast.rep.email not in members(cast)


def test_who_is_deactivated_does_nothing_and_is_named_on(cast: Cast, company: str) -> None:
    """SEC-2, LOGON-2: no password fits, live traffic does not seat it; a new password does."""
    number = session_of(cast, "accept", "start")
    manager_staff.deactivate(cast.world, company, cast.rep.email)
    deeds = len(cast.deeds())
    manager_staff.deactivate(cast.world, company, cast.rep.email)
    standing_in.sit_down(cast.world, cast.rep.email)

    with cast.world.store.reading() as tx:
        member, held = tx.member(cast.rep.email), tx.held(number)
        desks = tx.desks(cast.rep.email)
    assert member is not None
    assert held is not None
    assert held.session.representative == cast.rep.email
    assert (member.is_active, member.presence.connection, list(desks)) == (False, None, [])
    assert not cast.world.vault.check_password("", member.password_hash)
    assert len(cast.deeds()) == deeds

    manager_staff.reset_password(cast.world, company, cast.rep.email, GOOD)
    with cast.world.store.reading() as tx:
        again = tx.member(cast.rep.email)
    assert again is not None
    assert again.is_active


def test_a_sub_portal_goes_with_its_desks(cast: Cast, company: str) -> None:
    """SEC-2, PORTAL-2: and customers are offered the others only."""
    portal, sub = cast.desk
    manager_portals.remove_sub_portal(cast.world, company, portal, sub)

    assert sub not in sub_portals(cast)
    with cast.world.store.reading() as tx:
        assert not tx.members_at(portal, sub)
        assert cast.desk not in tx.desks(cast.rep.email)
    with pytest.raises(Refused):
        session_of(cast)


def test_a_sub_portal_that_is_named_stays(cast: Cast, company: str) -> None:
    """SEC-2, PHONE-1: by a session, by a code that works; and so does a portal's last one."""
    portal, sub = cast.desk
    others = [one for one in sub_portals(cast) if one != sub]
    session_of(cast)
    with pytest.raises(Refused, match="sessions name it"):
        manager_portals.remove_sub_portal(cast.world, company, portal, sub)
    with pytest.raises(Refused, match="none of that name"):
        manager_portals.remove_sub_portal(cast.world, company, portal, "nosuch")
    for other in others[:-1]:
        manager_portals.remove_sub_portal(cast.world, company, portal, other)
    assert set(sub_portals(cast)) == {sub, others[-1]}


def test_a_portal_keeps_one(cast: Cast, company: str) -> None:
    """SEC-2: customers have to be somewhere."""
    first, *others = sub_portals(cast)
    for other in others:
        manager_portals.remove_sub_portal(cast.world, company, cast.desk[0], other)

    with pytest.raises(Refused, match="one at least"):
        manager_portals.remove_sub_portal(cast.world, company, cast.desk[0], first)


def test_the_pages_ask_first(cast: Cast) -> None:
    """SEC-2: without scripts; what is refused is said beside the question."""
    there = logged_in(cast.made)
    page = f"{cast.made.url}{AT}/representatives/one?email={cast.rep.email}"
    number = session_of(cast, "accept", "start")

    there.get(page).follow("Remove")
    assert there.title == f"Remove {cast.rep.name}?"
    assert "Sessions have this name: deactivate instead." in there.send("Remove").text
    assert not [a for a in there.page.xpath("//main//a/@href") if str(a).startswith("#")]
    there.follow("No, go back").follow("Deactivate").send("Deactivate")
    assert "Deactivated" in there.text
    assert "Deactivate" not in [a.text_content() for a in there.page.iter("a")]

    cast.hands.perform("end", {"sessionId": number})
    cast.hands.advance(cast.world.clock.now() + timedelta(days=91))
    there = logged_in(cast.made).get(page).follow("Remove").send("Remove")
    assert there.title == "Representatives"
    assert cast.rep.email not in members(cast)


def test_a_sub_portal_is_removed_on_its_portal_s_page(cast: Cast) -> None:
    """SEC-2: after a question; the last one has no link for it."""
    there = logged_in(cast.made)
    portal = cast.desk[0]
    for name in sub_portals(cast)[1:]:
        there.get(f"{cast.made.url}{AT}/portals/one?name={portal}")
        there.follow(f"Remove {name}").send("Remove")
        assert name not in sub_portals(cast)

    assert len(sub_portals(cast)) == 1
    assert not [a for a in there.page.iter("a") if a.text_content().startswith("Remove")]

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
from broker_sim.service import (
    launching,
    manager_people,
    manager_portals,
    manager_staff,
    standing_in,
)
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


def alone(cast: Cast) -> None:
    """Take everybody else from the desk of the cast's representative."""
    with cast.world.store.writing() as tx:
        for one in tx.members_at(*cast.desk):
            if one.rep.email != cast.rep.email:
                tx.unassign(one.rep.email, cast.desk)


def open_things(cast: Cast) -> tuple[bool, bool, list[tuple[str, str]]]:
    """Tell of the cast's representative: whether available, whether connected, its desks."""
    with cast.world.store.reading() as tx:
        member = tx.member(cast.rep.email)
        assert member is not None
        there = member.presence
        return there.available, there.connection is not None, list(tx.desks(cast.rep.email))


def test_nobody_brings_who_is_deactivated(cast: Cast, company: str) -> None:
    """SEC-2, SESS-4: by name it is refused; without one somebody else is brought."""
    alone(cast)
    manager_staff.deactivate(cast.world, company, cast.rep.email)
    number, before = session_of(cast), cast.tables()

    with pytest.raises(Refused, match="deactivated"):
        cast.hands.perform("accept", {"sessionId": number, "representative": cast.rep.email})
    assert cast.tables() == before
    with cast.world.store.reading() as tx:
        first = next(one.rep.email for one in tx.members() if one.is_active)
    assert cast.hands.perform("accept", {"sessionId": number}).representative == first


def test_an_act_does_without_any_who_is_active(cast: Cast, company: str) -> None:
    """SEC-2: where all are deactivated nobody is brought."""
    for email in members(cast):
        manager_staff.deactivate(cast.world, company, email)
    number = session_of(cast)

    with pytest.raises(Refused, match="InvalidArgument"):
        cast.hands.perform("accept", {"sessionId": number})


def test_who_is_deactivated_gets_no_desk(cast: Cast, company: str) -> None:
    """SEC-2, PHONE-1: or its codes led customers to somebody who cannot log on."""
    email = cast.rep.email
    manager_staff.deactivate(cast.world, company, email)
    before = cast.tables()

    with pytest.raises(Refused, match="deactivated"):
        manager_staff.set_desks(cast.world, company, email, [cast.desk])
    with pytest.raises(Refused, match="deactivated"):
        manager_staff.serve(cast.world, company, *cast.desk, [email])
    manager_staff.set_desks(cast.world, company, email, [])
    assert cast.tables() == before

    manager_staff.reset_password(cast.world, company, email, GOOD)
    manager_staff.set_desks(cast.world, company, email, [cast.desk])
    assert open_things(cast) == (False, False, [cast.desk])


@pytest.mark.parametrize("left", ["desk", "connection"])
def test_deactivating_again_ends_what_an_older_broker_left_open(
    cast: Cast, company: str, left: str
) -> None:
    """SEC-2: where something is open it is ended, and noted; the page offers it."""
    email, now = cast.rep.email, cast.world.clock.now()
    manager_staff.deactivate(cast.world, company, email)
    with cast.world.store.writing() as tx:
        if left == "desk":
            tx.assign(email, cast.desk)
        else:
            tx.connect_rep(email, None, now)
            tx.set_available(email, available=True, since=now)
    there = logged_in(cast.made)

    there.get(f"{cast.made.url}{AT}/representatives")
    assert "Deactivated" in there.text
    there.get(f"{cast.made.url}{AT}/representatives/one?email={email}")
    assert "Deactivated" in there.text
    there.follow("Deactivate").send("Deactivate")
    assert open_things(cast) == (False, False, [])
    assert [one.action for one in cast.deeds()].count("representative.deactivate") == 2
    assert "Deactivate" not in [a.text_content() for a in there.page.iter("a")]


def test_whom_a_waiting_request_wants_is_not_removed(cast: Cast, company: str) -> None:
    """SEC-2, PORTAL-6: or whoever is hired under the address had it; a declined one may go."""
    email, (portal, sub) = cast.rep.email, cast.desk
    manager_portals.change(cast.world, company, portal, "Pick", "SmartMatch")
    standing_in.sit_down(cast.world, email)
    fields = {"name": "Eva", "question": "?", "subPortal": sub, "representative": email}
    posted = launching.launch(cast.world, portal, fields, "192.0.2.1").session
    assert posted is not None
    assert posted.events[0].detail == email

    with pytest.raises(Refused, match="a request waits"):
        manager_staff.remove(cast.world, company, email)
    assert email in members(cast)

    cast.hands.perform("abandon", {"sessionId": posted.session_id})
    manager_staff.remove(cast.world, company, email)
    assert email not in members(cast)


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

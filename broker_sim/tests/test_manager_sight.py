"""SEC-2: what a team manager, an API manager and a representative do not see is not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from broker_sim.core.management import Role
from broker_sim.core.record import Representative
from broker_sim.core.refusal import Refused
from broker_sim.service import (
    manager_dashboard,
    manager_people,
    manager_portals,
    manager_staff,
    manager_views,
)
from broker_sim.service.acting import sight_of
from broker_sim.service.staff_storage import Hired
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.tests.manager_cast import GOOD, NEW_PORTAL, Cast
from broker_sim.tests.managers_in import logged_in

MINE = {"Service Desk", "Night Desk"}


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


@pytest.fixture
def foreign(cast: Cast) -> str:
    """Give a portal that no representative of the team manager's serves."""
    manager_portals.add(cast.world, cast.managers[Role.COMPANY], NEW_PORTAL, "foreign.api", GOOD)
    return NEW_PORTAL.name


def test_a_team_manager_sees_its_teams_and_those_below(cast: Cast) -> None:
    """SEC-2: on the dashboard and in the administration; nobody else."""
    by = cast.managers[Role.TEAM]
    seen = manager_dashboard.look(cast.world, by)
    assert {rep.told.team_name for rep in seen.reps} == MINE
    assert {one.member.rep.team for one in manager_views.reps(cast.world, by)} == MINE
    assert {name for name, _ in manager_views.places(cast.world, by).teams} == MINE

    everybody = manager_dashboard.look(cast.world, cast.managers[Role.COMPANY])
    assert {rep.told.team_name for rep in everybody.reps} > MINE
    manager_people.move_team(cast.world, cast.managers[Role.COMPANY], "Night Desk", None)
    assert {one.member.rep.team for one in manager_views.reps(cast.world, by)} == {"Service Desk"}


def test_a_team_manager_sees_the_queues_that_its_people_serve(cast: Cast) -> None:
    """SEC-2: and no other, nor what was posted there."""
    company = cast.managers[Role.COMPANY]
    with cast.world.store.reading() as tx:
        manager = tx.manager(cast.managers[Role.TEAM])
        assert manager is not None
        desks = sight_of(tx, manager).desks
        every = {(p.name, sub) for p in tx.portals() for sub in p.sub_portals}
    assert desks is not None
    hidden = sorted(every - desks)
    assert hidden
    for portal, sub in every:
        cast.hands.perform("post", {"portal": portal, "subPortal": sub, "question": "?"})
    seen = manager_dashboard.look(cast.world, manager.email)
    assert {(q.portal.name, q.told.sub_portal) for q in seen.queues} == desks
    assert seen.today.posted == seen.waiting == len(desks)
    assert manager_dashboard.look(cast.world, company).today.posted == len(every)


def test_another_portal_is_as_one_that_is_not_there(cast: Cast, foreign: str) -> None:
    """SEC-2, CONN-4: the same words for both."""
    by = cast.managers[Role.TEAM]
    assert foreign not in [p.name for p in manager_dashboard.look(cast.world, by).portals]
    said = set()
    for portal in (foreign, "nowhere"):
        with pytest.raises(Refused) as problem:
            manager_dashboard.look(cast.world, by, portal)
        said.add(str(problem.value))
        with pytest.raises(Refused) as problem:
            manager_staff.set_desks(cast.world, by, cast.rep.email, [(portal, "a")])
        said.add(str(problem.value).replace("desks", "portal"))
    assert len(said) == 1


def test_a_representative_of_another_team_is_as_one_who_is_not_there(cast: Cast) -> None:
    """SEC-2: for every deed, and over HTTP."""
    by = cast.managers[Role.TEAM]
    with cast.world.store.reading() as tx:
        other = next(m.rep for m in tx.members() if m.rep.team not in MINE)
    before = cast.tables()
    for email in (other.email, "nobody@x.example"):
        changed = Representative(email, "X", "X", "Service Desk", "")
        deeds: list[tuple[Callable[..., object], tuple[object, ...]]] = [
            (manager_staff.change, (changed,)),
            (manager_staff.set_desks, (email, [cast.desk])),
            (manager_staff.reset_password, (email, GOOD)),
            (manager_staff.end_connection, (email,)),
            (manager_views.rep, (email,)),
        ]
        for do, to in deeds:
            with pytest.raises(Refused, match="none of that name"):
                do(cast.world, by, *to)
    assert cast.tables() == before
    there = logged_in(cast.made, "team")
    one = f"{cast.made.url}/manager/administration/representatives/one"
    assert there.get(one, email=other.email).answer.status_code == 404
    assert other.name not in there.answer.text
    assert there.get(one, email=cast.rep.email).answer.status_code == 200


def test_desks_out_of_sight_stay_as_they_are(cast: Cast, foreign: str) -> None:
    """SEC-2: a team manager who takes all desks away takes those that it sees."""
    company, by = cast.managers[Role.COMPANY], cast.managers[Role.TEAM]
    with cast.world.store.reading() as tx:
        manager = tx.manager(by)
        assert manager is not None
        seen = sight_of(tx, manager).desks or frozenset()
        hidden = next(
            (p.name, sub)
            for p in tx.portals()
            for sub in p.sub_portals
            if (p.name, sub) not in seen and p.name != foreign
        )
    with cast.world.store.writing() as tx:
        tx.assign(cast.rep.email, hidden)
    # now its own representative serves it, and so it sees it: another one of the team does not
    assert manager_views.rep(cast.world, by, cast.rep.email).desks.count(hidden) == 1
    manager_staff.set_desks(cast.world, by, cast.rep.email, [])
    with cast.world.store.reading() as tx:
        assert tx.desks(cast.rep.email) == []
    with pytest.raises(Refused, match="none of that name"):
        manager_staff.set_desks(cast.world, by, cast.rep.email, [hidden])
    manager_staff.set_desks(cast.world, company, cast.rep.email, [hidden])


def test_a_representative_sees_itself(cast: Cast) -> None:
    """SEC-2: its own line, and the queues that it serves."""
    by = cast.managers[Role.REPRESENTATIVE]
    seen = manager_dashboard.look(cast.world, by)
    with cast.world.store.reading() as tx:
        desks = set(tx.desks(by))
    assert [rep.told.login for rep in seen.reps] == [by]
    assert {(q.portal.name, q.told.sub_portal) for q in seen.queues} == desks


def test_an_api_manager_reads_no_customer_s_words(cast: Cast) -> None:
    """SEC-2: it counts who waits, and does not read why."""
    portal, sub = cast.desk
    words = "Something private"
    cast.hands.perform("post", {"portal": portal, "subPortal": sub, "question": words})
    assert words in logged_in(cast.made, "company").text
    assert words not in logged_in(cast.made, "api").text


def test_nobody_is_hired_under_a_manager_s_address(cast: Cast) -> None:
    """SEC-2: or who hires could end a company manager's logins, and rename it."""
    boss = Representative(cast.managers[Role.COMPANY], "Eve", "Eve", "Service Desk", "")
    with pytest.raises(Refused, match="it is taken"):
        manager_staff.hire(cast.world, cast.managers[Role.TEAM], boss, GOOD, [cast.desk])


@pytest.mark.parametrize("role", [Role.COMPANY, Role.API, Role.TEAM])
def test_a_representative_with_a_manager_s_address_is_not_that_manager(
    cast: Cast, role: Role
) -> None:
    """SEC-2: stores that have one keep manager and representative apart."""
    email, by = cast.managers[role], cast.managers[Role.TEAM]
    rep = Representative(email, "Eve", "Eve", "Service Desk", "192.0.2.1")
    with cast.world.store.writing() as tx:
        tx.hire([Hired(rep, "", (cast.desk,))], cast.world.clock.now())
        before = tx.manager(email)
    there = logged_in(cast.made, role)
    manager_staff.change(cast.world, by, replace(rep, name="Mallory"))
    manager_staff.reset_password(cast.world, by, email, GOOD)

    with cast.world.store.reading() as tx:
        assert tx.manager(email) == before
    assert there.get(f"{cast.made.url}/manager/password").title == "Your password"

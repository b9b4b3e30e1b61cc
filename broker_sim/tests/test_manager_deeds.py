"""SEC-2: each deed of a manager: who may do it, what it does, its line in the audit trail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from broker_sim.core.branding import Branding
from broker_sim.core.form import Form, FormField
from broker_sim.core.lockout import HardLocked, Locked, Open
from broker_sim.core.management import POWERS, Power, Role
from broker_sim.core.record import Representative
from broker_sim.core.refusal import Refused
from broker_sim.service import (
    manager_logins,
    manager_people,
    manager_portals,
    manager_staff,
)
from broker_sim.service.manager_storage import Manager
from broker_sim.service.ports import World
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.tests.manager_cast import GOOD, NEW_PORTAL, Cast

DEED = Callable[[World, str, "Cast"], object]


def lock(of: Cast) -> str:
    now = of.world.clock.now()
    with of.world.store.writing() as tx:
        tx.set_lockout(" " + of.rep.email, Locked(3, now + timedelta(minutes=5)), now)
        tx.set_lockout(of.login, HardLocked(now), now)
    return of.login


FORM = Form((FormField("Room", "Room"),), ())
LOOK = Branding("Company", "#0f5fa8", "C")
NEW_REP = Representative("New.Rep@x.example", "Nora Neu", "Nora", "Service Desk", "192.0.2.1")
NEW_MANAGER = Manager("new@x.example", "Nora Neu", Role.TEAM, "Field Team", "")

DEEDS: dict[str, tuple[Power, DEED]] = {
    "portal.add": (
        Power.PORTALS,
        lambda w, by, _: manager_portals.add(w, by, NEW_PORTAL, "new.api", GOOD),
    ),
    "portal.change": (
        Power.PORTALS,
        lambda w, by, of: manager_portals.change(w, by, of.portal, "Other", "SmartPin"),
    ),
    "subportal.add": (
        Power.PORTALS,
        lambda w, by, of: manager_portals.add_sub_portal(w, by, of.portal, "new"),
    ),
    "portal.lockouts": (
        Power.PORTALS,
        lambda w, by, of: manager_portals.set_hard_lockouts(w, by, of.portal, on=False),
    ),
    "portal.codes": (
        Power.PORTALS,
        lambda w, by, of: manager_portals.set_codes(w, by, of.portal, 3, timedelta(minutes=9)),
    ),
    "portal.form": (
        Power.PORTALS,
        lambda w, by, of: manager_portals.set_form(w, by, of.portal, FORM),
    ),
    "portal.branding": (
        Power.PORTALS,
        lambda w, by, of: manager_portals.set_branding(w, by, of.portal, LOOK),
    ),
    "key.set": (
        Power.KEYS,
        lambda w, by, of: manager_portals.set_security_key(w, by, of.portal, "long enough"),
    ),
    "key.clear": (
        Power.KEYS,
        lambda w, by, of: manager_portals.set_security_key(w, by, of.portal, None),
    ),
    "representative.hire": (
        Power.STAFF,
        lambda w, by, of: manager_staff.hire(w, by, NEW_REP, GOOD, [of.desk]),
    ),
    "representative.change": (
        Power.STAFF,
        lambda w, by, of: manager_staff.change(
            w, by, Representative(of.rep.email, "Other Name", "Other", "Night Desk", "")
        ),
    ),
    "representative.desks": (
        Power.STAFF,
        lambda w, by, of: manager_staff.set_desks(w, by, of.rep.email, [of.desk]),
    ),
    "subportal.serve": (
        Power.STAFF,
        lambda w, by, of: manager_staff.serve(w, by, *of.desk, []),
    ),
    "representative.password": (
        Power.STAFF,
        lambda w, by, of: manager_staff.reset_password(w, by, of.rep.email, GOOD),
    ),
    "representative.deactivate": (
        Power.STAFF,
        lambda w, by, of: manager_staff.deactivate(w, by, of.rep.email),
    ),
    "representative.remove": (
        Power.STAFF,
        lambda w, by, of: manager_staff.remove(w, by, of.rep.email),
    ),
    "subportal.remove": (
        Power.PORTALS,
        lambda w, by, of: manager_portals.remove_sub_portal(w, by, *of.desk),
    ),
    "login.add": (
        Power.LOGINS,
        lambda w, by, of: manager_logins.add(w, by, of.portal, "other.api", GOOD),
    ),
    "login.password": (
        Power.LOGINS,
        lambda w, by, of: manager_logins.set_password(w, by, of.login, GOOD),
    ),
    "login.remove": (Power.LOGINS, lambda w, by, of: manager_logins.remove(w, by, of.login)),
    "team.add": (Power.TEAMS, lambda w, by, _: manager_people.add_team(w, by, "New", "Night Desk")),
    "team.move": (
        Power.TEAMS,
        lambda w, by, _: manager_people.move_team(w, by, "Night Desk", "Field Team"),
    ),
    "manager.add": (
        Power.MANAGERS,
        lambda w, by, _: manager_people.appoint(w, by, NEW_MANAGER, GOOD),
    ),
    "manager.change": (
        Power.MANAGERS,
        lambda w, by, of: manager_people.change(
            w, by, Manager(of.managers[Role.API], "Other", Role.TEAM, "Field Team", "")
        ),
    ),
    "manager.password": (
        Power.MANAGERS,
        lambda w, by, of: manager_people.reset_password(w, by, of.managers[Role.API], GOOD),
    ),
    "manager.remove": (
        Power.MANAGERS,
        lambda w, by, of: manager_people.remove(w, by, of.managers[Role.TEAM]),
    ),
}


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


@pytest.mark.parametrize("action", DEEDS)
def test_a_deed_is_done_and_noted_in_one(cast: Cast, action: str) -> None:
    """SEC-2: by whom, to what, when; and no secret in it."""
    _, do = DEEDS[action]
    before, by = cast.tables(), cast.managers[Role.COMPANY]
    do(cast.world, by, cast)

    entry = next(one for one in cast.deeds() if one.action == action)
    assert (entry.actor, entry.at) == (by, cast.world.clock.now())
    assert cast.tables() != before
    assert GOOD not in str(cast.deeds())
    assert "long enough" not in str(cast.deeds())


@pytest.mark.parametrize("action", DEEDS)
def test_nobody_else_may_do_it(cast: Cast, action: str) -> None:
    """SEC-2: the use case itself says no, whatever a page does; nothing is changed or noted."""
    power, do = DEEDS[action]
    before = cast.tables()
    others = [cast.managers[role] for role in Role if power not in POWERS[role]]
    for by in [*others, "nobody@x.example", cast.rep.email + "x"]:
        with pytest.raises(Refused, match="NotPermitted"):
            do(cast.world, by, cast)

    assert cast.tables() == before
    assert cast.deeds() == []


@pytest.mark.parametrize("action", DEEDS)
def test_what_fails_on_the_way_is_neither_done_nor_noted(
    cast: Cast, action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SEC-2: deed and line commit together; here the line cannot be written."""
    _, do = DEEDS[action]
    before = cast.tables()
    with cast.world.store.reading() as tx:
        rows = type(tx)

    def broken(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(rows, "note_deed", broken)
    with pytest.raises(OSError, match="full"):
        do(cast.world, cast.managers[Role.COMPANY], cast)
    assert cast.tables() == before


@pytest.mark.parametrize(
    ("role", "opens"),
    [
        (Role.COMPANY, {"login", "representative"}),
        (Role.API, {"login"}),
        (Role.TEAM, {"representative"}),
    ],
)
def test_each_opens_what_it_looks_after(cast: Cast, role: Role, opens: set[str]) -> None:
    """LOGON-4, SEC-2: an API manager API logins, a team manager its representatives."""
    lock(cast)
    by = cast.managers[role]
    found = manager_logins.locked(cast.world, by)
    assert {one.kind for one in found} == opens
    for one in found:
        manager_logins.unlock(cast.world, by, one.account)

    assert manager_logins.locked(cast.world, by) == []
    for one in found:
        with pytest.raises(Refused) as late:
            manager_logins.unlock(cast.world, by, one.account)
        assert str(late.value.extra["reason"]).startswith("it is open")
    with cast.world.store.reading() as tx:
        assert (tx.lockout(cast.login) == Open()) == ("login" in opens)
        assert (tx.lockout(" " + cast.rep.email) == Open()) == ("representative" in opens)
    with pytest.raises(Refused, match="InvalidArgument"):
        manager_logins.unlock(cast.world, by, "\t" + cast.managers[Role.COMPANY])


def test_the_last_company_manager_stays_one(cast: Cast) -> None:
    """SEC-2: or nobody could give access any more."""
    by = cast.managers[Role.COMPANY]
    with pytest.raises(Refused, match="one company manager"):
        manager_people.remove(cast.world, by, by)
    with pytest.raises(Refused, match="one company manager"):
        manager_people.change(cast.world, by, Manager(by, "X", Role.API, None, ""))
    manager_people.appoint(
        cast.world, by, Manager("b@x.example", "Second", Role.COMPANY, None, ""), GOOD
    )
    manager_people.remove(cast.world, by, by)

"""LOGON-3, LOGON-4, SEC-2: what is locked now is listed, however much else is or was."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from broker_sim.core import management, staff
from broker_sim.core.lockout import HardLocked, Locked
from broker_sim.core.management import Role
from broker_sim.service import manager_logins
from broker_sim.service.storage import Login
from broker_sim.testing import RunningBroker, running_broker
from broker_sim.tests.manager_cast import Cast

TICK = timedelta(milliseconds=1)
MANY = 250  # more than one page lists


@pytest.fixture(scope="module")
def broker() -> Iterator[RunningBroker]:
    with running_broker() as running:
        yield running


def locked(cast: Cast, role: Role) -> list[str]:
    """Give the names that a manager of that role sees locked, in the order of the list."""
    found = manager_logins.locked(cast.world, cast.managers[role])
    return [one.name for one in found]


@pytest.mark.parametrize("span", [TICK, timedelta(minutes=5)])
def test_locks_that_have_ended_hide_none_that_holds(cast: Cast, span: timedelta) -> None:
    """LOGON-3, LOGON-4: however many there are, and however much newer; the end left out."""
    now = cast.world.clock.now()
    with cast.world.store.writing() as tx:
        tx.set_lockout(cast.login, HardLocked(now), now)
        tx.set_lockout("holds", Locked(3, now + span + TICK), now)
        for nth in range(MANY):
            tx.set_lockout(f"ended {nth}", Locked(3, now + span), now + TICK)
    cast.hands.advance(now + span)

    assert locked(cast, Role.API) == [cast.login, "holds"]


@pytest.mark.parametrize("role", [Role.COMPANY, Role.API, Role.TEAM])
def test_names_that_nobody_has_hide_no_account(cast: Cast, role: Role) -> None:
    """LOGON-2, SEC-2: who tries names cannot fill the list; a page of it is bounded."""
    now = cast.world.clock.now()
    lock = Locked(3, now + timedelta(minutes=5))
    mine = {
        Role.COMPANY: {cast.login, cast.rep.email, cast.managers[Role.API]},
        Role.API: {cast.login},
        Role.TEAM: {cast.rep.email},
    }[role]
    accounts = (
        cast.login,
        staff.account(cast.rep.email),
        management.account(cast.managers[Role.API]),
    )
    with cast.world.store.writing() as tx:
        for account in accounts:
            tx.set_lockout(account, lock, now)
        for nth in range(MANY):
            for name in (f"nobody {nth}", staff.account(f"{nth}@x.example")):
                tx.set_lockout(name, lock, now + TICK)

    found = locked(cast, role)
    assert set(found[: len(mine)]) == mine
    assert len(found) == (len(mine) if role is Role.TEAM else 200)


def test_accounts_out_of_sight_hide_none_in_sight(cast: Cast) -> None:
    """SEC-2: a team manager sees its people, whoever else is locked."""
    now = cast.world.clock.now()
    lock = Locked(3, now + timedelta(minutes=5))
    with cast.world.store.writing() as tx:
        portal = cast.portal
        tx.set_lockout(staff.account(cast.rep.email), lock, now)
        for nth in range(MANY):
            tx.add_login(Login(f"api {nth}", portal, "x"))
            tx.set_lockout(f"api {nth}", lock, now + TICK)

    assert locked(cast, Role.TEAM) == [cast.rep.email]
